"""What httpcore2 reads and writes with: connections to allowed addresses only, and one time for everything.

The library's own timeouts are for each read and write, so that a server which sends a byte now and then would
never end.
"""

import select
import socket
import ssl
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

import httpcore2

from hanko_compat.http_client import addresses
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.look_up import Resolve
from hanko_compat.special_purpose import Networks


class Network(httpcore2.NetworkBackend):
    """Connects for one request."""

    def __init__(
        self,
        *,
        deadline: Deadline,
        networks: Networks,
        may_be_private: bool = False,
        resolve: Resolve = socket.getaddrinfo,
    ) -> None:
        """*networks* may be connected to although they are not public; *resolve* looks names up.

        With *may_be_private* private networks and loopback may be connected to as well.
        """
        self._deadline = deadline
        self._networks = networks
        self._may_be_private = may_be_private
        self._resolve = resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline counts
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        """Connect to an address of *host* that is allowed.

        Raises:
            RequestFailed: none is allowed.
            OSError: no such name, or no answer, or none in time.
            ValueError: *host* has the form of no name.
        """
        connected = addresses.connect(
            host,
            port,
            timeout=self._deadline.left(),
            networks=self._networks,
            may_be_private=self._may_be_private,
            resolve=self._resolve,
        )
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Stream(connected, self._deadline)


class Stream(httpcore2.NetworkStream):
    """A connection, with TLS from `start_tls` on."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        """Take over the socket."""
        self._socket = connected
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        """Return what has come; nothing at the end of the stream.

        Raises:
            OSError: the connection is broken, or the time is over.
        """
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        """Send all of it.

        Raises:
            WriteError: the other side takes no more. It may have answered all the same: httpcore2 reads on.
            TimeoutError: the time is over.
        """
        rest = memoryview(buffer)
        while rest:
            self._socket.settimeout(self._deadline.left())
            try:
                rest = rest[self._socket.send(rest) :]
            except TimeoutError:
                raise
            except OSError as error:
                raise httpcore2.WriteError(str(error)) from error

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        """Begin TLS with the server that *server_hostname* names, whatever address that is at.

        Raises:
            OSError: no TLS, a certificate that is not trusted or is another server's, or the time is over.
            ValueError: *server_hostname* has the form of no name.
        """
        with ExitStack() as on_failure:
            on_failure.callback(self.close)
            self._socket.settimeout(self._deadline.left())
            encrypted = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
            on_failure.pop_all()
        return Stream(encrypted, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Tell whether something has come, as httpcore2 asks of an idle one: it has ended, as a rule."""
        if info != "is_readable":
            return super().get_extra_info(info)
        arrived = select.poll()
        arrived.register(self._socket, select.POLLIN)
        return bool(arrived.poll(0))

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()
