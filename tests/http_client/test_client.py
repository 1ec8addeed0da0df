"""Requests to other servers: exactly what was asked for, soon, and nowhere else."""

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client, Response
from tests.gateway import HttpGateway
from tests.http_client.peer import END, OK, Peer
from tests.smtp import certificate_for

HERE = [ip_network("127.0.0.0/8")]
PATIENCE = 60.0  # seconds


def send(url, *, body=b"{}", headers=None, timeout=PATIENCE, networks=HERE):
    return Client(timeout=timeout, networks=networks).post_for_status(url, body, headers or {})


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
        with pytest.raises(RequestFailed, match="private"):
            send(gateway.url, networks=())
        assert gateway.received == []


@pytest.mark.parametrize("fault", [{"hangs": True}, {"drips": True}])
def test_an_answer_that_does_not_come_in_time(fault):
    with HttpGateway(**fault) as gateway:
        with pytest.raises(RequestFailed, match="timed out"):
            send(gateway.url, timeout=0.5)
        assert len(gateway.wait_for(1)) == 1


def test_nobody_is_there():
    with HttpGateway() as gateway:
        url = gateway.url
    with pytest.raises(RequestFailed, match="refused"):
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
    with pytest.raises(RequestFailed, match="no URL"):
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
        with pytest.raises(RequestFailed):
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
        with pytest.raises(RequestFailed, match="certificate"):
            send(gateway.url)
        assert gateway.received == []


def client(*, timeout=PATIENCE, networks=HERE, **options):
    return Client(timeout=timeout, networks=networks, **options)


def test_what_is_at_a_url():
    with HttpGateway(body=b'{"issuer": "me"}', headers={"Content-Type": "application/json"}) as gateway:
        response = client().get(f"{gateway.url}?a=b", {"Accept": "application/json"})
        (received,) = gateway.received
    assert (response.status, response.json()) == (200, {"issuer": "me"})
    assert response.headers["content-type"] == "application/json"
    assert (received.method, received.path, received.body) == ("GET", "/messages?a=b", b"")
    assert {"Accept": "application/json", "Accept-Encoding": "identity"}.items() <= received.headers.items()


def test_an_answer_to_what_is_posted():
    with HttpGateway(status=400, body=b'{"error": "invalid_grant"}') as gateway:
        response = client().post(gateway.url, b"code=1", {"Authorization": "Basic YTpi"})
        (received,) = gateway.received
    assert (response.status, response.json()) == (400, {"error": "invalid_grant"})
    assert (received.body, received.headers["Authorization"]) == (b"code=1", "Basic YTpi")


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_json(body):
    with HttpGateway(body=body) as gateway:
        response = client().get(gateway.url)
    with pytest.raises(RequestFailed, match="JSON"):
        response.json()


def test_a_target_is_sent_as_it_stands():
    with HttpGateway() as gateway:
        client().get(f'{gateway.url}/%7e|"{{}}?q=<>%')
        assert gateway.received[0].path == '/messages/%7e|"{}?q=<>%'


def test_no_cookie_is_kept():
    with HttpGateway(headers={"Set-Cookie": "a=b; Path=/"}) as gateway:
        one = client()
        for _ in range(2):
            one.get(gateway.url)
        assert "Cookie" not in gateway.received[1].headers


def test_no_password_in_a_url_is_used():
    with HttpGateway() as gateway:
        client().get(gateway.url.replace("127", "me:hunter2@127"))
        assert "Authorization" not in gateway.received[0].headers


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Connection"])
def test_headers_that_are_made_from_url_and_body(name):
    with HttpGateway() as gateway:
        with pytest.raises(RequestFailed, match="made from"):
            client().get(gateway.url, {name: "1"})
        assert gateway.received == []


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_proxies_of_the_environment_are_not_used(monkeypatch, name):
    with HttpGateway() as proxy, HttpGateway() as gateway:
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        client().get(gateway.url)
        assert len(gateway.received) == 1
        with pytest.raises(RequestFailed, match="private"):
            client(networks=()).get("http://10.0.0.1/")
        assert proxy.received == []


def test_over_ipv6():
    with HttpGateway(host="::1") as gateway:
        assert client(networks=[ip_network("::1/128")]).get(gateway.url).status == 200
        assert gateway.received[0].headers["Host"] == f"[::1]:{gateway.port}"
        with pytest.raises(RequestFailed, match="private"):
            client().get(gateway.url)
        assert len(gateway.received) == 1


def test_what_is_not_read_may_be_endless():
    with Peer(OK + END, drips=b"x" * 65536) as peer:
        assert send(peer.url) == 200


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"date": "Mon, 01 Dec 2025 10:00:00 GMT"}, datetime(2025, 12, 1, 10, tzinfo=UTC)),
        (
            {"date": "Mon, 01 Dec 2025 10:00:00 GMT", "age": "90"},
            datetime(2025, 12, 1, 10, 1, 30, tzinfo=UTC),
        ),
        ({"date": "Mon, 01 Dec 2025 10:00:00 GMT", "age": "x"}, None),
        ({"date": "Mon, 01 Dec 2025 10:00:00 GMT", "age": "9" * 20}, None),
        ({"date": "Mon, 01 Dec 2025 10:00:00 -0000"}, None),
        ({"date": "today"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_time_that_a_server_tells(headers, told):
    assert Response(200, headers, b"").told_at == told
