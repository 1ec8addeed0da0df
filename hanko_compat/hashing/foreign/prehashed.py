"""bcrypt over a digest of the password, so that all of a long one counts: of Django, and of WordPress 6.8."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import bcrypt
from hanko_compat.hashing.stored import LONGEST_PASSWORD, StoredHash

WORDPRESS_KEY = b"wp-sha384"


def read_django(text: str) -> StoredHash:
    """Read ``bcrypt_sha256$`` and a hash of bcrypt: that of the hexadecimal digits of SHA-256.

    Raises:
        HashUnusable: it is none.
    """
    return _over(text.removeprefix("bcrypt_sha256$"), "bcrypt_sha256", digest=_hex_sha256)


def read_wordpress(text: str) -> StoredHash:
    """Read ``$wp`` and a hash of bcrypt: that of HMAC-SHA-384 in base64.

    Raises:
        HashUnusable: it is none.
    """
    return _over(text.removeprefix("$wp"), "wordpress bcrypt", digest=_base64_sha384)


def _over(text: str, algorithm: str, *, digest: Callable[[bytes], bytes]) -> StoredHash:
    try:
        inner = bcrypt.read(text)
    except HashUnusable:
        raise HashUnusable(f"{algorithm}: no hash of bcrypt in it") from None
    return StoredHash(
        replace(inner.description, algorithm=algorithm),
        verify=lambda password: inner.verify(digest(password)),
        longest=LONGEST_PASSWORD,
    )


def _hex_sha256(password: bytes) -> bytes:
    return hashlib.sha256(password).hexdigest().encode()


def _base64_sha384(password: bytes) -> bytes:
    return base64.b64encode(hmac.digest(WORDPRESS_KEY, password, "sha384"))
