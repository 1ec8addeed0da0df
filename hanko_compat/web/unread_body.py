"""Discards what a view left of a body, so that the caller gets the answer and the connection stays usable.

A server that closes a connection with unread bytes in it sends a reset, which can overtake the answer
(RFC 9112 s. 9.6).
"""

from collections.abc import Mapping
from typing import Any

from gunicorn.http.errors import ParseException

CHUNK = 64 * 1024  # bytes
MAX_DISCARDED = 32 * 1024 * 1024  # bytes; a caller that sends more is cut off


def discard(environ: Mapping[str, Any]) -> None:
    """Read the rest of the request's body and keep nothing of it."""
    if not environ.get("wsgi.input_terminated"):
        return  # reading could wait for ever
    if environ.get("CONTENT_LENGTH") in {None, "", "0"} and "HTTP_TRANSFER_ENCODING" not in environ:
        return
    stream = environ["wsgi.input"]
    try:
        for _ in range(MAX_DISCARDED // CHUNK):
            if not stream.read(CHUNK):
                return
    except (ParseException, OSError):
        return  # badly framed or gone: gunicorn closes the connection
