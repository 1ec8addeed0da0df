"""The table ``jwks``: signing keys, each encrypted under one of the configured secrets."""

from datetime import datetime

from hanko_compat.storage.models import Jwk


def list_jwks() -> list[Jwk]:
    """Every key, by row id. The newest by ``created_at`` and then ``id`` is the one that signs."""
    return list(Jwk.select(Jwk.id, Jwk.key_data, Jwk.created_at).order_by(Jwk.id))


def create(*, id: int, key_data: str, created_at: datetime) -> None:  # noqa: A002
    """Add a key under a number that the caller chose; of several hosts with one number the first succeeds."""
    Jwk.insert(id=id, key_data=key_data, created_at=created_at).execute()
