"""Entries of an import file, one after the other: of the file no more than an entry is in memory."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import ijson
from ijson import IncompleteJSONError, JSONError, ObjectBuilder

from hanko_compat.errors.transfer import ImportFileUnreadable

CHUNK = 64 * 1024  # bytes
LARGEST_ENTRY = 8 * 1024 * 1024
"""Bytes of an entry; real ones have some hundred."""
DEEPEST = 32
"""Levels of lists and objects, the outermost list included; real files have some five."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Advance = Callable[[int], None]
"""Called with how much more is done."""


def fingerprint(file: BinaryIO) -> str:
    """What identifies the content of a file: its SHA-256 in hexadecimal. The file is read from its start."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def entries(file: BinaryIO, advance: Advance = lambda _: None) -> Iterator[Any]:
    """The entries of the JSON array in a *file*, from its start; *advance* is told of bytes that were read.

    Raises:
        ImportFileUnreadable: no JSON array, or one that does not end; the text says behind which entry.
    """
    file.seek(0)
    source = _Source(file, advance)
    number = 0
    try:
        if source.first() != b"[":
            raise ImportFileUnreadable("the file does not begin with a JSON array of users: [{...}, ...]")
        for entry in _values(source):
            number += 1
            source.is_bounded_from_here()
            yield entry
    except (IncompleteJSONError, JSONError, UnicodeDecodeError) as error:
        place = f"behind entry {number}" if number else "before the first entry"
        words = " ".join(str(error).partition("\n")[0].split())
        raise ImportFileUnreadable(f"the file is no JSON {place}: {words}") from error


def _values(source: "_Source") -> Iterator[Any]:
    """The elements of the outermost array.

    Not by ``ijson.items``, which names the path to each value: deep nesting would take all memory.
    """
    depth = 0
    builder = ObjectBuilder()
    for event, value in ijson.basic_parse(source, use_float=True, buf_size=CHUNK):
        if event in {"end_map", "end_array"}:
            depth -= 1
        if depth:
            builder.event(event, value)
        if event in {"start_map", "start_array"}:
            depth += 1
            if depth > DEEPEST:
                raise ImportFileUnreadable(f"an entry has more than {DEEPEST - 1} levels: that is no user")
        elif depth == 1 and event != "map_key":
            yield builder.value
            builder = ObjectBuilder()


class _Source:
    """The bytes of a file without a byte order mark, no more of them for one entry than it may have."""

    def __init__(self, file: BinaryIO, advance: Advance) -> None:
        self._file = file
        self._advance = advance
        self._given = 0
        self._entry_from = 0
        self._ahead = b""

    def first(self) -> bytes:
        """The first byte that is no blank; "" at the end."""
        chunk = self._file.read(CHUNK).removeprefix(BYTE_ORDER_MARK)
        self._ahead = chunk
        return chunk.lstrip()[:1]

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        if self._given - self._entry_from > LARGEST_ENTRY:
            raise ImportFileUnreadable(
                f"an entry has more than {LARGEST_ENTRY // 1024 // 1024} MB: that is no user"
            )
        if size == 0:  # asked by ijson, to see that these are bytes
            return b""
        chunk, self._ahead = self._ahead or self._file.read(size), b""
        self._given += len(chunk)
        self._advance(len(chunk))
        return chunk

    def is_bounded_from_here(self) -> None:
        """An entry has ended: the next one may have as many bytes again."""
        self._entry_from = self._given
