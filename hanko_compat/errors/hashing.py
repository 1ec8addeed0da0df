"""Hashes of passwords and passcodes."""

from hanko_compat.errors import Invalid, TryLater


class Overloaded(TryLater):
    """Too many hashes wait to be computed."""

    message = "too many log-ins at once"


class HashUnusable(Invalid):
    """A stored hash is of no known kind, malformed, or costs more than a log-in may."""

    message = "the hash of the password can't be used"
    about = "password"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason  # the algorithm, its parameters and what is wrong; nothing of the hash itself
