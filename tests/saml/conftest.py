"""A service provider and an identity provider that know each other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hanko_compat.clock import utc_now
from hanko_compat.saml.assertion import Assertion
from hanko_compat.saml.idp_metadata import parse_metadata
from hanko_compat.saml.key_pairs import KeyPair
from hanko_compat.saml.service_provider import ServiceProvider, ServiceProviderOptions
from tests.saml import signing
from tests.saml.identity_provider import IdentityProvider
from tests.saml.signing import Pair

ENTITY_ID = "https://sp.example.test"
ACS_URL = f"{ENTITY_ID}/saml/callback"
AUDIENCE = "urn:audience"


def key_pair(pair: Pair, *, days: float = 300) -> KeyPair:
    """*pair* as the service provider has it, valid for so many *days*."""
    private = load_pem_private_key(pair.private, None)
    assert isinstance(private, RSAPrivateKey)
    begin = utc_now() - timedelta(days=365)
    return KeyPair(
        certificate=pair.certificate,
        private_key=private,
        not_before=begin,
        expires_at=utc_now() + timedelta(days=days),
    )


@dataclass
class Ring:
    """Certificates of the service provider: all are published, the first signs."""

    pairs: list[KeyPair] = field(default_factory=lambda: [key_pair(signing.pair_number(11))])

    def current(self) -> KeyPair:
        return self.pairs[0]

    def published(self) -> list[KeyPair]:
        return self.pairs

    def decrypting(self) -> list[KeyPair]:
        return self.pairs


@pytest.fixture
def ring() -> Ring:
    return Ring()


@pytest.fixture
def idp() -> IdentityProvider:
    return IdentityProvider()


MakeProvider = Callable[..., ServiceProvider]
Read = Callable[..., Assertion]


@pytest.fixture
def make_provider(ring: Ring) -> MakeProvider:
    def make(**options: Any) -> ServiceProvider:
        options = {"audience": AUDIENCE, **options}
        chosen = ServiceProviderOptions(entity_id=ENTITY_ID, acs_url=ACS_URL, **options)
        return ServiceProvider(chosen, key_pairs=ring, now=utc_now)

    return make


@pytest.fixture
def read(make_provider: MakeProvider, idp: IdentityProvider) -> Read:
    """``read(text)`` as the answer to the request ``_request``."""

    def read_text(text: str, *, request_id: str | None = "_request", **options: Any) -> Assertion:
        metadata = parse_metadata(idp.metadata())
        return make_provider(**options).read_response(text, metadata, request_id=request_id)

    return read_text
