"""Hashes of Firebase: a scrypt key (RFC 7914) encrypts the project's signer key (AES-256 in counter mode).

As imports write them: ``$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=...$salt$hash``. ``n`` is the exponent of the
memory cost; ``ss``, ``sk``, salt and hash are base64.
"""

import hmac
import re
from functools import partial

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.foreign import base64_text, scrypt
from hanko_compat.hashing.stored import Description, StoredHash, checked_digest

FORM = re.compile(
    r"\$fbscrypt\$v=1,n=(?P<n>\d{1,2}),r=(?P<r>\d{1,3}),p=(?P<p>\d{1,2})"
    r",ss=(?P<ss>[^,$]*),sk=(?P<sk>[^,$]+)\$(?P<salt>[^$]+)\$(?P<hash>[^$]+)"
)
ALGORITHM = "firebase scrypt"
KEY_BYTES = 32
NONCE = bytes(16)


def read(text: str) -> StoredHash:
    """Read a hash.

    Raises:
        HashUnusable: it is none.
    """
    found = FORM.fullmatch(text)
    if found is None:
        raise HashUnusable(f"{ALGORITHM}: not of the form $fbscrypt$v=1,n=…,r=…,p=…,ss=…,sk=…$salt$hash")
    description = scrypt.describe(
        exponent=int(found["n"]), block=int(found["r"]), parallel=int(found["p"]), algorithm=ALGORITHM
    )
    try:
        separator, signer_key, salt, expected = map(
            base64_text.decode, found.group("ss", "sk", "salt", "hash")
        )
    except ValueError:
        raise HashUnusable(f"{ALGORITHM}: separator, signer key, salt or hash are no base64") from None
    if len(signer_key) != len(checked_digest(expected, of=ALGORITHM)):
        raise HashUnusable(f"{ALGORITHM}: signer key and hash differ in length")
    return StoredHash(description, partial(_verify, description, salt + separator, signer_key, expected))


def _verify(
    description: Description, salt: bytes, signer_key: bytes, expected: bytes, password: bytes
) -> bool:
    key = scrypt.key(description, password=password, salt=salt, length=KEY_BYTES)
    encryptor = Cipher(AES(key), CTR(NONCE)).encryptor()
    return hmac.compare_digest(encryptor.update(signer_key) + encryptor.finalize(), expected)
