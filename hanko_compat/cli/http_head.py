"""The head of a request, read by gunicorn within bounds of time and length.

gunicorn by itself waits for the rest of a head for as long as its caller likes, and holds a thread for it.
"""

import re
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from gunicorn.http import errors
from gunicorn.http.message import Request as GunicornRequest
from gunicorn.http.parser import RequestParser

T = TypeVar("T")

# Unlike Hanko 2.7.0: it waits for as long as it takes, and for a megabyte.
PATIENCE = 20.0  # seconds for the rest of a head, once its first bytes are there
LONGEST = 128 * 1024  # bytes of a head: gunicorn searches all of it for its end again whenever a part arrives
MOST_READ = 1024 * 1024  # bytes of a longer one, for what has to be in the answer
HEAD_END = b"\r\n\r\n"
HOST = re.compile(r"[A-Za-z0-9!$%&'()*+,.:;=\[\]_~-]*")
"""What may stand in ``Host`` (RFC 9110 s. 7.2, RFC 3986 s. 3.2.2)."""


class HeadTooSlow(errors.ParseException):  # type: ignore[misc]  # gunicorn has no types
    """A caller holds a thread, and sends no head. A kind of gunicorn's own errors, and so not in `errors`."""


class Request(GunicornRequest):  # type: ignore[misc]  # gunicorn has no types
    """A request that is told apart, once it is refused, from one that the application let fail."""

    def __init__(self, *arguments: Any) -> None:
        """Read the head; an error gets it as ``head``, as far as it was read.

        Raises:
            ParseException: it is refused.
        """
        self._received = bytearray()
        self._until: float | None = None
        try:
            super().__init__(*arguments)
            self._check_host()
        except errors.ParseException as error:
            error.head = bytes(self._received)
            raise
        finally:
            if self._until is not None:
                self.unreader.sock.settimeout(None)
        self._received.clear()

    def read_into(self, unreader: Any, buf: bytearray, stop: bool = False) -> None:
        """Remember what is read, and wait for it as long as a head may take.

        Raises:
            HeadTooSlow: it takes longer.
            LimitRequestHeaders: it is longer than `LONGEST`.
        """
        known = len(buf)
        read = partial(super().read_into, unreader, buf, stop)
        if not self._received:  # there is something, else no thread would be at work
            read()
        elif len(self._received) < LONGEST:
            self._in_time(unreader, read)
        else:
            self._read_on(unreader)
            raise errors.LimitRequestHeaders("longest head")
        self._received += buf[known:]

    def _read_on(self, unreader: Any) -> None:
        """Read a head that is too long to its end, within bounds: its caller reads no answer before."""
        searched = 0
        while self._received.find(HEAD_END, searched) < 0 and len(self._received) < MOST_READ:
            searched = len(self._received) - len(HEAD_END) + 1
            part: bytes = self._in_time(unreader, unreader.read)
            if not part:
                return
            self._received += part

    def _in_time(self, unreader: Any, read: Callable[[], T]) -> T:
        self._limit_time(unreader.sock)
        try:
            return read()
        except TimeoutError as error:
            raise HeadTooSlow from error

    def _limit_time(self, connection: socket.socket) -> None:
        now = time.monotonic()
        if self._until is None:
            self._until = now + PATIENCE
        if now >= self._until:
            raise HeadTooSlow
        connection.settimeout(self._until - now)

    def _check_host(self) -> None:
        """As Hanko 2.7.0, and as RFC 9112 s. 3.2 has it; gunicorn refuses a second one by itself."""
        host = next((value for name, value in self.headers if name == "HOST"), None)
        if host is None:
            if self.version >= (1, 1) and self.method != "CONNECT":
                raise errors.InvalidHeader("HOST", req=self)
        elif not HOST.fullmatch(host):
            raise errors.InvalidHeader("HOST", req=self)


class Parser(RequestParser):  # type: ignore[misc]  # gunicorn has no types
    """Makes the requests of a connection."""

    mesg_class = Request
