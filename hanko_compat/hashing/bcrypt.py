"""bcrypt hashes: ``$2a$``, ``$2b$`` and ``$2y$`` of any cost. Written with ``$2a$``, as Hanko does."""

import re

import bcrypt

MAX_BYTES = 72  # bcrypt ignores what follows
FORM = re.compile(r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")


def fits(secret: str) -> bool:
    """Whether bcrypt takes the whole of *secret*: 72 bytes at most, none of them NUL."""
    return len(encoded(secret)) <= MAX_BYTES and "\0" not in secret


def encoded(secret: str) -> bytes:
    """The bytes of *secret* that are hashed. A lone surrogate, which JSON can hold, is encoded as well."""
    return secret.encode("utf-8", "surrogatepass")


def create(secret: str, *, cost: int) -> str:
    """Hash a secret that fits; *cost* is the number of rounds as a power of two."""
    return bcrypt.hashpw(encoded(secret), bcrypt.gensalt(cost, prefix=b"2a")).decode()


def check(text: str) -> None:
    """Check the form of a hash.

    Raises:
        ValueError: not a bcrypt hash.
    """
    if not FORM.fullmatch(text):
        raise ValueError("no hash of bcrypt")


def verify(secret: bytes, text: str) -> bool:
    """Whether *secret*, of at most 72 bytes, has this hash; compared in constant time.

    Raises:
        ValueError: not a bcrypt hash, although it has the form of one.
    """
    return bcrypt.checkpw(secret, text.encode())
