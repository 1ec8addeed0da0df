"""Apple's client secret: a token that the owner of a key signs, and that lives for half a year at most.

https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hanko_compat.errors.keys import AppleSecretRefused

AUDIENCE = "https://appleid.apple.com"
MAX_LIFETIME = timedelta(seconds=15_777_000)
"""Six months, as Apple counts them."""

_APPLE_ID = re.compile(r"[A-Z0-9]{10}")  # of a team or a key
_SERVICE_ID = re.compile(r"[A-Za-z0-9.-]+")


def sign(
    *, team_id: str, key_id: str, service_id: str, key: bytes, issued_at: datetime, expires_at: datetime
) -> str:
    """Make the client secret of a service; *key* is the private key as Apple gives it, in PEM (PKCS #8).

    Raises:
        AppleSecretRefused: an ID that can't be one, a file that is no such key, or too long a life.
    """
    for name, text in (("team ID", team_id), ("key ID", key_id)):
        if not _APPLE_ID.fullmatch(text):
            raise AppleSecretRefused(f"{name} {text!r}: ten letters and digits in capitals are needed")
    if not _SERVICE_ID.fullmatch(service_id):
        raise AppleSecretRefused(f"service ID {service_id!r}: a name such as com.example.login is needed")
    if expires_at - issued_at > MAX_LIFETIME:
        raise AppleSecretRefused("Apple takes no secret that lives longer than six months")
    claims = {
        "iss": team_id,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "aud": AUDIENCE,
        "sub": service_id,
    }
    return jwt.encode(claims, _private_key(key), algorithm="ES256", headers={"kid": key_id})


@dataclass(frozen=True, slots=True)
class AppleSecret:
    """What a client secret says of itself."""

    service_id: str
    expires_at: datetime


def read(secret: str) -> AppleSecret | None:
    """Look into a client secret, without judging its signature; None for what is none."""
    try:
        claims = jwt.decode(secret, options={"verify_signature": False})
        return AppleSecret(str(claims["sub"]), datetime.fromtimestamp(claims["exp"], UTC))
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError):
        return None


def _private_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AppleSecretRefused("no private key in PEM without a password: take Apple's .p8 file") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise AppleSecretRefused("not a key for ES256: take Apple's .p8 file")
    return key
