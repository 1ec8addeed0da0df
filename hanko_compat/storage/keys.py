"""The table ``jwks``: signing keys, each encrypted under a configured secret; and those that were revoked."""

from collections.abc import Set
from datetime import datetime

from hanko_compat.storage.models import Jwk, RevokedKey

REVOKED: str = RevokedKey._meta.table_name
"""The table of those that were revoked, which a database of Hanko's has from the first migration on."""


def list_jwks() -> list[Jwk]:
    """Every key, by row id. The newest by ``created_at`` and then ``id`` is the one that signs."""
    return list(Jwk.select(Jwk.id, Jwk.key_data, Jwk.created_at).order_by(Jwk.id))


def create(*, id: int, key_data: str, created_at: datetime) -> None:  # noqa: A002
    """Add a key under a number that the caller chose; of several hosts with one number the first succeeds."""
    Jwk.insert(id=id, key_data=key_data, created_at=created_at).execute()


def list_revoked() -> Set[str]:
    """The kids of the keys that were revoked."""
    return frozenset(kid for (kid,) in RevokedKey.select(RevokedKey.kid).tuples())


def revoke(kid: str, *, now: datetime) -> None:
    """Store that a key was revoked.

    Raises:
        IntegrityError: it is stored already.
    """
    RevokedKey.insert(kid=kid, revoked_at=now).execute()


def is_revoked(kid: str) -> bool:
    """Whether the key was revoked, by any process, until now."""
    return RevokedKey.select(RevokedKey.kid).where(RevokedKey.kid == kid).exists()
