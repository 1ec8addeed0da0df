"""Which addresses may be connected to: public ones, and what the configuration adds.

A name is resolved once and what it stands for is checked and connected to, so that a name server which says
something else a moment later (DNS rebinding) gains nothing.
"""

import socket
from collections.abc import Collection
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.look_up import Found, Resolve, look_up
from hanko_compat.http_client.special_purpose import IPV4, IPV6, NAT64, UNICAST

Address = IPv4Address | IPv6Address
Networks = Collection[IPv4Network | IPv6Network]

FORBIDDEN = "a private address that the configuration does not allow"
MOST = 6
"""How many addresses of a host are tried, so that each gets its share of the time."""


def connect(
    host: str, port: int, *, timeout: float, networks: Networks, resolve: Resolve = socket.getaddrinfo
) -> socket.socket:
    """Connect to the first address of *host* that is allowed and answers.

    All of it takes no longer than *timeout* seconds. An address gets no more than an equal share of what is
    left, so that a dead one leaves time for the next. *resolve* looks the name up.

    Raises:
        RequestFailed: all are loopback, private or the like, and in none of *networks*.
        OSError: no such name, or no answer, or none in time.
        ValueError: *host* has the form of no name.
    """
    deadline = Deadline(timeout)
    found = look_up(host, port, deadline=deadline, resolve=resolve)
    allowed = [each for each in found if is_allowed(_read(str(each[4][0])), networks)]
    if not allowed:
        raise RequestFailed(FORBIDDEN)
    *others, last = allowed[:MOST]
    for number, each in enumerate(others):
        try:
            return _connect(each, deadline.left() / (len(others) + 1 - number))
        except OSError:
            continue
    return _connect(last, deadline.left())


def is_allowed(address: Address, networks: Networks) -> bool:
    """Whether *address* is public, or in one of *networks*."""
    both = (address, _inner(address))
    if any(each in network for each in both for network in networks):
        return True
    return all(map(_is_public, both))


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in IPV4)
    return any(address in network for network in UNICAST) and not any(address in network for network in IPV6)


def _inner(address: Address) -> Address:
    """The IPv4 address inside of one of IPv6, where that is what packets are sent to."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _read(text: str) -> Address:
    return ip_address(text.partition("%")[0])


def _connect(found: Found, timeout: float) -> socket.socket:
    family, kind, protocol, _, address = found
    with ExitStack() as on_failure:
        connected = on_failure.enter_context(socket.socket(family, kind, protocol))
        connected.settimeout(timeout)
        connected.connect(address)
        on_failure.pop_all()
    return connected
