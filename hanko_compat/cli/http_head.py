"""A request that has arrived, read by gunicorn within a bound of length."""

import re
from collections.abc import Iterator
from typing import Any

from gunicorn.http import errors
from gunicorn.http.message import Request as GunicornRequest
from gunicorn.http.parser import RequestParser

from hanko_compat.cli.http_arrival import Arrival

# Unlike Hanko 2.7.0: it takes a megabyte.
LONGEST = 128 * 1024  # bytes of a head
PIECE = 256 * 1024  # bytes of a body that gunicorn copies at a time
HOST = re.compile(r"[A-Za-z0-9!$%&'()*+,.:;=\[\]_~-]*")
"""What may stand in ``Host`` (RFC 9110 s. 7.2, RFC 3986 s. 3.2.2)."""


class RequestTooSlow(errors.ParseException):  # type: ignore[misc]  # gunicorn has no types
    """A request has not arrived in time. A kind of gunicorn's own errors, and so not in `errors`."""


class Request(GunicornRequest):  # type: ignore[misc]  # gunicorn has no types
    """A request that is told apart, once it is refused, from one that the application let fail."""

    def __init__(self, cfg: Any, unreader: Any, peer: Any, number: int, *, arrival: Arrival) -> None:
        """Read the head; an error gets it as ``head``, as far as it has arrived.

        Raises:
            ParseException: it is refused.
            NoMoreData: its caller went away.
        """
        try:
            if arrival.is_late:
                raise RequestTooSlow
            self._read(cfg, unreader, peer, number, arrival)
        except errors.ParseException as error:
            error.head = arrival.head
            raise

    def _read(self, cfg: Any, unreader: Any, peer: Any, number: int, arrival: Arrival) -> None:
        try:
            super().__init__(cfg, unreader, peer, number)
        except errors.NoMoreData as error:
            if len(arrival.head) > LONGEST:
                raise errors.LimitRequestHeaders("longest head") from error
            raise
        if len(arrival.head) > LONGEST:
            raise errors.LimitRequestHeaders("longest head")
        self._check_host()
        self._expected_100_continue = False  # the caller was asked already, or has not waited for it
        if arrival.is_cut and not arrival.has_certain_end:
            self.force_close()

    def _peer_is_trusted_proxy(self) -> bool:
        """As gunicorn, which would parse the address of each peer to find it in an empty list."""
        if isinstance(self.peer_addr, tuple) and not self.cfg.forwarded_allow_ips:
            return False
        return bool(super()._peer_is_trusted_proxy())

    def _check_host(self) -> None:
        """As Hanko 2.7.0, and as RFC 9112 s. 3.2 has it; gunicorn refuses a second one by itself."""
        host = next((value for name, value in self.headers if name == "HOST"), None)
        if host is None:
            if self.version >= (1, 1) and self.method != "CONNECT":
                raise errors.InvalidHeader("HOST", req=self)
        elif not HOST.fullmatch(host):
            raise errors.InvalidHeader("HOST", req=self)


class Parser(RequestParser):  # type: ignore[misc]  # gunicorn has no types
    """Makes a request of what has arrived: never of more, so that no thread waits for a caller."""

    def __init__(self, cfg: Any, arrival: Arrival, peer: Any) -> None:
        """*peer* is the address of the caller's end."""
        super().__init__(cfg, _pieces(arrival), peer)
        self._arrival = arrival

    def mesg_class(self, *arguments: Any) -> Request:
        """Make the request."""
        return Request(*arguments, arrival=self._arrival)

    def finish_body(self, *arguments: Any, **options: Any) -> bool:
        """Whether the next request may follow. Of a body that was cut there is no rest to discard."""
        if self.mesg and self._arrival.is_cut:
            return self._arrival.has_certain_end
        return bool(super().finish_body(*arguments, **options))

    def keep_what_is_behind(self) -> bool:
        """Keep what was sent behind the request for the next one; False where its own end is uncertain."""
        has_rest = self.unreader.take_buffered() or self.unreader.chunk()
        if has_rest and not self._arrival.is_cut:
            return False
        self.unreader.unread(self._arrival.behind)
        return True


def _pieces(arrival: Arrival) -> Iterator[bytes]:
    # gunicorn searches all of a head for its end again whenever a part arrives.
    yield arrival.head
    for start in range(0, len(arrival.body), PIECE):
        yield bytes(arrival.body[start : start + PIECE])
