"""A signing key made beforehand, because an RSA key of 4096 bits takes seconds to make."""

import json
import os
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TEST_KEY = Path(__file__).parent / "data" / "signing_keys" / "rsa_4096_test_key_1.json"
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)


def private_jwk() -> dict[str, Any]:
    """The private JWK that tests sign with; never use it elsewhere, everybody can read it."""
    return json.loads(TEST_KEY.read_text())


def encrypted(plain: str, *, secret: str) -> str:
    """*plain* as the column ``jwks.key_data`` holds it (AES-256-GCM under the SHA-256 of *secret*)."""
    nonce = os.urandom(12)
    sealed = AESGCM(sha256(secret.encode()).digest()).encrypt(nonce, plain.encode(), None)
    return urlsafe_b64encode(nonce + sealed).decode()


def key_data(secret: str) -> str:
    """The test key, encrypted under *secret*."""
    return encrypted(json.dumps(private_jwk()), secret=secret)
