"""Apple's client secret, in the form that Apple documents."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from hanko_compat.errors.keys import AppleSecretRefused
from hanko_compat.jose import apple_secret
from hanko_compat.jose.apple_secret import MAX_LIFETIME

NOW = datetime.now(UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key, *, password=None, form=serialization.PrivateFormat.PKCS8):
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


ARGUMENTS = {
    "team_id": "TEAM123456",
    "key_id": "KEY1234567",
    "service_id": "com.example.login",
    "key": pem(KEY),
    "issued_at": NOW,
    "expires_at": NOW + timedelta(days=180),
}


def test_it_says_what_apple_asks_for():
    secret = apple_secret.sign(**ARGUMENTS)
    claims = jwt.decode(secret, KEY.public_key(), algorithms=["ES256"], audience="https://appleid.apple.com")
    assert jwt.get_unverified_header(secret) == {"alg": "ES256", "kid": "KEY1234567", "typ": "JWT"}
    assert claims == {
        "iss": "TEAM123456",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(days=180)).timestamp()),
        "aud": "https://appleid.apple.com",
        "sub": "com.example.login",
    }


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"team_id": "team123456"}, "team ID"),
        ({"team_id": ""}, "team ID"),
        ({"key_id": "KEY123456"}, "key ID"),
        ({"service_id": ""}, "service ID"),
        ({"service_id": "com.example login"}, "service ID"),
        ({"expires_at": NOW + MAX_LIFETIME + timedelta(seconds=1)}, "six months"),
        ({"key": b""}, r"\.p8"),
        ({"key": pem(KEY)[:60]}, r"\.p8"),
        ({"key": pem(KEY, password=b"secret")}, "without a password"),
        ({"key": pem(ec.generate_private_key(ec.SECP384R1()))}, "ES256"),
        ({"key": pem(ed25519.Ed25519PrivateKey.generate())}, "ES256"),
        ({"key": pem(rsa.generate_private_key(65537, 2048))}, "ES256"),
        (
            {
                "key": KEY.public_key().public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
                )
            },
            r"\.p8",
        ),
    ],
)
def test_what_apple_would_not_take_is_refused(changes, told):
    with pytest.raises(AppleSecretRefused, match=told):
        apple_secret.sign(**ARGUMENTS | changes)
