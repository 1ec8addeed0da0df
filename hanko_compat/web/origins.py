"""Which web origins (RFC 6454) match a list of origins and patterns.

A ``*`` in a pattern stands for one or more characters of a host name or a port: letters, digits, dots, hyphens, underscores. It never
matches ``/``, ``@`` or ``:``, so it can't swallow a scheme, a user or a port; everything else is taken literally.
``https://*.example.com`` matches ``https://a.example.com`` and ``https://a.b.example.com``, not ``https://example.com``.
"""

import re
from collections.abc import Iterable

ANY = "*"
NULL = "null"  # what sandboxed frames and local files send: nobody's origin
LONGEST_ORIGIN = 512  # characters; a host name has at most 253


class Origins:
    """A list of origins to ask."""

    def __init__(self, patterns: Iterable[str], *, allow_any: bool = False) -> None:
        listed = frozenset(patterns)
        self._allow_any = allow_any and ANY in listed
        self._exact = frozenset(pattern for pattern in listed if "*" not in pattern) - {NULL}
        globs = sorted(pattern for pattern in listed - {ANY} if "*" in pattern)
        self._globs = re.compile("|".join(map(_translate, globs))) if globs else None

    def match(self, origin: str) -> bool:
        """Whether *origin*, as a browser sends it, is on the list; ``null`` never is."""
        if origin in self._exact:
            return True
        if origin == NULL or len(origin) > LONGEST_ORIGIN:
            return False
        return self._allow_any or (self._globs is not None and self._globs.fullmatch(origin) is not None)


def _translate(pattern: str) -> str:
    return "[A-Za-z0-9._-]+".join(map(re.escape, pattern.split("*")))
