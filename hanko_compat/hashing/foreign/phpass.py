"""Hashes of phpass: ``$P$`` of WordPress before 6.8 and others, ``$H$`` of phpBB 3, and ``$S$`` of Drupal 7.

The portable hashes of https://www.openwall.com/phpass/ repeat MD5. Drupal has the same with SHA-512, cut
to 55 letters. ``U$S$`` is what Drupal's upgrade from version 6 made of its MD5 hashes in hexadecimal digits.
"""

import hashlib
import hmac
import re
from functools import partial

from passlib.handlers.phpass import phpass
from passlib.utils.binary import h64

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import costs
from hanko_compat.hashing.stored import Description, StoredHash

PORTABLE = re.compile(r"\$[PH]\$(?P<exponent>[./0-9A-Za-z])[./0-9A-Za-z]{30}")
DRUPAL = re.compile(
    r"(?P<upgraded>U?)\$S\$(?P<exponent>[./0-9A-Za-z])(?P<salt>[./0-9A-Za-z]{8})(?P<hash>[./0-9A-Za-z]{43})"
)
EXPONENTS = range(7, 31)  # of the number of rounds, in all of these systems


def read_portable(text: str) -> StoredHash:
    """Read a hash of phpass, with either prefix.

    Raises:
        HashUnusable: it is none.
    """
    found = PORTABLE.fullmatch(text)
    if found is None:
        raise HashUnusable("phpass: not of the form $P$ or $H$ with 31 letters")
    return StoredHash(_describe("phpass", found["exponent"]), partial(_verify_portable, text))


def read_drupal(text: str) -> StoredHash:
    """Read a hash of Drupal 7.

    Raises:
        HashUnusable: it is none.
    """
    found = DRUPAL.fullmatch(text)
    if found is None:
        raise HashUnusable("drupal7: not of the form $S$ or U$S$ with 52 letters")
    description = _describe("drupal7", found["exponent"])
    verify = partial(
        _verify_drupal,
        1 << description.parameters["ln"],
        found["salt"].encode(),
        found["hash"].encode(),
        is_upgraded=bool(found["upgraded"]),
    )
    return StoredHash(description, verify)


def _describe(algorithm: str, letter: str) -> Description:
    exponent = h64.decode_int6(letter.encode())
    description = Description(algorithm, {"ln": exponent}, seconds=(1 << exponent) * costs.PHPASS_ROUND)
    if exponent not in EXPONENTS:
        raise HashUnusable(f"{description}: no number of rounds of phpass")
    return description


def _verify_portable(text: str, password: bytes) -> bool:
    return bool(phpass.verify(password, text))


def _verify_drupal(rounds: int, salt: bytes, expected: bytes, password: bytes, *, is_upgraded: bool) -> bool:
    if is_upgraded:
        password = hashlib.md5(password, usedforsecurity=False).hexdigest().encode()
    digest = hashlib.sha512(salt + password).digest()
    for _ in range(rounds):
        digest = hashlib.sha512(digest + password).digest()
    return hmac.compare_digest(h64.encode_bytes(digest)[: len(expected)], expected)
