"""Where a server listens: addresses such as ``:8000``, read as Go reads them (net.Listen).

No host, ``0.0.0.0`` and ``[::]`` all mean every address of the host, of IPv4 and of IPv6; on a host without
IPv6 they mean its IPv4 addresses.
"""

import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from errno import EADDRINUSE
from ipaddress import ip_address

from hanko_compat.errors import OperatorError

ANY = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - all interfaces
LOOPBACKS = ("127.0.0.1", "::1")
PATIENCE = 0.5  # seconds
PAUSE = 0.05  # seconds


def split(address: str) -> tuple[str, int]:
    """Host and port of ``host:port``; an IPv6 address loses its brackets.

    Raises:
        ValueError: there is no port.
    """
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def binds(address: str) -> list[str]:
    """What gunicorn has to listen on, for *address* to be listened on.

    ``localhost`` is both loopback addresses (RFC 6761 s. 6.3), as browsers try IPv6 first. Any other name is
    one of its addresses.
    """
    if not is_host_and_port(address):
        return [address]
    host, port = split(address)
    if host == "localhost":
        return [joined(each, port) for each in LOOPBACKS if is_own(each)] or [address]
    if host in ANY:
        return [joined(each, port) for each in _wildcards()]
    return [joined(_listenable(host), port)]


def open_socket(address: str, *, backlog: int) -> socket.socket:
    """A listening socket at ``host:port``.

    Raises:
        OSError: the address can't be had.
    """
    host, port = split(address)
    if host in ANY and socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, backlog=backlog, dualstack_ipv6=True)
    host = "" if host == "::" else _listenable(host)
    return socket.create_server((host, port), family=_family(host), backlog=backlog)


def require_free(addresses: Iterable[str], *, setting: str, patience: float = PATIENCE) -> None:
    """Let pass *addresses* as `binds` returns them that can be listened on; others than host and port do.

    gunicorn by itself tries for five seconds, and says so ten times. *setting* is where to choose another;
    *patience* is how many seconds processes have to end that were killed just now.

    Raises:
        OperatorError: one can't be had; the text says why and what to do.
    """
    until = time.monotonic() + patience
    for address in filter(is_host_and_port, addresses):
        while (error := _objection(address)) is not None:
            is_taken = error.errno == EADDRINUSE
            if is_taken and time.monotonic() < until:
                time.sleep(PAUSE)
                continue
            remedy = "stop what listens there (`ss -ltnp` shows it), or choose" if is_taken else "choose"
            raise OperatorError(
                f"can't listen on {address}: {error.strerror or error}; {remedy} another address by {setting}"
            )


def _objection(address: str) -> OSError | None:
    """Why nobody can listen there now, if so."""
    host, port = split(address)
    try:
        with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error
    return None


def joined(host: str, port: int) -> str:
    """Write ``host:port``."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_host_and_port(address: str) -> bool:
    """Whether *address* is none of gunicorn's other forms, such as ``unix:/path`` and ``fd://3``."""
    host, _, port = address.rpartition(":")
    return port.isdecimal() and "/" not in host


def is_for_this_host(address: str) -> bool:
    """Whether only this host can connect to *address*: a loopback one, or a Unix socket."""
    if not is_host_and_port(address):
        return True
    host, _ = split(address)
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def is_own(host: str) -> bool:
    """Whether this machine has the IP address *host*."""
    with suppress(OSError), socket.create_server((host, 0), family=_family(host)):
        return True
    return False


def _listenable(host: str) -> str:
    """The name itself where it has an IPv4 address, else its first IPv6 address, as Go prefers them.

    Sockets for IPv4 are what gunicorn and Python make for a name.
    """
    try:
        found = socket.getaddrinfo(host or None, None, type=socket.SOCK_STREAM)
    except OSError:
        return host  # whoever listens says that there is none
    addresses = [str(where[0]) for family, _, _, _, where in found if family == socket.AF_INET6]
    return addresses[0] if addresses and len(addresses) == len(found) else host


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _wildcards() -> list[str]:
    """The sockets that it takes for every address: gunicorn leaves to the system whether one has both."""
    if not socket.has_dualstack_ipv6():
        return ["0.0.0.0"]  # noqa: S104
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
        is_ipv6_only = probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    return ["::", "0.0.0.0"] if is_ipv6_only else ["::"]  # noqa: S104
