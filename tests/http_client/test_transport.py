"""The guard around each request: time, length, TLS; also for libraries that use HTTPX."""

import gzip
import io
import logging
import tracemalloc
from ipaddress import ip_network

import httpx2
import pytest

from hanko_compat import logs
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.transport import Transport
from tests.gateway import HttpGateway
from tests.http_client.names import resolving
from tests.http_client.peer import END, OK, Peer
from tests.smtp import certificate_for, trusting

HERE = [ip_network("127.0.0.1/32")]
MANY = 1_000_000
GZIP = {"Content-Encoding": "gzip"}


def transport(*, timeout=60.0, networks=HERE, **options):
    return Transport(timeout=timeout, networks=networks, **options)


def get(url, **options):
    return transport(**options).handle_request(httpx2.Request("GET", url))


@pytest.mark.parametrize(
    ("says", "drips"),
    [
        (b"HTTP/1.1 2", b"0"),
        (OK + b"X: ", b"x"),
        (b"", b"HTTP/1.1 103 Early Hints" + END),
        (OK + b"Content-Length: 100000" + END, b"x"),
        (OK + b"Transfer-Encoding: chunked" + END, b"1\r\nx\r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ", b"x"),
        (OK + END, b"x"),
    ],
    ids=["status", "header", "early hints", "body", "chunks", "chunk", "trailer", "no end"],
)
def test_an_answer_that_comes_in_drips(says, drips):
    with Peer(says, drips=drips) as peer, pytest.raises(RequestFailed, match="timed out"):
        get(peer.url, timeout=0.5)


def test_a_handshake_that_comes_in_drips():
    """The record layer promises 16 KB of a handshake."""
    with (
        Peer(b"\x16\x03\x03\x40\x00", drips=b"\x02") as peer,
        pytest.raises(RequestFailed, match="timed out"),
    ):
        get(peer.url.replace("http", "https"), timeout=0.5)


def test_a_request_that_nobody_takes():
    with HttpGateway(hangs=True) as gateway:
        request = httpx2.Request("POST", gateway.url, content=(b"x" * MANY for _ in range(1000)))
        with pytest.raises(RequestFailed, match="timed out"):
            transport(timeout=0.5).handle_request(request)


@pytest.mark.parametrize(
    "says",
    [
        b"",
        b"220 mail.example.com ESMTP\r\n",
        b"HTTP/1.1 hunter2" + END,
        OK + b"hunter2 : x" + END,
        OK + b"Content-Length: hunter2" + END,
        OK + b"Content-Length: 1\r\nContent-Length: 2" + END,
        OK + b"Content-Length: 100" + END + b"hunter2",
        OK + b"Transfer-Encoding: chunked" + END + b"hunter2",
    ],
)
def test_an_answer_that_is_none(says):
    with Peer(says) as peer, pytest.raises(RequestFailed) as caught:
        get(peer.url)
    assert "hunter2" not in caught.value.reason


def test_headers_that_are_too_long():
    with Peer(OK, drips=b"X: " + b"x" * 50_000 + b"\r\n") as peer, pytest.raises(RequestFailed):
        get(peer.url)


def test_a_body_of_just_the_right_length():
    with HttpGateway(body=b"x" * MANY) as gateway:
        assert get(gateway.url, max_bytes=MANY).content == gateway.body


@pytest.mark.parametrize("head", [b"", b"Content-Length: 99999999999999\r\n"])
def test_a_body_that_is_too_long(head):
    with (
        Peer(OK + head + b"\r\n", drips=b"x" * 65536) as peer,
        pytest.raises(RequestFailed, match="more than 1000000 bytes"),
    ):
        get(peer.url, max_bytes=MANY)


def test_no_body_is_longer_than_a_mebibyte_unless_that_is_allowed():
    with HttpGateway(body=bytes(1024 * 1024 + 1)) as gateway:
        with pytest.raises(RequestFailed, match="more than 1048576 bytes"):
            get(gateway.url)
        assert len(get(gateway.url, max_bytes=2 * MANY).content) == len(gateway.body)


