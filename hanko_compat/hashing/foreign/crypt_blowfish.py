"""``$2x$``: bcrypt as crypt_blowfish, and so PHP, computed it before 2011.

Bytes above 127, so all letters beyond ASCII, were taken for negative numbers. What comes of that is the key
of another password of 72 bytes, which bcrypt as it should be is given in its stead.
"""

from itertools import cycle, islice

KEY_BYTES = 72  # 18 words of 32 bits


def equivalent(password: bytes) -> bytes:
    """Return the password, of 72 bytes, whose bcrypt hash is what crypt_blowfish made of *password*."""
    letters = cycle(password + b"\0")
    words = (_word(bytes(islice(letters, 4))) for _ in range(KEY_BYTES // 4))
    return b"".join(word.to_bytes(4, "big") for word in words)


def _word(four: bytes) -> int:
    word = 0
    for byte in four:
        # The sign of a `char` spreads over the bits before it.
        word = (word << 8 | (byte | 0xFFFFFF00 if byte & 0x80 else byte)) & 0xFFFFFFFF
    return word
