"""Which addresses may be connected to: public ones, and what the configuration adds.

A name is resolved once and what it stands for is checked and connected to, so that a name server which says
something else a moment later (DNS rebinding) gains nothing.
"""

import socket
from contextlib import ExitStack
from ipaddress import ip_address

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.look_up import Found, Resolve, look_up
from hanko_compat.special_purpose import Address, Networks, is_allowed, is_private

FORBIDDEN = "a private address that the configuration does not allow"
MOST = 6
"""How many addresses of a host are tried, so that each gets its share of the time."""


def connect(
    host: str,
    port: int,
    *,
    timeout: float,
    networks: Networks,
    may_be_private: bool = False,
    resolve: Resolve = socket.getaddrinfo,
) -> socket.socket:
    """Connect to the first address of *host* that is allowed and answers.

    All of it takes no longer than *timeout* seconds. An address gets no more than an equal share of what is
    left, so that a dead one leaves time for the next. With *may_be_private* addresses of private networks and
    loopback are allowed, too. *resolve* looks the name up.

    Raises:
        RequestFailed: all are loopback, private or the like, and in none of *networks*.
        OSError: no such name, or no answer, or none in time.
        ValueError: *host* has the form of no name.
    """
    deadline = Deadline(timeout)
    found = look_up(host, port, deadline=deadline, resolve=resolve)
    allowed = []
    for each in found:
        address = _read(str(each[4][0]))
        if is_allowed(address, networks) or (may_be_private and is_private(address)):
            allowed.append(each)
    if not allowed:
        raise RequestFailed(FORBIDDEN)
    *others, last = allowed[:MOST]
    for number, each in enumerate(others):
        try:
            return _connect(each, deadline.left() / (len(others) + 1 - number))
        except OSError:
            continue
    return _connect(last, deadline.left())


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
