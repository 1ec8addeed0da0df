"""Encryption under one of the configured secrets, as Hanko does it for its signing keys and its OAuth state.

The text is padded base64url of a nonce (12 bytes), the AES-256-GCM ciphertext and its tag (16 bytes);
the AES key is the SHA-256 of the secret's UTF-8 bytes; there is no associated data.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hanko_compat import random_secrets
from hanko_compat.base64url import decode, encode_padded
from hanko_compat.errors.base64url import Base64urlMalformed

NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD = NONCE_BYTES + TAG_BYTES
"""Bytes by which what is encrypted is longer than what was."""


@lru_cache(maxsize=16)
def _cipher(secret: str) -> AESGCM:
    return AESGCM(sha256(secret.encode()).digest())


def encrypt(plain: bytes, *, secret: str, nonce: bytes | None = None) -> str:
    """Encrypt *plain* under *secret*; the nonce is random unless a test vector fixes it."""
    nonce = nonce or random_secrets.octets(NONCE_BYTES)
    return encode_padded(nonce + _cipher(secret).encrypt(nonce, plain, None))


def decrypt(text: str, *, secret: str) -> bytes | None:
    """Decrypt what *secret* encrypted; None when it did not, or when the text was changed."""
    try:
        raw = decode(text)
    except Base64urlMalformed:
        return None
    if len(raw) < OVERHEAD:
        return None
    try:
        return _cipher(secret).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None)
    except InvalidTag:
        return None


def decrypt_with_any(text: str, *, secrets: Iterable[str]) -> bytes | None:
    """Decrypt under the first of *secrets* that fits; None when none does."""
    for secret in secrets:
        plain = decrypt(text, secret=secret)
        if plain is not None:
            return plain
    return None
