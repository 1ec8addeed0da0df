"""Base64url (RFC 4648 s. 5), in which WebAuthn's JSON holds bytes."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from hanko_compat.errors.passkeys import CredentialMalformed

ALPHABET = re.compile(r"([A-Za-z0-9_-]*)={0,2}")


def encode(data: bytes) -> str:
    """*data* in base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of *text*, which may be padded or not.

    Raises:
        CredentialMalformed: not base64url.
    """
    found = ALPHABET.fullmatch(text)
    if found is None or len(found[1]) % 4 == 1:
        raise CredentialMalformed
    return urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
