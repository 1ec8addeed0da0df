"""bcrypt hashes: ``$2a$``, ``$2b$`` and ``$2y$`` of any cost. Written with ``$2a$``, as Hanko does."""

import re

import bcrypt

MAX_BYTES = 72  # bcrypt looks at no more
FORM = re.compile(r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")


def fits(secret: str) -> bool:
    """Whether bcrypt takes the whole of *secret*: 72 bytes at most, none of them NUL."""
    return len(encoded(secret)) <= MAX_BYTES and "\0" not in secret


def encoded(secret: str) -> bytes:
    """*secret* as it is hashed. Anything that JSON can hold has a form, half a character included."""
    return secret.encode("utf-8", "surrogatepass")


def create(secret: str, *, cost: int) -> str:
    """Hash a secret that fits; *cost* is the number of rounds as a power of two."""
    return bcrypt.hashpw(encoded(secret), bcrypt.gensalt(cost, prefix=b"2a")).decode()


def check(text: str) -> None:
    """Let a hash of bcrypt pass.

    Raises:
        ValueError: it is none.
    """
    if not FORM.fullmatch(text):
        raise ValueError("no hash of bcrypt")


def verify(secret: bytes, text: str) -> bool:
    """Whether *secret*, of at most 72 bytes, has this hash; compared in constant time.

    Raises:
        ValueError: the hash is none after all.
    """
    return bcrypt.checkpw(secret, text.encode())
