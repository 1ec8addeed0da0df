"""Certificates of a service provider, with their private keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A certificate (PEM, as published with ``cert_only``), its key, and when it is valid (aware, UTC)."""

    certificate: str
    private_key: RSAPrivateKey = field(repr=False)
    not_before: datetime
    expires_at: datetime


class KeyPairs(Protocol):
    """Where a service provider has its certificates from."""

    def current(self) -> KeyPair:
        """The one that signs."""

    def published(self) -> Sequence[KeyPair]:
        """Those in the metadata, the one that signs first: identity providers may encrypt for any."""

    def decrypting(self) -> Sequence[KeyPair]:
        """Those that may decrypt: what is published, and what was until lately."""
