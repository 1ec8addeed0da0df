"""Codes are traded for tokens: how the client proves itself, and what counts as an answer."""

import base64

import pytest

from hanko_compat.errors.third_party import CodeExchangeFailed
from hanko_compat.oauth.provider import Endpoints
from tests.oauth.conftest import TOKEN, changed, log_in
from tests.oauth.peer import FORM, Reply


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def test_the_secret_is_in_the_header_first(client, provider, peer):
    log_in(client, provider)
    asked = peer.asked[0]
    assert asked.headers["authorization"] == basic("client", "secret-hunter2")
    assert asked.headers["content-type"] == FORM
    assert not {"client_id", "client_secret"} & asked.form.keys()


def test_the_parts_of_the_header_are_encoded_as_in_a_form(client, provider, peer):
    """RFC 6749 s. 2.3.1: a colon in the client's ID would end it."""
    log_in(client, changed(provider, client_id="a:b c", secret="p%+ü"))
    assert peer.asked[0].headers["authorization"] == basic("a%3Ab+c", "p%25%2B%C3%BC")


def test_the_secret_is_in_the_body_where_the_header_is_refused(client, provider, peer):
    refused = Reply({"error": "invalid_client"}, 401)
    peer.answers["/token"] = lambda asked: refused if "authorization" in asked.headers else Reply(TOKEN)
    for _ in range(2):
        assert log_in(client, provider).subject == "alice-1"
    asked = [each for each in peer.asked if each.path == "/token"]
    assert ["authorization" in each.headers for each in asked] == [True, False] * 2
    second = asked[1]
    assert second.form["client_id"] == "client"
    assert second.form["client_secret"] == "secret-hunter2"
    assert second.form["code"] == "code-hunter2"
    assert "authorization" not in second.headers
    # As Hanko 2.7.0: each log-in begins with the header again.
    assert ["authorization" in asked.headers for asked in peer.asked if asked.path == "/token"] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply({"error": "invalid_grant"}, 400), "status 400, invalid_grant"),
        (Reply({"error": "x" * 999}, 400), "status 400, error that is not shown"),
        (Reply("busy", 503, "text/html"), "status 503"),
        (Reply(TOKEN, 500), "status 500"),
        (Reply(TOKEN, 302, headers={"Location": "/other"}), "status 302"),
        (Reply({"error": "bad_verification_code"}), "bad_verification_code"),
        (Reply("error=bad_verification_code", type=FORM), "bad_verification_code"),
        (Reply({}), "without access token"),
        (Reply({"access_token": ""}), "without access token"),
        (Reply({"access_token": ["a"]}), "without access token"),
        (Reply([TOKEN]), "without access token"),
        (Reply("null"), "without access token"),
        (Reply("<html>"), "without access token"),
        (Reply(b"\xff\xfe"), "without access token"),
        (Reply("[" * 100_000), "without access token"),
        (Reply(TOKEN, type="text/plain"), "without access token"),
        (Reply({"access_token": "a\r\nX: y"}), "header"),
        (Reply({"access_token": "a b"}), "header"),
        (Reply({"access_token": "ü"}), "header"),
        (Reply({"access_token": "a", "token_type": "x\ny"}), "header"),
        (Reply(b"{" + b" " * 300_000 + b"}"), "more than"),
    ],
)
def test_what_is_no_access_token(client, provider, peer, reply, reason):
    peer.answers["/token"] = reply
    with pytest.raises(CodeExchangeFailed) as raised:
        log_in(client, provider)
    assert reason in raised.value.reason
    assert peer.paths == ["/token", "/token"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply("access_token=access-hunter2&scope=user&token_type=bearer", type=f"{FORM}; charset=utf-8"),
        Reply("access_token=access-hunter2&token_type=bearer", type="text/plain"),
        Reply(TOKEN, 201),
        Reply({"access_token": "access-hunter2"}),
        Reply({**TOKEN, "token_type": None, "error": None, "expires_in": "soon"}),
        Reply({**TOKEN, "token_type": "BEARER", "expires_in": 1e300}),
        Reply(TOKEN, type="application/octet-stream"),
    ],
)
def test_what_is_one(client, provider, peer, reply):
    peer.answers["/token"] = reply
    assert log_in(client, provider).subject == "alice-1"
    assert peer.asked[-1].headers["authorization"] == "Bearer access-hunter2"


def test_the_type_is_used_as_it_comes(client, provider, peer):
    peer.answers["/token"] = {"access_token": "a", "token_type": "GNAP"}
    log_in(client, provider)
    assert peer.asked[-1].headers["authorization"] == "GNAP a"


def test_nobody_is_there(client, provider):
    gone = Endpoints(authorization="", token="http://127.0.0.1:1/token", userinfo="")
    with pytest.raises(CodeExchangeFailed):
        log_in(client, changed(provider, endpoints=gone))
