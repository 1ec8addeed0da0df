"""IANA's registries of special-purpose addresses, as it published them."""

import csv
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from hanko_compat.special_purpose import IPV4, IPV6, is_allowed, is_private

REGISTRIES = Path(__file__).parents[0] / "data" / "iana"
READ_AS_IPV4 = {"::ffff:0:0/96", "64:ff9b::/96"}
NOT_IN_THEM = {"168.63.129.16/32", "224.0.0.0/4"}


def blocks():
    for file in sorted(REGISTRIES.glob("*.csv")):
        with file.open(newline="") as lines:
            for row in csv.DictReader(lines):
                yield from (block.split()[0] for block in row["Address Block"].split(","))


BLOCKS = [*blocks()]


def test_both_are_there():
    assert {"10.0.0.0/8", "255.255.255.255/32", "::1/128", "fe80::/10"} <= set(BLOCKS)
    assert len(BLOCKS) == 51


@pytest.mark.parametrize("block", sorted(set(BLOCKS) - READ_AS_IPV4))
def test_no_block_of_them_is_public(block):
    network = ip_network(block)
    assert not is_allowed(network[0], ())
    assert not is_allowed(network[-1], ())
    assert is_allowed(network[-1], [network])


def test_no_other_block_is_refused():
    assert {str(network) for network in [*IPV4, *IPV6]} - set(BLOCKS) == NOT_IN_THEM


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a01:1",
    ],
)
def test_addresses_of_servers_of_ones_own(address):
    assert is_private(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fe80::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "100.100.100.200",
        "168.63.129.16",
        "0.0.0.0",
        "224.0.0.1",
        "8.8.8.8",
        "2606:4700::1111",
        "172.32.0.1",
    ],
)
def test_other_special_ones_are_none_of_them(address):
    """In some of these virtual machines are told their secrets."""
    assert not is_private(ip_address(address))
