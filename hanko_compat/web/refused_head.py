"""Requests that the HTTP server refuses while it reads their head: too long, or no proper HTTP (RFC 9112).

The application answers them like all others, so that they have the form of their door, CORS headers, a name
and a log line. For that the server hands over what it can make out of the head, with the status to answer.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import abort

STATUS = "hanko_compat.refused"
"""The key of a WSGI environment that has the status."""

LONGEST = 1024  # characters of a path or a value that are read
METHOD = re.compile(r"[A-Z]{3,20}")
TARGET = re.compile(r"(?:/|[A-Za-z][A-Za-z0-9+.-]*://)[\x21-\x7e]*")
VALUE = re.compile(r"[\x20-\x7e]*")
HEADERS = frozenset({"ORIGIN", "X-FORWARDED-FOR", "X-REQUEST-ID"})
"""What an answer depends on."""


@dataclass(frozen=True, slots=True)
class RefusedHead:
    """What can be made out of a head; the method GET and the target ``/`` where that is nothing."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    """Names in upper case, and values."""


def read(received: bytes) -> RefusedHead:
    """Make out what there is in the first bytes of a request."""
    text, _, _ = received.decode("latin-1").lstrip("\r\n").replace("\r\n", "\n").partition("\n\n")
    first, *lines = text.split("\n")
    method, _, rest = first.partition(" ")
    target = TARGET.match(rest.partition(" ")[0])
    return RefusedHead(
        method=method if METHOD.fullmatch(method) else "GET",
        target=target[0].partition("?")[0][:LONGEST] if target else "/",
        headers=tuple(_headers(lines)),
    )


def check(environ: Mapping[str, Any]) -> None:
    """Let pass what the server has not refused.

    Raises:
        HTTPException: with the status that it found.
    """
    status = environ.get(STATUS)
    if status is not None:
        abort(status)


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, _, value = line.partition(":")
        value = value.strip(" \t")
        if name.upper() in HEADERS and len(value) <= LONGEST and VALUE.fullmatch(value):
            yield name.upper(), value
