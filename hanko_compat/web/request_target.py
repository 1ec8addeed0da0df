"""The path of a request as its caller wrote it: nothing in it is decoded, merged or resolved.

A proxy in front, which has rules for paths, and this server then read the same text. So ``//me``, ``/%6De``
and ``/./me`` are other paths than ``/me``, as in Hanko 2.7.0, and nobody passes a rule by another spelling.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from werkzeug.exceptions import NotFound

UNRESERVED = "$&+,:;=@"
"""What may stand in a segment as it is, beside letters, digits and ``-._~`` (RFC 3986 s. 3.3)."""

AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
"""What stands before the path in the absolute form (RFC 9112 s. 3.2.2)."""


SLASH = r"(?:[/\\]|%(?:25)*(?:2f|5c|c0%(?:25)*af))"
DOT = r"(?:\.|%(?:25)*(?:2e|c0%(?:25)*ae))"
END = rf"(?:{SLASH}|[;#]|%(?:25)*(?:3b|23)|$)"
AMBIGUOUS = re.compile(rf"//|(?:^|{SLASH}){DOT}{{1,2}}{END}", re.IGNORECASE)
"""What leads some readers elsewhere: slashes to merge and dot segments to resolve (RFC 3986 s. 5.2.4), also
encoded several times or in more bytes than needed, with a backslash for a slash, or parameters behind dots.
"""


def path_of(environ: Mapping[str, Any]) -> str:
    """The path, below the one where the application is mounted; what is no path does not begin with a slash.

    gunicorn and werkzeug hand the target of the request (RFC 9112 s. 3.2) over as ``RAW_URI``, others as
    ``REQUEST_URI``. Where a server has neither, the decoded path is all there is.
    """
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI", "")
    if not target:
        return environ.get("PATH_INFO") or "/"
    path = target.partition("?")[0]
    if not path.startswith("/"):
        authority = AUTHORITY.match(path)
        if authority is not None:
            path = path[authority.end() :] or "/"
    mount = environ.get("SCRIPT_NAME")
    return _below(mount, path) if mount else path


def mount_of(environ: Mapping[str, Any]) -> str:
    """The path at which the application is mounted, as cookies have it; ``/`` where it has the host."""
    return quote(environ.get("SCRIPT_NAME") or "/", safe=f"/{UNRESERVED.replace(';', '')}")


def check(path: str) -> None:
    """Let pass a path that everybody reads alike, also a proxy in front that has rules for paths.

    Raises:
        NotFound: there is nothing at any other, whoever asks.
    """
    if AMBIGUOUS.search(path):
        raise NotFound


def value_in(segment: str) -> str:
    """What a segment of a path says: decoded, where it could not have been written with less encoding.

    As Hanko 2.7.0: ``%7B`` is a brace, which has to be encoded; ``%3A`` is no colon, which need not be.
    """
    value = unquote(segment)
    return value if quote(value, safe=UNRESERVED) == segment else segment


def _below(mount: str, path: str) -> str:
    """*path* without *mount*; "" where it lies elsewhere."""
    if path == mount:
        return "/"
    return path.removeprefix(mount) if path.startswith(f"{mount}/") else ""
