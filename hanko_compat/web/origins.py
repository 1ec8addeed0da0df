"""Which web origins (RFC 6454) match a list of origins and patterns.

In a pattern ``*`` stands for one or more characters of a host name or a port, ``?`` for one: letters, digits,
dots, hyphens, underscores. Neither matches ``/``, ``@`` or ``:``, so they can't swallow a scheme, a user or a
port; everything else is taken literally, the scheme of an app or an extension too. ``https://*.example.com``
matches ``https://a.example.com`` and ``https://a.b.example.com``, not ``https://example.com``.
"""

import re
from collections.abc import Iterable

ANY = "*"
WILDCARDS = {"*": "[A-Za-z0-9._-]+", "?": "[A-Za-z0-9._-]"}
NULL = "null"  # what sandboxed frames and local files send: no site's origin
LONGEST_ORIGIN = 512  # characters; a host name has at most 253


class Origins:
    """A list of origins and patterns."""

    def __init__(
        self, patterns: Iterable[str], *, exact: Iterable[str] = (), allow_any: bool = False
    ) -> None:
        """*exact* ones are compared as they are; *allow_any* lets the pattern ``*`` stand for all."""
        listed = frozenset(patterns)
        globs = {pattern for pattern in listed if not WILDCARDS.keys().isdisjoint(pattern)}
        self._allow_any = allow_any and ANY in globs
        self._exact = (listed - globs | frozenset(exact)) - {NULL, ""}
        self._globs = re.compile("|".join(map(_translate, sorted(globs - {ANY}))))

    def match(self, origin: str) -> bool:
        """Whether *origin*, as a browser sends it, is on the list; ``null`` never is."""
        if origin in self._exact:
            return True
        if origin == NULL or len(origin) > LONGEST_ORIGIN:
            return False
        return self._allow_any or (origin != "" and self._globs.fullmatch(origin) is not None)


def _translate(pattern: str) -> str:
    return "".join(WILDCARDS.get(character) or re.escape(character) for character in pattern)
