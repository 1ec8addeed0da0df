"""Which of the server's bind addresses received a request.

Read from the socket itself: a header, and what is derived from one, could be forged.
"""

from collections.abc import Mapping
from typing import Any

from hanko_compat.listening import ANY, split

MAPPED = "::ffff:"  # an IPv4 address, as a socket for both families has it (RFC 4291 s. 2.5.5.2)


class BindAddress:
    """One ``host:port`` that the server is bound to."""

    def __init__(self, address: str) -> None:
        self._host, self._port = split(address)

    def received(self, environ: Mapping[str, Any]) -> bool:
        """Whether the request came in here; False where the server is not gunicorn: then it is unknown."""
        socket = environ.get("gunicorn.socket")
        name = socket.getsockname() if socket is not None else None
        if not isinstance(name, tuple):
            return False  # a unix socket
        return bool(name[1] == self._port) and (self._host in ANY or self._is_host(name[0]))

    def _is_host(self, host: str) -> bool:
        return host.removeprefix(MAPPED) == self._host or self._host == "localhost"
