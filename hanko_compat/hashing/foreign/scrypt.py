"""scrypt (RFC 7914), as libpass writes it: ``$scrypt$ln=14,r=8,p=1$salt$hash``, both in base64.

Computed with hashlib: libpass takes hashes of 32 bytes only, and many systems write 64.
"""

import hashlib
import hmac
import re

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import costs
from hanko_compat.hashing.foreign import base64_text
from hanko_compat.hashing.stored import Description, StoredHash, checked_digest

FORM = re.compile(
    r"\$scrypt\$ln=(?P<ln>\d{1,2}),r=(?P<r>\d{1,4}),p=(?P<p>\d{1,4})\$(?P<salt>[^$]*)\$(?P<hash>[^$]+)"
)
ALGORITHM = "scrypt"
MOST_EXPONENT = 40  # of N: far beyond any memory
SLACK = 1024 * 1024  # bytes that OpenSSL counts beside the large array


def read(text: str) -> StoredHash:
    """Read a hash.

    Raises:
        HashUnusable: it is none.
    """
    found = FORM.fullmatch(text)
    if found is None:
        raise HashUnusable("scrypt: not of the form $scrypt$ln=…,r=…,p=…$salt$hash")
    try:
        salt, digest = base64_text.decode(found["salt"]), base64_text.decode(found["hash"])
    except ValueError:
        raise HashUnusable("scrypt: salt or hash are no base64") from None
    description = describe(exponent=int(found["ln"]), block=int(found["r"]), parallel=int(found["p"]))
    return stored(description, salt=salt, digest=digest)


def describe(*, exponent: int, block: int, parallel: int, algorithm: str = ALGORITHM) -> Description:
    """Describe scrypt with ``N = 2**exponent``, ``r`` and ``p``.

    Raises:
        HashUnusable: these are no parameters of scrypt (RFC 7914 s. 6).
    """
    memory = (128 << min(exponent, MOST_EXPONENT)) * block
    description = Description(
        algorithm,
        {"ln": exponent, "r": block, "p": parallel},
        seconds=memory / 128 * parallel * costs.SCRYPT_BLOCK,
        memory=memory,
    )
    if not (1 <= exponent <= MOST_EXPONENT and exponent < 16 * block and parallel):
        raise HashUnusable(f"{description}: no parameters of scrypt")
    return description


def stored(description: Description, *, salt: bytes, digest: bytes) -> StoredHash:
    """Return the hash *digest* with these parameters."""
    checked_digest(digest, of=description.algorithm)

    def verify(password: bytes) -> bool:
        return hmac.compare_digest(key(description, password=password, salt=salt, length=len(digest)), digest)

    return StoredHash(description, verify)


def key(description: Description, *, password: bytes, salt: bytes, length: int) -> bytes:
    """Derive a key of *length* bytes from a password."""
    exponent, block, parallel = (description.parameters[name] for name in ("ln", "r", "p"))
    return hashlib.scrypt(
        password,
        salt=salt,
        n=1 << exponent,
        r=block,
        p=parallel,
        maxmem=description.memory + 128 * block * (parallel + 2) + SLACK,
        dklen=length,
    )
