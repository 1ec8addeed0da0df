"""Our client against a certified provider: each log-in is a whole one, over TLS, with PKCE and a nonce."""

import ssl
from functools import partial

import pytest

from hanko_compat.errors.third_party import (
    CodeExchangeFailed,
    ProviderUnavailable,
    ProviderUserUnavailable,
)
from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.provider import Provider
from hanko_compat.oauth.shared_document import PAUSE
from hanko_compat.oauth.userinfo import CUSTOM
from tests.clock import FakeClock
from tests.peers.openid_provider import ACCOUNT, CLIENT_ID, SECRET, OpenIdProvider, query_of

REDIRECT_URI = "https://app.example.test/callback"
VERIFIER = "v" * 43


@pytest.fixture
def provider(openid_provider: OpenIdProvider) -> Provider:
    openid_provider.register(REDIRECT_URI)
    return Provider(
        id="custom_peer",
        display_name="Peer",
        client_id=CLIENT_ID,
        secret=SECRET,
        scopes=("openid", "email", "profile"),
        allow_linking=True,
        kind=CUSTOM,
        issuer=openid_provider.issuer,
        issuers=(openid_provider.issuer,),
        private_hosts=frozenset({"localhost"}),
    )


class LogIn:
    """Somebody who logs in there with a browser and comes back."""

    def __init__(self, openid_provider: OpenIdProvider, provider: Provider) -> None:
        self.clock = FakeClock()
        self.peer = openid_provider
        self.provider = provider
        self.client = self.make_client(timeout=30)

    def make_client(self, *, timeout: float) -> ProviderClient:
        trusted = partial(ssl.create_default_context, cafile=self.peer.authority.file)
        return ProviderClient(timeout=timeout, make_tls=trusted, now=self.clock)

    def code(self) -> str:
        assert self.client.supports_pkce(self.provider)
        url = self.client.authorization_url(
            self.provider, redirect_uri=REDIRECT_URI, state="s", nonce="n-1", code_verifier=VERIFIER
        )
        answer = query_of(self.peer.log_in(url))
        assert answer["state"] == "s"
        return answer["code"]

    def __call__(self, *, nonce: str = "n-1", code_verifier: str | None = VERIFIER):
        return self.client.fetch_user(
            self.provider,
            redirect_uri=REDIRECT_URI,
            code=self.code(),
            nonce=nonce,
            code_verifier=code_verifier,
            issuer=self.peer.issuer,
        )


@pytest.fixture
def log_in(openid_provider: OpenIdProvider, provider: Provider) -> LogIn:
    return LogIn(openid_provider, provider)


def test_a_user(log_in):
    user = log_in()
    assert (user.subject, user.email, user.is_email_verified) == ("alice", ACCOUNT["email"], True)
    assert user.claims == {"sub": "alice", **ACCOUNT}


@pytest.mark.parametrize("keeps_old", [True, False])
def test_a_new_key(log_in, keeps_old):
    log_in()
    log_in.peer.rotate(keeps_old=keeps_old)
    log_in.clock.advance(seconds=PAUSE.total_seconds())
    assert log_in().subject == "alice"


def test_another_verifier(log_in):
    with pytest.raises(CodeExchangeFailed) as raised:
        log_in(code_verifier="w" * 43)
    assert "invalid_grant" in raised.value.reason


def test_another_nonce(log_in):
    with pytest.raises(ProviderUserUnavailable) as raised:
        log_in(nonce="n-2")
    assert raised.value.reason == "ID token: nonce"


@pytest.mark.parametrize(
    "lie",
    [
        {"set": {"iss": "https://evil.example.test"}},
        {"set": {"aud": "other"}},
        {"set": {"aud": [CLIENT_ID, "other"]}},
        {"set": {"azp": "other"}},
        {"set": {"exp": 1}},
        {"set": {"sub": "eve"}},
        {"remove": ["nonce"]},
        {"remove": ["exp"]},
        {"key": "unknown"},
        {"key": "none"},
    ],
)
def test_an_id_token_that_lies(log_in, lie):
    log_in.peer.fail("token", id_token=lie)
    with pytest.raises(ProviderUserUnavailable):
        log_in()


@pytest.mark.parametrize(
    "how", [{"closes": True}, {"status": 503, "body": "busy"}, {"remove": ["access_token"]}]
)
def test_a_token_endpoint_that_fails(log_in, how):
    log_in.peer.fail("token", **how)
    with pytest.raises(CodeExchangeFailed):
        log_in()


@pytest.mark.parametrize("how", [{"hangs": True}, {"drips": True}])
def test_one_that_does_not_end(log_in, how):
    code = log_in.code()
    log_in.peer.fail("token", **how)
    with pytest.raises(CodeExchangeFailed) as raised:
        log_in.make_client(timeout=1).fetch_user(
            log_in.provider,
            redirect_uri=REDIRECT_URI,
            code=code,
            nonce="n-1",
            code_verifier=VERIFIER,
            issuer=log_in.peer.issuer,
        )
    assert "timed out" in raised.value.reason


def test_metadata_of_another_issuer(log_in):
    log_in.peer.fail("discovery", set={"issuer": "https://evil.example.test"})
    with pytest.raises(ProviderUnavailable):
        log_in.code()
