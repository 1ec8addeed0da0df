"""Redirects: only where asked for, so many, and each to where it may lead."""

from ipaddress import ip_network

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client
from hanko_compat.http_client.deadline import Deadline
from tests.gateway import HttpGateway
from tests.http_client.names import resolving
from tests.smtp import certificate_for, trusting

HERE = [ip_network("127.0.0.1/32")]
SECRETS = {"Authorization": "Bearer hunter2", "Cookie": "a=b", "X-Api-Key": "hunter2"}


def client(*, timeout=60.0, **options):
    return Client(timeout=timeout, networks=HERE, **options)


def leading_to(url, *, status=302, **options):
    return HttpGateway(status, {"Location": url}, **options)


def test_none_is_followed_unless_asked_for():
    with HttpGateway() as there, leading_to(there.url) as gateway:
        assert client().get(gateway.url).status == 302
        assert client().post(gateway.url, b"").status == 302
        assert there.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_one_is_followed(status):
    with HttpGateway(body=b"here") as there, leading_to(there.url, status=status) as gateway:
        assert client().get(gateway.url, redirects=1).body == b"here"
        assert [received.method for received in there.received] == ["GET"]


def test_so_many_are_followed_and_no_more():
    with leading_to("/again") as gateway:
        with pytest.raises(RequestFailed, match="more than 3"):
            client().get(gateway.url, redirects=3)
        assert [received.path for received in gateway.received] == ["/messages", *["/again"] * 3]


@pytest.mark.parametrize(
    ("status", "headers"), [(302, {}), (304, {"Location": "/x"}), (300, {"Location": "/x"})]
)
def test_what_leads_nowhere_is_an_answer(status, headers):
    with HttpGateway(status, headers) as gateway:
        assert client().get(gateway.url, redirects=3).status == status


def test_none_is_followed_to_an_address_that_may_not_be():
    with HttpGateway(host="127.0.0.2") as inner, leading_to(inner.url) as gateway:
        with pytest.raises(RequestFailed, match="private"):
            client().get(gateway.url, redirects=1)
        assert (len(gateway.received), inner.received) == (1, [])


def test_none_is_followed_to_a_name_of_such_an_address():
    with HttpGateway(host="127.0.0.2") as inner, HttpGateway(302) as gateway:
        hosts = {
            "idp.example.com": [("127.0.0.1", gateway.port)],
            "inner.example.com": [("127.0.0.2", inner.port)],
        }
        gateway.headers["Location"] = "http://inner.example.com/"
        with pytest.raises(RequestFailed, match="private"):
            client(resolve=resolving(hosts)).get("http://idp.example.com/", redirects=1)
        assert (len(gateway.received), inner.received) == (1, [])


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[::1", "https:///x", "http://a b/"]
)
def test_none_is_followed_to_what_is_no_web_address(url):
    with leading_to(url) as gateway, pytest.raises(RequestFailed, match="no URL"):
        client().get(gateway.url, redirects=1)


def test_none_is_followed_from_https_to_http(tmp_path):
    file = tmp_path / "server.pem"
    file.write_bytes(certificate_for("127.0.0.1"))
    with HttpGateway() as there, leading_to(there.url, certificate=file) as gateway:
        with pytest.raises(RequestFailed, match="https to http"):
            client(make_tls=trusting(file)).get(gateway.url, redirects=1)
        assert (len(gateway.received), there.received) == (1, [])


def test_secrets_are_not_sent_on_to_another_server():
    with HttpGateway() as there, leading_to(there.url) as gateway:
        client().get(gateway.url, {**SECRETS, "Accept": "text/x"}, redirects=1)
        assert SECRETS.items() <= gateway.received[0].headers.items()
        assert there.received[0].headers["Accept"] == "text/x"
        assert not SECRETS.keys() & there.received[0].headers.keys()


def test_they_are_sent_again_to_the_same_server():
    with leading_to("/again") as gateway:
        with pytest.raises(RequestFailed):
            client().get(gateway.url, SECRETS, redirects=1)
        assert SECRETS.items() <= gateway.received[1].headers.items()


class Slow(HttpGateway):
    """One that takes its time."""

    def answer(self, request):
        self._ended.wait(0.2)
        super().answer(request)


def test_all_of_them_have_one_time():
    with Slow(302, {"Location": "/again"}) as gateway, pytest.raises(RequestFailed, match="timed out"):
        client(timeout=1).get(gateway.url, redirects=20)


def test_a_deadline_holds_for_several_calls():
    deadline = Deadline(0.5)

    def ask(url):
        for _ in range(20):
            client().get(url, deadline=deadline)
            client().post(url, b"", deadline=deadline)

    with Slow() as gateway, pytest.raises(RequestFailed, match="timed out"):
        ask(gateway.url)


def test_a_host_that_may_be_private_is_that_host_only():
    with HttpGateway() as gateway:
        hosts = {f"{name}.example.com": [("127.0.0.1", gateway.port)] for name in ("idp", "other")}
        asking = Client(timeout=60, private_hosts={"idp.example.com"}, resolve=resolving(hosts))
        assert asking.get("http://IDP.example.com/").status == 200
        gateway.headers["Location"], gateway.status = "http://other.example.com/", 302
        with pytest.raises(RequestFailed, match="private"):
            asking.get("http://idp.example.com/", redirects=1)
        assert [received.headers["Host"] for received in gateway.received] == ["idp.example.com"] * 2
