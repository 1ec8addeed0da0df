"""Hashes of passwords and passcodes."""

from hanko_compat.errors import TryLater


class Overloaded(TryLater):
    """Too many hashes wait to be computed."""

    message = "too many log-ins at once"
