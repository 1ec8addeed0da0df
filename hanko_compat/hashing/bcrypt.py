"""bcrypt hashes: ``$2a$``, ``$2b$``, ``$2x$``, ``$2y$`` of any cost. Written with ``$2a$``, as Hanko does."""

import re
from functools import partial

import bcrypt

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import costs
from hanko_compat.hashing.foreign import crypt_blowfish
from hanko_compat.hashing.stored import Description, StoredHash

MAX_BYTES = 72  # bcrypt ignores what follows
LETTERS = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
"""Of bcrypt's base64, by their value."""
SALT_END = len("$2a$10$") + 22
"""Letters to the end of the salt, which is 128 bits of 132."""
FORM = re.compile(r"\$2(?P<version>[abxy])\$(?P<cost>0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")


def fits(secret: str) -> bool:
    """Whether bcrypt takes the whole of *secret*: 72 bytes at most, none of them NUL."""
    return len(encoded(secret)) <= MAX_BYTES and "\0" not in secret


def encoded(secret: str) -> bytes:
    """The bytes of *secret* that are hashed. A lone surrogate, which JSON can hold, is encoded as well."""
    return secret.encode("utf-8", "surrogatepass")


def create(secret: str, *, cost: int) -> str:
    """Hash a secret that fits; *cost* is the number of rounds as a power of two."""
    return bcrypt.hashpw(encoded(secret), bcrypt.gensalt(cost, prefix=b"2a")).decode()


def is_as_created(text: str, *, cost: int) -> bool:
    """Whether a hash is like those of `create`: Hanko's prefix, and at least this cost."""
    found = FORM.fullmatch(text)
    return found is not None and found["version"] == "a" and int(found["cost"]) >= cost


def read(text: str) -> StoredHash:
    """Read a hash.

    Raises:
        HashUnusable: not a bcrypt hash.
    """
    found = FORM.fullmatch(text)
    if found is None:
        raise HashUnusable(
            "bcrypt: not of the form $2a$cost$ with 53 letters, or another version than a, b, x and y"
        )
    cost = int(found["cost"])
    description = Description("bcrypt", {"cost": cost}, seconds=(1 << cost) * costs.BCRYPT_ROUND)
    check = partial(_verify_2x, text) if found["version"] == "x" else partial(verify, text=text)
    return StoredHash(description, check, longest=MAX_BYTES)


def verify(secret: bytes, text: str) -> bool:
    """Whether *secret*, of which 72 bytes count, has this hash; compared in constant time.

    Raises:
        ValueError: not a bcrypt hash, although it has the form of one.
    """
    return bcrypt.checkpw(secret[:MAX_BYTES], _as_the_library_reads_it(text))


def _verify_2x(text: str, secret: bytes) -> bool:
    return verify(crypt_blowfish.equivalent(secret[:MAX_BYTES]), text)


def _as_the_library_reads_it(text: str) -> bytes:
    """*text* without the last four bits of the salt, which mean nothing: passlib before 1.5.3 set some."""
    letter = LETTERS[LETTERS.index(text[SALT_END - 1]) & 0b110000] if FORM.fullmatch(text) else ""
    return f"{text[: SALT_END - 1]}{letter}{text[SALT_END:]}".encode() if letter else text.encode()
