"""The table ``hanko_compat_spent_tokens``: signed data that is accepted once."""

from datetime import datetime

from hanko_compat.storage.models import SpentToken


def create(token_id: str, *, expires_at: datetime) -> None:
    """Store that a token was used; rows that expired long ago may be deleted.

    Raises:
        IntegrityError: it was used before.
    """
    SpentToken.insert(id=token_id, expires_at=expires_at).execute()


def exists(token_id: str) -> bool:
    """Whether a token was used."""
    return SpentToken.select(SpentToken.id).where(SpentToken.id == token_id).exists()
