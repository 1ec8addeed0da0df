"""Requests over guarded connections, for `Client` and for libraries that use HTTPX.

``httpx2.Client(transport=Transport(...), trust_env=False)`` is guarded in all that it does: each request,
those of redirects included, goes through here. A connection serves one request and is closed then.
"""

import socket
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cached_property

import httpcore2
import httpx2

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client import body
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.look_up import Resolve
from hanko_compat.http_client.network import Network
from hanko_compat.special_purpose import Networks

MAX_BYTES = 1024 * 1024
"""How long the body of an answer may be."""
TIMED_OUT = "timed out"
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

        ``request.extensions`` may have a ``deadline`` that counts instead of the own timeout.

        Raises:
            RequestFailed: no answer, one that is too long, or none in time.
        """
        with self._answer(request) as answer:
            headers = httpx2.Headers(answer.headers)
            content = body.read(
                answer.iter_stream(),
                coding=headers.get("content-encoding", ""),
                max_bytes=self._max_bytes,
            )
        for name in CONSUMED:
            headers.pop(name, None)
        return httpx2.Response(answer.status, headers=headers, content=content, request=request)

    def status_of(self, request: httpx2.Request) -> int:
        """Send *request*; return the status of the answer, and read nothing of its body.

        Raises:
            RequestFailed: no answer, or none in time.
        """
        with self._answer(request) as answer:
            return answer.status

    @contextmanager
    def _answer(self, request: httpx2.Request) -> Iterator[httpcore2.Response]:
        url = request.url
        deadline = request.extensions.get("deadline") or Deadline(self._timeout)
        request.headers["Connection"] = "close"
        wanted = httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        connection = httpcore2.HTTPConnection(
            wanted.url.origin,
            ssl_context=self._tls if url.scheme == "https" else None,
            network_backend=Network(
                deadline=deadline,
                networks=self._networks,
                may_be_private=url.host in self._private_hosts,
                resolve=self._resolve,
            ),
        )
        try:
            with connection:
                yield connection.handle_request(wanted)
        except (OSError, ValueError, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise RequestFailed(_cause(error)) from error

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The certificates, read when they are first needed, as that takes 20 to 60 ms."""
        return self._make_tls()


def _cause(error: Exception) -> str:
    """What went wrong, without a word of what the other side sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return TIMED_OUT
    return getattr(error, "strerror", None) or type(error).__name__
