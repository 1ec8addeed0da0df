"""Bytes in the text of a hash, in whichever base64 its system writes."""

import base64

# Of URLs, and of libpass ("adapted": a dot for the plus).
_TO_STANDARD = str.maketrans("-_.", "+/+")


def decode(text: str) -> bytes:
    """Decode base64 of any alphabet, padded or not.

    Raises:
        ValueError: it is none.
    """
    unpadded = text.rstrip("=").translate(_TO_STANDARD)
    return base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
