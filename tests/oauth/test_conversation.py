"""All requests of a log-in: within one time, to allowed places, and JSON that can be stored."""

import time
from ipaddress import ip_network

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import CodeExchangeFailed, ProviderUserUnavailable
from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.conversation import DEEPEST, parse_json
from hanko_compat.oauth.provider import Endpoints
from tests.oauth.conftest import USER, changed, log_in
from tests.oauth.peer import Peer, Reply

UNSTORABLE = [
    "",
    "{",
    "{'a': 1}",
    '{"a": NaN}',
    '{"a": -Infinity}',
    '{"a": 1e999}',
    '{"a": "\\u0000"}',
    '["\\ud800"]',
    '{"\\u0000": 1}',
    "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2),
    "[" * 100_000,
    "9" * 10_000,
    "\xff",
]


@pytest.mark.parametrize("text", UNSTORABLE, ids=range(len(UNSTORABLE)))
def test_what_can_not_be_stored(text):
    with pytest.raises(RequestFailed):
        parse_json(text.encode("latin-1"))


def test_what_can():
    assert parse_json('{"a": ["\U0001f600", 1, 1.5, null, true]}'.encode()) == {
        "a": ["\U0001f600", 1, 1.5, None, True]
    }


def test_a_private_address_that_nobody_has_named(client, provider, peer):
    with pytest.raises(CodeExchangeFailed, match="exchange") as raised:
        log_in(client, changed(provider, private_hosts=frozenset()))
    assert "private address" in raised.value.reason
    assert peer.asked == []


def test_one_in_a_network_that_the_configuration_allows(provider):
    allowing = ProviderClient(timeout=30, networks=[ip_network("127.0.0.0/8")])
    assert log_in(allowing, changed(provider, private_hosts=frozenset())).subject == "alice-1"


def test_a_redirect_to_a_host_that_the_operator_has_not_named(client, provider, peer):
    with Peer(answers={"/userinfo": USER}, host="127.0.0.2") as inner:
        peer.answers["/userinfo"] = Reply(status=302, headers={"Location": f"{inner.url}/userinfo"})
        with pytest.raises(ProviderUserUnavailable) as raised:
            log_in(client, provider)
        assert "private address" in raised.value.reason
        assert inner.asked == []


def test_a_redirect_on_the_same_host(client, provider, peer):
    peer.answers["/userinfo"] = Reply(status=307, headers={"Location": "/v2/userinfo"})
    peer.answers["/v2/userinfo"] = dict(USER)
    assert log_in(client, provider).subject == "alice-1"
    assert peer.asked[-1].headers["authorization"] == "Bearer access-hunter2"


def test_the_secret_follows_no_redirect(client, provider, peer):
    peer.answers["/token"] = Reply(status=307, headers={"Location": f"{peer.url}/other"})
    with pytest.raises(CodeExchangeFailed):
        log_in(client, provider)
    assert peer.paths == ["/token", "/token"]


def test_one_time_for_all_requests(provider, peer):
    """Two thirds of it at the token endpoint leave no two thirds for the user data."""
    pause = 0.4

    def slow(reply):
        def answer(_asked):
            time.sleep(pause)
            return Reply(reply)

        return answer

    peer.answers.update({"/token": slow({"access_token": "a"}), "/userinfo": slow(USER)})
    with pytest.raises((CodeExchangeFailed, ProviderUserUnavailable)) as raised:
        log_in(ProviderClient(timeout=1.5 * pause), provider)
    assert "timed out" in raised.value.reason


def test_a_provider_that_never_answers(provider, peer):
    peer.answers["/token"] = Reply(hangs=True)
    with pytest.raises(CodeExchangeFailed) as raised:
        log_in(ProviderClient(timeout=0.3), provider)
    peer.release()
    assert "timed out" in raised.value.reason


def test_an_address_of_a_virtual_machines_secrets_is_never_private(provider):
    url = "http://169.254.169.254/latest"
    endpoints = Endpoints(authorization=url, token=url, userinfo=url)
    named = changed(provider, endpoints=endpoints, private_hosts=frozenset({"169.254.169.254"}))
    with pytest.raises(CodeExchangeFailed) as raised:
        log_in(ProviderClient(timeout=5), named)
    assert "private address" in raised.value.reason