def test_a_body_that_is_compressed():
    with HttpGateway(body=gzip.compress(b"here"), headers=GZIP) as gateway:
        answer = get(gateway.url)
    assert answer.content == b"here"
    assert "Content-Encoding" not in answer.headers


def test_a_little_that_becomes_much():
    with HttpGateway(body=gzip.compress(bytes(100 * MANY)), headers=GZIP) as gateway:
        tracemalloc.start()
        try:
            with pytest.raises(RequestFailed, match="more than 1000000 bytes"):
                get(gateway.url, max_bytes=MANY)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 10 * MANY


def certified(tmp_path, name):
    """A file with the key and the certificate of *name*."""
    file = tmp_path / "server.pem"
    file.write_bytes(certificate_for(name))
    return file


def test_tls_is_with_the_name_whatever_address_that_has(tmp_path):
    file = certified(tmp_path, "idp.example.com")
    with HttpGateway(certificate=file, body=b"here") as gateway:
        resolve = resolving({"idp.example.com": [("127.0.0.1", gateway.port)]})
        answer = get("https://idp.example.com/", resolve=resolve, make_tls=trusting(file))
        assert answer.content == b"here"
        assert gateway.received[0].headers["Host"] == "idp.example.com"
        assert gateway.server_names == ["idp.example.com"]


@pytest.mark.parametrize("name", ["other.example.com", "127.0.0.1", "example.com"])
def test_no_tls_with_another_server_at_the_address(tmp_path, name):
    file = certified(tmp_path, name)
    with HttpGateway(certificate=file) as gateway:
        resolve = resolving({"idp.example.com": [("127.0.0.1", gateway.port)]})
        with pytest.raises(RequestFailed, match="certificate"):
            get("https://idp.example.com/", resolve=resolve, make_tls=trusting(file))
        assert gateway.received == []


def test_a_name_is_checked_as_its_addresses_are():
    resolve = resolving({"idp.example.com": [("10.0.0.1", 80), ("127.0.0.2", 80)]})
    with pytest.raises(RequestFailed, match="private"):
        get("http://idp.example.com/", resolve=resolve)


def test_no_such_name():
    with pytest.raises(RequestFailed, match="not known"):
        get("http://idp.example.com/", resolve=resolving({}))


def test_a_name_that_no_host_has():
    with pytest.raises(RequestFailed, match="UnicodeError"):
        get(f"http://{'a' * 64}.example.com/")


def httpx(**options):
    return httpx2.Client(transport=transport(**options), trust_env=False)


def test_a_library_that_uses_httpx_is_guarded():
    with HttpGateway(body=b'{"access_token": "x"}') as gateway:
        with httpx() as client:
            answer = client.post(gateway.url, data={"code": "1"}, auth=("me", "hunter2"))
        (received,) = gateway.received
    assert answer.raise_for_status().json() == {"access_token": "x"}
    assert received.body == b"code=1"
    assert received.headers["Authorization"] == "Basic bWU6aHVudGVyMg=="


def test_it_follows_none_to_an_address_that_may_not_be():
    with HttpGateway(host="127.0.0.2") as inner, HttpGateway(302, {"Location": inner.url}) as gateway:
        with httpx() as client, pytest.raises(RequestFailed, match="private"):
            client.get(gateway.url, follow_redirects=True)
        assert inner.received == []


def test_it_uses_no_proxy_of_the_environment(monkeypatch):
    with HttpGateway() as proxy, HttpGateway() as gateway:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        with httpx2.Client(transport=transport()) as client:
            client.get(gateway.url)
        assert (len(gateway.received), proxy.received) == (1, [])


def test_it_logs_no_url_and_no_header():
    root = logging.getLogger()
    kept, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure(stream=stream, level=logging.DEBUG)
    try:
        with HttpGateway(headers={"Set-Cookie": "hunter2"}) as gateway, httpx() as client:
            client.get(f"{gateway.url}?code=hunter2", headers={"Authorization": "Bearer hunter2"})
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
    assert "hunter2" not in stream.getvalue()
