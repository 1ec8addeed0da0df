"""Which addresses may be connected to."""

import socket
from ipaddress import ip_address, ip_network

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client import addresses
from hanko_compat.http_client.addresses import MOST
from hanko_compat.special_purpose import is_allowed
from tests.gateway import HttpGateway
from tests.http_client.names import resolving

NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2002:808:808::1",
    "2001::1",
    "::7f00:1",
    "64:ff9b:1::1",
    "64:ff9b::c058:6301",
    "100::1",
    "3fff::1",
    "5f00::1",
    "fec0::1",
    "192.0.0.192",
    "192.31.196.1",
    "192.88.99.1",
    "168.63.129.16",
]


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_what_is_not_public_has_to_be_listed(text):
    address = ip_address(text)
    assert not is_allowed(address, ())
    assert not is_allowed(address, [ip_network("203.0.113.0/24"), ip_network("2001:db9::/32")])
    assert is_allowed(address, [ip_network(text)])


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public_may_be_connected_to(text):
    assert is_allowed(ip_address(text), ())


@pytest.mark.parametrize("text", ["::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"])
def test_an_address_inside_of_another_is_in_its_network(text):
    assert is_allowed(ip_address(text), [ip_network("10.0.0.0/8")])
    assert not is_allowed(ip_address(text), [ip_network("192.168.0.0/16")])


@pytest.mark.parametrize(
    "host", ["10.1.2.3", "169.254.169.254", "127.1", "0x7f.1", "2130706433", "::1", "localhost"]
)
def test_nothing_is_connected_to_that_may_not_be(host):
    with pytest.raises(RequestFailed, match="private"):
        addresses.connect(host, 80, timeout=5, networks=())


def test_a_listed_one_is_connected_to():
    with HttpGateway() as gateway:
        networks = [ip_network("127.0.0.0/8")]
        with addresses.connect("127.0.0.1", gateway.port, timeout=60, networks=networks) as connected:
            assert connected.getpeername() == ("127.0.0.1", gateway.port)


def connect(places, *, timeout=60):
    """Connect to a host with these addresses, of which those of this machine are allowed."""
    resolve = resolving({"sms.example.com": places})
    networks = [ip_network("127.0.0.0/8")]
    return addresses.connect("sms.example.com", 80, timeout=timeout, networks=networks, resolve=resolve)


def test_what_a_name_stands_for_is_what_counts():
    """A public name of a private address; the name server is outside of this machine."""
    with pytest.raises(RequestFailed, match="private"):
        connect([("10.0.0.1", 80), ("192.168.0.1", 80)])


def test_of_several_addresses_one_that_may_be_and_answers_is_taken():
    with HttpGateway() as gateway, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and nobody listens
        places = [("10.0.0.1", 80), closed.getsockname(), ("127.0.0.1", gateway.port)]
        with connect(places) as connected:
            assert connected.getpeername() == places[-1]


def test_a_dead_address_leaves_time_for_the_next():
    """Nobody accepts at the first one, and its queue is full, so that it does not even refuse."""
    with (
        HttpGateway() as gateway,
        socket.create_server(("127.0.0.1", 0), backlog=0) as dead,
        socket.create_connection(dead.getsockname()),
    ):
        places = [dead.getsockname(), ("127.0.0.1", gateway.port)]
        with connect(places, timeout=1) as connected:
            assert connected.getpeername() == places[-1]
        with pytest.raises(TimeoutError):
            connect(places[:1] * 2, timeout=0.2)


def test_not_all_addresses_of_a_host_are_tried():
    with HttpGateway() as gateway, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError):
            connect([closed.getsockname()] * MOST + [("127.0.0.1", gateway.port)])
