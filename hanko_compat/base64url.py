"""Base64url (RFC 4648 s. 5), in which WebAuthn and JOSE write bytes as text."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from hanko_compat.errors.base64url import Base64urlMalformed

ALPHABET = re.compile(r"([A-Za-z0-9_-]*)={0,2}")


def encode(data: bytes) -> str:
    """*data* in base64url without padding."""
    return encode_padded(data).rstrip("=")


def encode_padded(data: bytes) -> str:
    """*data* in base64url with padding."""
    return urlsafe_b64encode(data).decode()


def decode(text: str) -> bytes:
    """The bytes of *text*, which may be padded or not.

    Raises:
        Base64urlMalformed: not base64url.
    """
    found = ALPHABET.fullmatch(text)
    if found is None or len(found[1]) % 4 == 1:
        raise Base64urlMalformed
    return urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
