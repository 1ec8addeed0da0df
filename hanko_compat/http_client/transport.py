"""Requests over guarded connections, for `Client` and for libraries that use HTTPX.

``httpx2.Client(transport=Transport(...), trust_env=False)`` is guarded in all that it does: each request,
those of redirects included, goes through here. A connection serves one request and is closed then, unless the
request says where it is kept for the next one.
"""

import socket
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property

import httpcore2
import httpx2

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client import body
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.kept import KeptConnection
from hanko_compat.http_client.look_up import Resolve
from hanko_compat.http_client.network import Network
from hanko_compat.special_purpose import Networks

MAX_BYTES = 1024 * 1024
"""How long the body of an answer may be."""
TIMED_OUT = "timed out"
SAFE = frozenset({"GET", "HEAD"})
"""Methods of requests that may be sent twice."""
CONSUMED = ("content-encoding", "content-length", "transfer-encoding")
"""Headers about the body on its way: the answer is returned with the body read and decoded."""


class Transport(httpx2.BaseTransport):
    """Sends requests and reads answers. Threads may share it."""

    def __init__(
        self,
        *,
        timeout: float,
        networks: Networks = (),
        private_hosts: Collection[str] = (),
        max_bytes: int = MAX_BYTES,
        resolve: Resolve = socket.getaddrinfo,
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        """Build it without a connection.

        A request with its answer takes no longer than *timeout* seconds, the look-up of the name included.
        *networks* may be connected to although they are not public, and so may *private_hosts*, names or
        addresses in lower case, as far as they are in a private network. No answer's body is longer than
        *max_bytes*. *resolve* looks names up. *make_tls* says which certificates are trusted, by default
        those of the system.
        """
        self._timeout = timeout
        self._networks = networks
        self._private_hosts = private_hosts
        self._max_bytes = max_bytes
        self._resolve = resolve
        self._make_tls = make_tls

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send *request*; return the answer with its body.

        ``request.extensions`` may have a ``deadline`` that counts instead of the own timeout, and with
        ``kept`` a `KeptConnection`.

        Raises:
            RequestFailed: no answer, one that is too long, or none in time.
        """
        kept: KeptConnection | None = request.extensions.get("kept")
        if kept is not None and request.method in SAFE:
            connection = kept.take(_url(request).origin)
            if connection is not None:
                # The server may end it at this moment; what is safe may be sent again (RFC 9110 s. 9.2.2).
                with suppress(RequestFailed):
                    return self._read(request, connection, kept)
        return self._read(request, self._connection(request), kept)

    def status_of(self, request: httpx2.Request) -> int:
        """Send *request*; return the status of the answer, and read nothing of its body.

        Raises:
            RequestFailed: no answer, or none in time.
        """
        connection = self._connection(request)
        with closing(connection), self._answer(request, connection, is_last=True) as answer:
            return answer.status

    def _read(
        self, request: httpx2.Request, connection: httpcore2.HTTPConnection, kept: KeptConnection | None
    ) -> httpx2.Response:
        """Send *request* over *connection*, which is *kept* or closed then."""
        with ExitStack() as at_end:
            at_end.callback(connection.close)
            with self._answer(request, connection, is_last=kept is None) as answer:
                headers = httpx2.Headers(answer.headers)
                content = body.read(
                    answer.iter_stream(),
                    coding=headers.get("content-encoding", ""),
                    max_bytes=self._max_bytes,
                )
            if kept is not None:
                at_end.pop_all()
                kept.keep(connection)
        for name in CONSUMED:
            headers.pop(name, None)
        return httpx2.Response(answer.status, headers=headers, content=content, request=request)

    @contextmanager
    def _answer(
        self, request: httpx2.Request, connection: httpcore2.HTTPConnection, *, is_last: bool
    ) -> Iterator[httpcore2.Response]:
        if is_last:
            request.headers["Connection"] = "close"
        wanted = httpcore2.Request(
            request.method,
            _url(request),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        try:
            answer = connection.handle_request(wanted)
            with closing(answer):
                yield answer
        except (OSError, ValueError, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise RequestFailed(_cause(error)) from error

    def _connection(self, request: httpx2.Request) -> httpcore2.HTTPConnection:
        """A new one; it is made with the first request."""
        return httpcore2.HTTPConnection(
            _url(request).origin,
            ssl_context=self._tls if request.url.scheme == "https" else None,
            network_backend=Network(
                deadline=request.extensions.get("deadline") or Deadline(self._timeout),
                networks=self._networks,
                may_be_private=request.url.host in self._private_hosts,
                resolve=self._resolve,
            ),
        )

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The certificates, read when they are first needed, as that takes 20 to 60 ms."""
        return self._make_tls()


def _url(request: httpx2.Request) -> httpcore2.URL:
    """What is asked for, and its server."""
    url = request.url
    return httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _cause(error: Exception) -> str:
    """What went wrong, without a word of what the other side sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return TIMED_OUT
    return getattr(error, "strerror", None) or type(error).__name__
