"""PBKDF2 (RFC 8018), as libpass writes it: ``$pbkdf2-sha256$rounds$salt$hash``; ``$pbkdf2$`` is with SHA-1.

Computed with hashlib: libpass takes hashes as long as the digest only, and Keycloak and Kratos write others.
"""

import hashlib
import hmac
import re
from functools import partial

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import costs
from hanko_compat.hashing.foreign import base64_text
from hanko_compat.hashing.stored import Description, StoredHash, checked_digest

FORM = re.compile(
    r"\$pbkdf2(?:-(?P<digest>sha1|sha256|sha512))?\$(?P<rounds>[1-9]\d{0,9})\$(?P<salt>[^$]*)\$(?P<hash>[^$]+)"
)
MOST_ROUNDS = 2**31 - 1  # of OpenSSL


def read(text: str) -> StoredHash:
    """Read a hash.

    Raises:
        HashUnusable: it is none.
    """
    found = FORM.fullmatch(text)
    if found is None:
        raise HashUnusable(
            "pbkdf2: not of the form $pbkdf2-sha256$rounds$salt$hash, with sha1, sha256 or sha512"
        )
    try:
        salt, expected = base64_text.decode(found["salt"]), base64_text.decode(found["hash"])
    except ValueError:
        raise HashUnusable("pbkdf2: salt or hash are no base64") from None
    return stored(found["digest"] or "sha1", rounds=int(found["rounds"]), salt=salt, expected=expected)


def stored(digest: str, *, rounds: int, salt: bytes, expected: bytes) -> StoredHash:
    """Return the hash *expected*, of any length, with the HMAC of *digest*: sha1, sha256 or sha512.

    Of a hash longer than the digest its first block is compared. Each further one would be computed from the
    password anew (RFC 8018 s. 5.2), at the same price, and who guesses does not pay it either.
    """
    algorithm = f"pbkdf2-{digest}"
    description = Description(algorithm, {"rounds": rounds}, seconds=rounds * costs.PBKDF2_ROUND[digest])
    if rounds > MOST_ROUNDS:
        raise HashUnusable(f"{description}: no parameters of pbkdf2")
    block = checked_digest(expected, of=algorithm)[: hashlib.new(digest).digest_size]
    return StoredHash(description, partial(_verify, digest, rounds, salt, block))


def _verify(digest: str, rounds: int, salt: bytes, block: bytes, password: bytes) -> bool:
    computed = hashlib.pbkdf2_hmac(digest, password, salt, rounds, dklen=len(block))
    return hmac.compare_digest(computed, block)
