r"""Patterns of URLs that browsers may be sent to, as ``third_party.allowed_redirect_urls`` lists them.

They are written in the language of https://github.com/gobwas/glob with ``.`` and ``/`` as separators: ``*``
stands for any text without a separator, ``**`` for any text, ``?`` for one character that is no separator,
``[a-z]`` and ``[!a-z]`` for one that is, or is not, among these, ``{a,b}`` for one of these patterns, and
``\`` takes away what the character behind it means.

Unlike Hanko 2.7.0, which compares a whole URL as one text, a pattern is taken apart into scheme, host, port,
path and fragment, so that no wildcard reaches across the end of one: ``https://**.example.com/**`` does not
match ``https://evil.test/.example.com/``.
"""

import re
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from hanko_compat.errors.config import PatternMalformed

MOST_ALTERNATIVES = 1000  # of one pattern, when each of its braces is written out
SEPARATORS = "./"
STRANGERS = (
    "stranger.test",
    "of.a.stranger.test",
    "stranger.com",
    "stranger.net",
    "stranger.org",
    "stranger.dev",
    "stranger.co.uk",
    "stranger.github.io",
    "stranger.herokuapp.com",
    "stranger.netlify.app",
    "stranger.pages.dev",
    "stranger.vercel.app",
    "stranger.web.app",
)
"""Hosts that anybody can have, also below those that many share."""


class _Token(NamedTuple):
    """A part of a pattern: a character that stands for itself, or a wildcard as a regular expression."""

    character: str
    wildcard: str = ""

    @property
    def expression(self) -> str:
        return self.wildcard or re.escape(self.character)


ANYTHING = _Token("", ".*")
WITHIN = _Token("", f"[^{SEPARATORS}]*")
ONE = _Token("", f"[^{SEPARATORS}]")
_WEB = _Token("", r"(?=https?\Z)")  # a wildcard lets no other schemes in
ANY_CASE = re.IGNORECASE | re.ASCII
# The characters of the URLs that browsers may be sent to, as `hanko_compat.services.redirects` reads them.
_OF_SCHEMES = re.compile(r"[A-Za-z0-9+.-]")
_OF_HOSTS = re.compile(r"[A-Za-z0-9._-]")
_OF_PORTS = re.compile(r"[0-9]")
_OF_PATHS = re.compile(r"[!#-;=?-\[\]^_a-~]")
Tokens = tuple[_Token, ...]


@dataclass(frozen=True, slots=True)
class RedirectPattern:
    """One alternative of a pattern, a regular expression for each part of a URL.

    ``port`` is None where the pattern names none: that of the scheme is meant. Where the pattern has a ``?``,
    it may be that of a query: ``before_query`` and ``query`` are what stands on either side of it.
    ``fragment`` is None where the pattern has none: any is meant. ``strays`` are characters that no URL has
    where they stand, so that none fits.
    """

    scheme: re.Pattern[str]
    host: re.Pattern[str]
    port: re.Pattern[str] | None
    path: re.Pattern[str]
    before_query: re.Pattern[str] | None
    query: re.Pattern[str] | None
    fragment: re.Pattern[str] | None
    strays: str


def parse(pattern: str) -> list[RedirectPattern]:
    """Read a pattern; one with braces is several.

    Raises:
        PatternMalformed: broken, or without scheme and host.
    """
    return [_take_apart(tokens) for tokens in _Reader(pattern).read()]


def lets_strangers_in(pattern: str) -> bool:
    """Whether a host that anybody can have fits *pattern*."""
    try:
        alternatives = parse(pattern)
    except PatternMalformed:
        return False
    return any(found.host.fullmatch(host) for found in alternatives for host in STRANGERS)


def strays_in(pattern: str) -> str:
    """The characters for which no URL fits *pattern*, such as those of a regular expression; "" for none."""
    try:
        found = [alternative.strays for alternative in parse(pattern)]
    except PatternMalformed:
        return ""
    return found[0] if all(found) else ""


