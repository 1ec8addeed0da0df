"""What httpcore2 reads and writes with."""

import socket
import ssl
from contextlib import suppress
from ipaddress import ip_network

import httpcore2
import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.network import Network, Stream
from tests.gateway import HttpGateway


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_connection_to_an_address_that_may_be():
    with HttpGateway() as gateway:
        here = Network(deadline=Deadline(60), networks=[ip_network("127.0.0.1/32")])
        here.connect_tcp("127.0.0.1", gateway.port).close()
        with pytest.raises(RequestFailed, match="private"):
            here.connect_tcp("127.0.0.2", gateway.port)


def test_the_deadline_counts_and_not_the_timeouts_of_the_library(pair):
    ours, _ = pair
    stream = Stream(ours, Deadline(0.2))
    with pytest.raises(TimeoutError):
        stream.read(1, timeout=3600)
    for call in (lambda: stream.read(1), lambda: stream.write(b"x"), lambda: stream.start_tls(tls())):
        with pytest.raises(TimeoutError):
            call()


def test_who_reads_no_more_may_have_answered(pair):
    ours, theirs = pair
    theirs.sendall(b"HTTP/1.1 413 Content Too Large\r\n\r\n")
    theirs.close()
    stream = Stream(ours, Deadline(60))
    with pytest.raises(httpcore2.WriteError):
        stream.write(b"x" * 1_000_000)
    assert stream.read(100).startswith(b"HTTP/1.1 413")


def test_who_does_not_read_in_time(pair):
    ours, _ = pair
    with pytest.raises(TimeoutError):
        Stream(ours, Deadline(0.2)).write(b"x" * 100_000_000)


def test_a_connection_is_closed_where_tls_fails(pair):
    ours, theirs = pair
    theirs.sendall(b"220 mail.example.com ESMTP\r\n")
    with pytest.raises(ssl.SSLError):
        Stream(ours, Deadline(60)).start_tls(tls(), "mail.example.com")
    theirs.settimeout(60)
    with suppress(ConnectionResetError):
        while theirs.recv(65536):
            pass


def tls():
    return ssl.create_default_context()
