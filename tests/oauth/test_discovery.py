"""Providers that say about themselves where they are asked, and some that lie."""

import pytest

from hanko_compat.errors.third_party import CodeExchangeFailed, ProviderUnavailable
from hanko_compat.oauth.client import ProviderClient
from tests.oauth.conftest import REDIRECT_URI, changed, log_in, metadata
from tests.oauth.peer import Peer, Reply
from tests.smtp import certificate_for, trusting

WELL_KNOWN = "/.well-known/openid-configuration"


def url_for(client, provider):
    return client.authorization_url(
        provider, redirect_uri=REDIRECT_URI, state="s", nonce="n-1", code_verifier=None
    )


def refusal(client, provider):
    with pytest.raises(ProviderUnavailable) as raised:
        url_for(client, provider)
    assert "hunter2" not in f"{raised.value!r} {raised.value.reason} {raised.value.__cause__!r}"
    return raised.value.reason


def test_where_a_browser_is_sent(client, discovered, peer):
    assert url_for(client, discovered).startswith(f"{peer.url}/authorize?")
    assert "nonce=n-1" in url_for(client, discovered)
    assert client.supports_pkce(discovered)
    assert peer.paths == [WELL_KNOWN]


@pytest.mark.parametrize("methods", [None, [], ["plain"], "S256", {"S256": 1}])
def test_pkce_only_where_it_says_so(client, discovered, peer, methods):
    peer.answers[WELL_KNOWN] = metadata(peer, code_challenge_methods_supported=methods)
    assert not client.supports_pkce(discovered)


def test_a_slash_at_the_end_belongs_to_the_issuer(client, discovered, peer):
    """As Auth0 has it: the address has one slash, the comparison two."""
    peer.answers["/realms/corp" + WELL_KNOWN] = metadata(peer, issuer=f"{peer.url}/realms/corp/")
    assert url_for(client, changed(discovered, issuer=f"{peer.url}/realms/corp/"))
    other = ProviderClient(timeout=30)
    assert (
        refusal(other, changed(discovered, issuer=f"{peer.url}/realms/corp")) == "metadata of another issuer"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"issuer": "https://evil.example.test"}, "metadata of another issuer"),
        ({"issuer": None}, "metadata of another issuer"),
        ({"issuer": ["x"]}, "metadata of another issuer"),
        ({"authorization_endpoint": None}, "metadata without authorization_endpoint"),
        ({"token_endpoint": ""}, "metadata without token_endpoint"),
        ({"token_endpoint": 7}, "metadata whose token_endpoint is no URL"),
        ({"token_endpoint": "/token"}, "metadata whose token_endpoint is no URL"),
        (
            {"authorization_endpoint": "javascript:alert(1)"},
            "metadata whose authorization_endpoint is no URL",
        ),
        ({"authorization_endpoint": "http://a b/"}, "metadata whose authorization_endpoint is no URL"),
        (
            {"authorization_endpoint": "http://a/\r\nX: y"},
            "metadata whose authorization_endpoint is no URL",
        ),
        ({"userinfo_endpoint": "http://u:p@a/"}, "metadata whose userinfo_endpoint is no URL"),
        ({"userinfo_endpoint": "http://[::1/"}, "metadata whose userinfo_endpoint is no URL"),
        ({"jwks_uri": "file:///etc/passwd"}, "metadata whose jwks_uri is no URL"),
    ],
)
def test_metadata_that_can_not_be_used(client, discovered, peer, changes, reason):
    peer.answers[WELL_KNOWN] = metadata(peer, **changes)
    assert refusal(client, discovered) == reason


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply({"error": "hunter2"}, 404), "status 404"),
        (Reply("hunter2"), "an answer that is no JSON"),
        (Reply([]), "metadata that is no JSON object"),
        (Reply(b'"' + b"x" * 300_000 + b'"'), "an answer of more than 262144 bytes"),
        (Reply(status=302, headers={"Location": WELL_KNOWN}), "more than 3 redirects"),
    ],
)
def test_no_metadata(client, discovered, peer, reply, reason):
    peer.answers[WELL_KNOWN] = reply
    assert refusal(client, discovered) == reason


def test_no_issuer(client, discovered):
    assert refusal(client, changed(discovered, issuer="")) == "no issuer is configured"


def test_a_provider_that_is_down(client, discovered):
    assert "refused" in refusal(client, changed(discovered, issuer="http://127.0.0.1:1"))


def test_a_provider_that_hangs(discovered, peer):
    peer.answers[WELL_KNOWN] = Reply(hangs=True)
    assert refusal(ProviderClient(timeout=0.3), discovered) == "timed out"
    peer.release()


def test_a_host_that_the_metadata_names_may_not_be_private(client, discovered, peer):
    with Peer(answers={"/token": {"access_token": "a"}}, host="127.0.0.2") as inner:
        peer.answers[WELL_KNOWN] = metadata(peer, token_endpoint=f"{inner.url}/token")
        with pytest.raises(CodeExchangeFailed) as raised:
            log_in(client, discovered)
        assert "private address" in raised.value.reason
        assert inner.asked == []


def test_metadata_outlive_a_failure(client, discovered, peer, clock):
    log_in(client, discovered)
    peer.answers[WELL_KNOWN] = Reply("busy", 503)
    clock.advance(hours=2)
    assert log_in(client, discovered).subject == "alice-1"
    clock.advance(hours=23)
    assert refusal(client, discovered) == "status 503"


def test_metadata_of_another_issuer_replace_good_ones(client, discovered, peer, clock):
    url_for(client, discovered)
    peer.answers[WELL_KNOWN] = metadata(peer, issuer="https://evil.example.test")
    clock.advance(hours=2)
    assert refusal(client, discovered) == "metadata of another issuer"


@pytest.fixture
def certificate(tmp_path):
    file = tmp_path / "server.pem"
    file.write_bytes(certificate_for("127.0.0.1"))
    return file


def test_tls_is_not_left(discovered, certificate):
    with Peer(certificate=certificate) as peer:
        peer.answers[WELL_KNOWN] = metadata(peer)
        provider = changed(discovered, issuer=peer.url)
        assert url_for(ProviderClient(timeout=30, make_tls=trusting(certificate)), provider)
        for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
            peer.answers[WELL_KNOWN] = metadata(peer, **{name: peer.url.replace("https", "http")})
            reason = refusal(ProviderClient(timeout=30, make_tls=trusting(certificate)), provider)
            assert reason == f"metadata whose {name} is without TLS"


def test_a_certificate_that_is_not_trusted(client, discovered, certificate):
    with Peer(certificate=certificate) as peer:
        assert refusal(client, changed(discovered, issuer=peer.url)).startswith("certificate")
