"""Networks with a special purpose: IANA's two registries, as of 2025-10-09, and a few that it does not list.

Whole registries, blocks that IANA calls globally reachable included: no web server is meant to be in them.
What a block of these contains is not listed again. Addresses outside of them are public; both the check of a
configuration and each connection to another server ask here.

https://www.iana.org/assignments/iana-ipv4-special-registry/
https://www.iana.org/assignments/iana-ipv6-special-registry/
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Networks = Collection[IPv4Network | IPv6Network]

NAT64 = IPv6Network("64:ff9b::/96")
"""An IPv4 address is in the last 32 bits, and packets are sent to it (RFC 6052 s. 2.1)."""
UNICAST = (
    IPv6Network("2000::/3"),  # all that IANA has assigned to hosts on the internet (RFC 4291 s. 2.4)
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped, as an IPv4 address is read (RFC 4291 s. 2.5.5.2)
    NAT64,
)
"""The parts of IPv6 whose addresses can be public; in the last two, where the address inside of it is."""

IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # shared address space
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # not IANA's: the platform below virtual machines at Azure
        "169.254.0.0/16",  # link local; metadata of virtual machines
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private use
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # not in this registry of IANA's: multicast
        "240.0.0.0/4",  # reserved, limited broadcast
    )
)
IPV6 = tuple(
    IPv6Network(network)
    for network in (  # of those inside of UNICAST
        "2001::/23",  # IETF protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
PRIVATE: Networks = tuple(
    IPv4Network(network) if "." in network else IPv6Network(network)
    for network in (
        "10.0.0.0/8",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",  # unique local (RFC 4193)
    )
)
"""Where servers of one's own usually are: loopback and private use."""
METADATA: Networks = tuple(map(IPv6Network, ("fd00:ec2::/32", "fd20:ce::/32")))
"""Parts of these in which Amazon and Google tell virtual machines their secrets."""


def is_private(address: Address) -> bool:
    """Whether *address* is one that a server of one's own may have: never one of link-local metadata."""
    inner = _inner(address)
    return any(inner in network for network in PRIVATE) and not any(inner in network for network in METADATA)


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
