"""Random values that can't be foreseen: secrets, tokens, codes, challenges, and IDs of requests."""

import secrets
import string

LETTERS_AND_DIGITS = string.ascii_letters + string.digits
"""62 characters: log2(62) = 5.95 bits each."""


OCTET = 256
"""How many values one has, and so the length of the longest alphabet."""


def text(length: int, *, alphabet: str = LETTERS_AND_DIGITS) -> str:
    """Make up *length* characters, each of which is any of *alphabet*."""
    size, found = len(alphabet), ""
    most = OCTET - OCTET % size  # what lies above would make the first characters likelier than the others
    while len(found) < length:
        found += "".join([alphabet[octet % size] for octet in octets(length) if octet < most])
    return found[:length]


def octets(length: int) -> bytes:
    """Make up *length* bytes."""
    return secrets.token_bytes(length)


def number(*, bits: int) -> int:
    """Make up a number from 0 that has *bits* bits at most."""
    return secrets.randbits(bits)
