"""Whether the hash of a password can be checked at a log-in."""

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing import reading


def checked(hashed: str) -> str:
    """The hash as it is stored.

    Raises:
        ValueError: no log-in could check it, or only at too great a cost; the text says why.
    """
    try:
        reading.describe(hashed)
    except HashUnusable as error:
        raise ValueError(error.reason) from error
    return hashed
