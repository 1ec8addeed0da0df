"""Signing keys."""

from hanko_compat.errors import OperatorError


class SigningKeyUnreadable(OperatorError):
    """No configured secret decrypts a signing key, or what it decrypts is no key."""


class SigningKeyMissing(OperatorError):
    """There is no signing key, and the schema belongs to Hanko, which makes them."""


class KeyRevocationRefused(OperatorError):
    """No such key, or it is revoked already, or it signs and no other can be made."""


class AppleSecretRefused(OperatorError):
    """No secret that Apple would take can be made of this."""


class KeyRotationRefused(OperatorError):
    """The schema belongs to Hanko, which counts its keys by its secrets."""
