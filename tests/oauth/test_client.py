"""Log-in with a provider, against a real server on loopback."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from hanko_compat.errors.third_party import CodeExchangeFailed, ProviderUserInvalid, ProviderUserUnavailable
from hanko_compat.oauth.provider import Endpoints
from tests.oauth.conftest import REDIRECT_URI, USER, changed, log_in
from tests.oauth.peer import Reply


def query_of(client, provider, *, code_verifier=None):
    url = client.authorization_url(
        provider, redirect_uri=REDIRECT_URI, state="s+1", nonce="n-1", code_verifier=code_verifier
    )
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))


def test_where_a_browser_is_sent(client, provider, peer):
    assert query_of(client, provider) == (
        f"{peer.url}/authorize",
        {
            "client_id": "client",
            "redirect_uri": REDIRECT_URI,
            "response_type": "code",
            "scope": "openid email",
            "state": "s+1",
            "nonce": "n-1",
        },
    )
    assert peer.asked == []


def test_a_code_challenge_is_sent_with_a_verifier(client, provider):
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    _, query = query_of(client, provider, code_verifier=verifier)
    assert query["code_challenge"] == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
    assert query["code_challenge_method"] == "S256"


def test_no_nonce_without_openid(client, provider):
    assert "nonce" not in query_of(client, changed(provider, scopes=("email",)))[1]


def test_prompt_and_acr_values_where_configured(client, provider):
    _, query = query_of(client, changed(provider, prompt="login", acr_values=("urn:a", "urn:b")))
    assert (query["prompt"], query["acr_values"]) == ("login", "urn:a urn:b")


def test_blanks_are_written_so_that_all_read_them(client, provider):
    url = client.authorization_url(
        provider, redirect_uri=REDIRECT_URI, state="s+1", nonce="n", code_verifier=None
    )
    assert "scope=openid%20email" in url
    assert "state=s%2B1" in url


def test_a_query_of_the_endpoint_is_kept(client, provider, peer):
    endpoints = Endpoints(authorization=f"{peer.url}/authorize?policy=a%20b", token="", userinfo="")
    assert query_of(client, changed(provider, endpoints=endpoints))[1]["policy"] == "a b"


def test_a_user_comes_back(client, provider, peer):
    user = log_in(client, provider)
    assert (user.provider_id, user.subject, user.email, user.is_email_verified) == (
        "custom_stub",
        "alice-1",
        "alice@example.test",
        True,
    )
    token, userinfo = peer.asked
    assert token.method == "POST"
    assert token.form == {
        "grant_type": "authorization_code",
        "code": "code-hunter2",
        "redirect_uri": REDIRECT_URI,
    }
    assert (userinfo.method, userinfo.headers["authorization"]) == ("GET", "Bearer access-hunter2")


def test_the_verifier_goes_to_the_token_endpoint(client, provider, peer):
    log_in(client, provider, code_verifier="v" * 43)
    assert peer.asked[0].form["code_verifier"] == "v" * 43


@pytest.mark.parametrize("answer", [USER, [USER], "a.b.c", None])
def test_only_one_object_describes_a_user(client, provider, peer, answer):
    peer.answers["/userinfo"] = Reply(answer, type="text/plain")
    if answer is USER:
        assert log_in(client, provider).subject == "alice-1"
    else:
        with pytest.raises(ProviderUserUnavailable):
            log_in(client, provider)


@pytest.mark.parametrize("status", [201, 204, 302, 401, 500])
def test_user_data_with_another_status(client, provider, peer, status):
    peer.answers["/userinfo"] = Reply(USER, status)
    with pytest.raises(ProviderUserUnavailable) as raised:
        log_in(client, provider)
    assert raised.value.reason == f"status {status}"


def test_a_subject_is_needed(client, provider, peer):
    peer.answers["/userinfo"] = {"email": "alice@example.test"}
    with pytest.raises(ProviderUserInvalid):
        log_in(client, provider)


def test_attributes_are_mapped(client, provider, peer):
    peer.answers["/userinfo"] = {"id": 7, "mail": "bob@example.test", "login": "bob"}
    mapping = {"sub": "id", "email": "mail"}
    user = log_in(client, changed(provider, attribute_mapping=mapping))
    assert (user.subject, user.email, user.claims["custom_claims"]) == (
        "7",
        "bob@example.test",
        {"login": "bob"},
    )


def test_nothing_secret_is_shown(client, provider, peer):
    peer.answers["/token"] = Reply({"error": "secret-hunter2", "error_description": "code-hunter2"}, 400)
    with pytest.raises(CodeExchangeFailed) as raised:
        log_in(client, provider)
    shown = f"{raised.value.reason} {raised.value!r} {raised.value.__cause__!r} {provider!r}"
    assert "hunter2" not in shown
