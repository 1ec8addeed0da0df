"""Conversion of another system's users into the format of imports."""

from hanko_compat.errors import OperatorError


class Unconvertible(Exception):
    """A record that no user can be made of; the text says why, and has no secret in it."""


class HashNotVerified(Exception):
    """A hash of a password that this server can't verify; the text names its kind."""


class PasskeyNotUsable(Exception):
    """A passkey with which nobody could log in here; the text says why, and has no secret in it."""


class HashConfigInvalid(OperatorError):
    """Parameters of Firebase's hashes that are missing, or that are none."""


class ConversionRefused(OperatorError):
    """Options that this system has no use for, or that would lose what was meant to be kept."""
