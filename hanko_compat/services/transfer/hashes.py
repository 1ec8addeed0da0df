"""Whether the hash of a password can be checked at a log-in."""

import re

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import reading

USUAL = re.compile(r"\$2[aby]\$(?:0[4-9]|1[0-3])\$[./A-Za-z0-9]{53}")
"""What `describe` takes, too, and needs several times as long for."""


def checked(hashed: str) -> str:
    """The hash as it is stored.

    Raises:
        ValueError: no log-in could check it, or only at too great a cost; the text says why.
    """
    if USUAL.fullmatch(hashed):
        return hashed
    try:
        reading.describe(hashed)
    except HashUnusable as error:
        raise ValueError(error.reason) from error
    return hashed
