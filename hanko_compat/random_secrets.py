"""Random values that can't be foreseen: secrets, tokens, codes, challenges, and IDs of requests."""

import secrets
import string

LETTERS_AND_DIGITS = string.ascii_letters + string.digits
"""62 characters: log2(62) = 5.95 bits each."""


def text(length: int, *, alphabet: str = LETTERS_AND_DIGITS) -> str:
    """Make up *length* characters, each of which is any of *alphabet*."""
    return "".join(secrets.choice(alphabet) for _ in range(length))


def octets(length: int) -> bytes:
    """Make up *length* bytes."""
    return secrets.token_bytes(length)


def number(*, bits: int) -> int:
    """Make up a number from 0 that has *bits* bits at most."""
    return secrets.randbits(bits)