class _Reader:
    """Reads one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0

    def read(self) -> list[Tokens]:
        """Every alternative of the whole pattern."""
        found = self._alternatives(until="")
        if self._at < len(self._text):
            raise PatternMalformed(f"{self._text[self._at]} without its beginning")
        return found

    def _alternatives(self, *, until: str) -> list[Tokens]:
        """The alternatives up to one of the characters *until*, or the end."""
        parts: list[list[Tokens]] = []
        while self._at < len(self._text) and self._text[self._at] not in until:
            character = self._text[self._at]
            if character in "]}":
                break
            parts.append(self._braces() if character == "{" else [(self._token(),)])
        count = 1
        for part in parts:
            count *= len(part)
        if count > MOST_ALTERNATIVES:
            raise PatternMalformed("too many alternatives")
        return [sum(chosen, ()) for chosen in product(*parts)]

    def _braces(self) -> list[Tokens]:
        found: list[Tokens] = []
        while True:
            self._at += 1  # the brace, or the comma
            found += self._alternatives(until=",}")
            if self._text[self._at : self._at + 1] == "}":
                self._at += 1
                return found
            if self._text[self._at : self._at + 1] != ",":
                raise PatternMalformed("{ without }")

    def _token(self) -> _Token:
        character = self._next()
        match character:
            case "*":
                if self._text[self._at : self._at + 1] != "*":
                    return WITHIN
                while self._text[self._at : self._at + 1] == "*":
                    self._at += 1
                return ANYTHING
            case "?":
                return ONE
            case "[":
                return self._class()
            case "\\":
                return _Token(self._next())
        return _Token(character)

    def _class(self) -> _Token:
        """Characters and ranges of them. Separators never are among what ``!`` lets in."""
        negated = self._text[self._at : self._at + 1] == "!"
        self._at += negated
        members = ""
        while (low := self._next()) != "]":
            low = self._next() if low == "\\" else low
            members += re.escape(low)
            if self._text[self._at : self._at + 1] == "-":
                self._at += 1
                high = self._next()
                high = self._next() if high == "\\" else high
                if high < low:
                    raise PatternMalformed("a range that ends before it begins")
                members += f"-{re.escape(high)}"
        if not members:
            raise PatternMalformed("[ ] with nothing in it")
        return _Token("", f"[^{SEPARATORS}{members}]" if negated else f"[{members}]")

    def _next(self) -> str:
        if self._at == len(self._text):
            raise PatternMalformed("it ends too early")
        self._at += 1
        return self._text[self._at - 1]


def _take_apart(tokens: Tokens) -> RedirectPattern:
    scheme_end = _find(tokens, "://")
    if not scheme_end:
        raise PatternMalformed("no scheme, as in https://")
    scheme, rest = tokens[:scheme_end], tokens[scheme_end + 3 :]
    sharp = _find(rest, "#")
    rest, fragment = (rest, None) if sharp is None else (rest[:sharp], rest[sharp + 1 :])
    path_start = _find(rest, "/")
    authority, path = (rest, ()) if path_start is None else (rest[:path_start], rest[path_start:])
    if not path and authority and authority[-1] == ANYTHING:
        # `https://example.com**` means any path of this host, and not any host that begins so.
        path = (ANYTHING,)
        authority = authority[:-1] if _is_complete(authority[:-1]) else authority
    colon = _find(authority, ":")
    host, port = (authority, None) if colon is None else (authority[:colon], authority[colon + 1 :])
    if not host:
        raise PatternMalformed("no host")
    mark = next((at for at, token in enumerate(path) if token == ONE or token.character == "?"), None)
    return RedirectPattern(
        scheme=_compile(
            (_WEB, *scheme) if any(token.wildcard for token in scheme) else scheme, flags=ANY_CASE
        ),
        host=_compile(host, flags=ANY_CASE),
        port=None if port is None else _compile(port),
        path=_compile(path),
        before_query=None if mark is None else _compile(path[:mark]),
        query=None if mark is None else _compile(path[mark + 1 :]),
        fragment=None if fragment is None else _compile(fragment),
        strays=_strays(
            (scheme, _OF_SCHEMES),
            (host, _OF_HOSTS),
            (port or (), _OF_PORTS),
            ((*path, *(fragment or ())), _OF_PATHS),
        ),
    )


def _strays(*parts: tuple[Tokens, re.Pattern[str]]) -> str:
    found = (
        token.character
        for tokens, characters in parts
        for token in tokens
        if token.character and not characters.fullmatch(token.character)
    )
    return "".join(dict.fromkeys(found))


def _is_complete(authority: Tokens) -> bool:
    return bool(authority) and authority[-1].character not in (".", ":")


def _find(tokens: Tokens, text: str) -> int | None:
    """Where the characters of *text* stand one after the other."""
    characters = [token.character for token in tokens]
    wanted = list(text)
    return next((at for at in range(len(tokens)) if characters[at : at + len(text)] == wanted), None)


def _compile(tokens: Tokens, *, flags: int = 0) -> re.Pattern[str]:
    return re.compile("".join(token.expression for token in tokens), re.DOTALL | flags)
