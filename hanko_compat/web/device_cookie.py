"""The device cookie on the wire: its name, and what a request brings of it."""

from flask import Request

COOKIE = "hanko_compat_device"
SEPARATOR = "~"
# Other hosts of a parent domain may set a cookie of this name, too, and a browser may send theirs first.
MOST = 3


def read(request: Request) -> str | None:
    """The value of the device cookie, unverified; several are joined. None without one."""
    # Most requests need no cookie, so the header is not parsed for nothing.
    if COOKIE not in request.environ.get("HTTP_COOKIE", ""):
        return None
    return SEPARATOR.join(request.cookies.getlist(COOKIE)[:MOST]) or None
