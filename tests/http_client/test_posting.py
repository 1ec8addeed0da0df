"""Requests to other servers: exactly what was asked for, soon, and nowhere else."""

from ipaddress import ip_network

import pytest

from hanko_compat.errors.http_client import PostFailed
from hanko_compat.http_client.posting import Post, post
from tests.gateway import HttpGateway
from tests.smtp import certificate_for

HERE = [ip_network("127.0.0.0/8")]
PATIENCE = 60.0  # seconds


def send(url, *, body=b"{}", headers=None, timeout=PATIENCE, networks=HERE):
    return post(Post(url, body, headers or {}), timeout=timeout, networks=networks)


def test_what_is_posted_arrives():
    with HttpGateway(status=202) as gateway:
        status = send(f"{gateway.url}?a=b", body=b"\x00\xff", headers={"Content-Type": "text/x", "X-A": "1"})
        (received,) = gateway.received
        host = f"127.0.0.1:{gateway.port}"
    assert status == 202
    assert (received.method, received.path, received.body) == ("POST", "/messages?a=b", b"\x00\xff")
    assert {"Content-Type": "text/x", "X-A": "1", "Host": host}.items() <= received.headers.items()


def test_an_address_without_a_path():
    with HttpGateway() as gateway:
        assert send(f"http://127.0.0.1:{gateway.port}") == 200
        assert gateway.received[0].path == "/"


@pytest.mark.parametrize("status", [204, 301, 302, 307, 308, 400, 429, 500, 503])
def test_every_answer_is_told_and_none_followed(status):
    with HttpGateway() as elsewhere, HttpGateway(status, {"Location": elsewhere.url}) as gateway:
        assert send(gateway.url) == status
        assert len(gateway.received) == 1
        assert elsewhere.received == []


def test_no_connection_to_an_address_that_is_not_allowed():
    with HttpGateway() as gateway:
        with pytest.raises(PostFailed, match="private"):
            send(gateway.url, networks=())
        assert gateway.received == []


@pytest.mark.parametrize("fault", [{"hangs": True}, {"drips": True}])
def test_an_answer_that_does_not_come_in_time(fault):
    with HttpGateway(**fault) as gateway:
        with pytest.raises(PostFailed, match="timed out"):
            send(gateway.url, timeout=0.5)
        assert len(gateway.wait_for(1)) == 1


def test_nobody_is_there():
    with HttpGateway() as gateway:
        url = gateway.url
    with pytest.raises(PostFailed, match="refused"):
        send(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/messages",
        "ftp://127.0.0.1/",
        "http:///x",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "file:///x",
    ],
)
def test_what_is_no_web_address(url):
    with pytest.raises(PostFailed, match="no URL"):
        send(url)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/a b", {}),
        ("/a\r\nX: y", {}),
        ("/\u00e9", {}),
        ("/", {"X": "a\r\nY: b"}),
        ("/", {"X\n": "a"}),
        ("/", {"X": "\u2713"}),
    ],
)
def test_nothing_gets_in_between_the_lines(path, headers):
    with HttpGateway() as gateway:
        with pytest.raises(PostFailed):
            send(f"http://127.0.0.1:{gateway.port}{path}", headers=headers)
        assert gateway.received == []


@pytest.fixture
def certificate(tmp_path):
    file = tmp_path / "server.pem"
    file.write_bytes(certificate_for("127.0.0.1"))
    return file


def test_tls_with_a_certificate_that_is_trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with HttpGateway(certificate=certificate) as gateway:
        assert send(gateway.url) == 200
        assert gateway.received[0].headers["Host"] == f"127.0.0.1:{gateway.port}"


def test_tls_with_one_that_is_not(certificate):
    with HttpGateway(certificate=certificate) as gateway:
        with pytest.raises(PostFailed, match="certificate"):
            send(gateway.url)
        assert gateway.received == []
