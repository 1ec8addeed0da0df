"""A custom provider that a test may change, and the client that asks it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.provider import Endpoints, Provider
from hanko_compat.oauth.userinfo import CUSTOM
from hanko_compat.provider_user import ProviderUser
from tests.clock import FakeClock
from tests.oauth.peer import Peer, Reply
from tests.oauth.signing import Signer

REDIRECT_URI = "http://localhost:8000/thirdparty/callback"
USER = {"sub": "alice-1", "email": "alice@example.test", "email_verified": True}
TOKEN = {"access_token": "access-hunter2", "token_type": "Bearer", "expires_in": 300}


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(answers={"/token": dict(TOKEN), "/userinfo": dict(USER)}) as running:
        yield running


@pytest.fixture
def provider(peer: Peer) -> Provider:
    """A custom one without discovery."""
    return Provider(
        id="custom_stub",
        display_name="Stub",
        client_id="client",
        secret="secret-hunter2",
        scopes=("openid", "email"),
        allow_linking=True,
        kind=CUSTOM,
        endpoints=Endpoints(
            authorization=f"{peer.url}/authorize", token=f"{peer.url}/token", userinfo=f"{peer.url}/userinfo"
        ),
        private_hosts=frozenset({"127.0.0.1"}),
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client(clock: FakeClock) -> ProviderClient:
    return ProviderClient(timeout=30, now=clock)


@pytest.fixture
def signer(clock: FakeClock) -> Signer:
    return Signer(clock)


@pytest.fixture
def discovered(peer: Peer, provider: Provider, signer: Signer) -> Provider:
    """One that says about itself where it is asked, and answers with an ID token."""
    peer.answers.update(
        {
            "/.well-known/openid-configuration": metadata(peer),
            "/jwks": lambda _asked: Reply({"keys": signer.public()}),
            "/token": lambda _asked: Reply({**TOKEN, "id_token": signer.id_token(iss=peer.url)}),
        }
    )
    return replace(provider, endpoints=None, issuer=peer.url, issuers=(peer.url,))


def metadata(peer: Peer, **changes: Any) -> dict[str, Any]:
    """What a provider publishes at its well-known address."""
    return {
        "issuer": peer.url,
        "authorization_endpoint": f"{peer.url}/authorize",
        "token_endpoint": f"{peer.url}/token",
        "userinfo_endpoint": f"{peer.url}/userinfo",
        "jwks_uri": f"{peer.url}/jwks",
        "code_challenge_methods_supported": ["plain", "S256"],
        **changes,
    }


def log_in(client: ProviderClient, provider: Provider, **changes: Any) -> ProviderUser:
    """Come back from the provider with a code."""
    arguments = {"redirect_uri": REDIRECT_URI, "code": "code-hunter2", "nonce": "n-1", "code_verifier": None}
    return client.fetch_user(provider, **{**arguments, **changes})


def changed(provider: Provider, **changes: Any) -> Provider:
    return replace(provider, **changes)
