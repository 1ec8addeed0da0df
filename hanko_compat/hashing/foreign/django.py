"""Hashes of Django (``django.contrib.auth.hashers``): the algorithm's name, ``$``, and what belongs to it.

Salts are text, and taken as such; hashes are in base64. See `prehashed` for ``bcrypt_sha256``.
"""

import re

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import bcrypt
from hanko_compat.hashing.foreign import argon2, base64_text, pbkdf2, scrypt
from hanko_compat.hashing.stored import StoredHash

PBKDF2 = re.compile(
    r"pbkdf2_(?P<digest>sha1|sha256)\$(?P<rounds>[1-9]\d{0,9})\$(?P<salt>[^$]*)\$(?P<hash>[^$]+)"
)
SCRYPT = re.compile(
    r"scrypt\$(?P<n>[1-9]\d{0,12})\$(?P<salt>[^$]*)\$(?P<r>\d{1,4})\$(?P<p>\d{1,4})\$(?P<hash>[^$]+)"
)


def read_pbkdf2(text: str) -> StoredHash:
    """Read ``pbkdf2_sha256$rounds$salt$hash``, or the same with ``sha1``.

    Raises:
        HashUnusable: it is none.
    """
    found = PBKDF2.fullmatch(text)
    if found is None:
        raise HashUnusable("pbkdf2: not of Django's form pbkdf2_sha256$rounds$salt$hash, with sha1 or sha256")
    return pbkdf2.stored(
        found["digest"],
        rounds=int(found["rounds"]),
        salt=found["salt"].encode(),
        expected=_digest(found["hash"], of="pbkdf2"),
    )


def read_scrypt(text: str) -> StoredHash:
    """Read ``scrypt$N$salt$r$p$hash``.

    Raises:
        HashUnusable: it is none.
    """
    found = SCRYPT.fullmatch(text)
    if found is None:
        raise HashUnusable("scrypt: not of Django's form scrypt$N$salt$r$p$hash")
    size = int(found["n"])
    if size.bit_count() != 1:
        raise HashUnusable(f"scrypt: N is {size}, which is no power of two")
    description = scrypt.describe(
        exponent=size.bit_length() - 1, block=int(found["r"]), parallel=int(found["p"])
    )
    return scrypt.stored(description, salt=found["salt"].encode(), digest=_digest(found["hash"], of="scrypt"))


def read_argon2(text: str) -> StoredHash:
    """Read ``argon2`` and a hash of Argon2.

    Raises:
        HashUnusable: it is none.
    """
    return argon2.read(text.removeprefix("argon2"))


def read_bcrypt(text: str) -> StoredHash:
    """Read ``bcrypt$`` and a hash of bcrypt.

    Raises:
        HashUnusable: it is none.
    """
    return bcrypt.read(text.removeprefix("bcrypt$"))


def _digest(text: str, *, of: str) -> bytes:
    try:
        return base64_text.decode(text)
    except ValueError:
        raise HashUnusable(f"{of}: the hash is no base64") from None
