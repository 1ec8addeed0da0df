"""Text that the server records by itself, such as a ``User-Agent``: no log-in is refused for its characters.

A database whose encoding is not UTF-8 lacks characters. What a caller asks to store has to be refused then;
what is only noted is written in ASCII instead, once the database has refused it as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from unicodedata import normalize

_only_ascii: ContextVar[bool] = ContextVar("only_ascii", default=False)


@contextmanager
def only_ascii() -> Iterator[None]:
    """Let recorded text be ASCII in this block, on this thread."""
    before = _only_ascii.set(True)
    try:
        yield
    finally:
        _only_ascii.reset(before)


def is_only_ascii() -> bool:
    """Whether recorded text is ASCII at present."""
    return _only_ascii.get()


def recorded(text: str) -> str:
    """*text* as it is to be stored: usually as it is, else without accents and with ``?`` for other letters.

    It gets no longer by that.
    """
    if text.isascii() or not _only_ascii.get():
        return text
    # Unlike Hanko 2.7.0: no log-in fails for it.
    bare = "".join(normalize("NFD", each)[0] for each in text)
    return bare.encode("ascii", "replace").decode()


def recorded_json(text: str) -> str:
    """*text*, which is JSON, as it is to be stored: usually as it is, else with escapes (RFC 8259 s. 7)."""
    if text.isascii() or not _only_ascii.get():
        return text
    # Only strings have such characters, and there an escape is the same character.
    return "".join(each if each.isascii() else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[start : start + 2].hex()}" for start in range(0, len(units), 2))
