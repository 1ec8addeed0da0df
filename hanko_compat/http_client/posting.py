"""Posts something to another server (RFC 9110): no redirect is followed, and no answer's body is read."""

import http.client
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer
from urllib.parse import urlsplit

from hanko_compat.errors.http_client import PostFailed
from hanko_compat.http_client import addresses
from hanko_compat.http_client.addresses import Networks

HTTP, HTTPS = 80, 443
TIMED_OUT = "timed out"


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted where; ``url`` is absolute, with http or https."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def post(wanted: Post, *, timeout: float, networks: Networks = ()) -> int:
    """Post it; return the status of the answer, whatever that is.

    All of it takes no longer than *timeout* seconds, the look-up of a name aside. *networks* may be connected
    to although they are not public.

    Raises:
        PostFailed: no connection, as the address is private or does not answer, or no answer in time.
    """
    connection = _open(wanted.url, timeout=timeout, networks=networks)
    watchdog = Timer(timeout, connection.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request("POST", _target(wanted.url), body=wanted.body, headers=dict(wanted.headers))
        with connection.getresponse() as response:
            status = response.status
    except (OSError, http.client.HTTPException) as error:
        raise PostFailed(TIMED_OUT if connection.was_cut else _cause(error)) from error
    except ValueError as error:  # a header or a path that can't be written
        raise PostFailed(type(error).__name__) from error
    finally:
        watchdog.cancel()
        connection.close()
    if connection.was_cut:  # in the midst of the headers, whose end is then that of the stream
        raise PostFailed(TIMED_OUT)
    return status


class _Connection(http.client.HTTPConnection):
    """One that checks the address it connects to, and that another thread can cut."""

    def __init__(
        self, host: str, port: int | None, *, timeout: float, networks: Networks, is_encrypted: bool
    ) -> None:
        self.default_port = HTTPS if is_encrypted else HTTP
        super().__init__(host, port, timeout=timeout)
        self.was_cut = False
        self._patience = timeout
        self._networks = networks
        self._is_encrypted = is_encrypted

    def connect(self) -> None:
        """Connect to an address that may be, and begin TLS where the URL says so."""
        plain = addresses.connect(self.host, self.port, timeout=self._patience, networks=self._networks)
        self.sock, encrypted = plain, None
        if self._is_encrypted:
            # In two steps, so that `cut` finds the socket during the handshake.
            encrypted = ssl.create_default_context().wrap_socket(
                plain, server_hostname=self.host, do_handshake_on_connect=False
            )
        self.sock = encrypted or plain
        if self.was_cut:  # before there was a socket to find, as many addresses were tried
            raise TimeoutError
        if encrypted is not None:
            encrypted.do_handshake()

    def cut(self) -> None:
        """End what another thread waits for: it reads the end of the stream. That thread closes."""
        self.was_cut = True
        connected = self.sock
        if connected is not None:
            with suppress(OSError):
                # Not SSLSocket's own method: it would take the TLS layer away from under the reader.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _open(url: str, *, timeout: float, networks: Networks) -> _Connection:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise PostFailed("no URL") from error
    if parts.scheme not in ("http", "https") or not host:
        raise PostFailed("no URL")
    is_encrypted = parts.scheme == "https"
    return _Connection(host, port, timeout=timeout, networks=networks, is_encrypted=is_encrypted)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _cause(error: Exception) -> str:
    """What went wrong, without a word of what the other side sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, TimeoutError):
        return TIMED_OUT
    return getattr(error, "strerror", None) or type(error).__name__
