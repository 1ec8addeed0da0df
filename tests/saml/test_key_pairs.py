"""Certificates of a service provider."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import rsa

from hanko_compat.saml.key_pairs import KeyPair


def test_a_private_key_is_not_shown() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pair = KeyPair(certificate="PEM", private_key=key, not_before=moment, expires_at=moment)
    assert "private_key" not in repr(pair)
