"""The table ``hanko_compat_spent_tokens``: what is accepted once: signed data, states, SAML responses."""

from datetime import datetime

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import SpentToken

_CREATE = Statement(
    lambda: SpentToken.insert(
        id=argument("token_id", SpentToken.id), expires_at=argument("expires_at", SpentToken.expires_at)
    ),
)


def create(token_id: str, *, expires_at: datetime) -> None:
    """Store that a token was used.

    Raises:
        IntegrityError: it was used before.
    """
    _CREATE.count(token_id=token_id, expires_at=expires_at)


def exists(token_id: str) -> bool:
    """Whether a token was used."""
    return SpentToken.select(SpentToken.id).where(SpentToken.id == token_id).exists()


def expired(*, before: datetime) -> Old:
    """Tokens that expired before a moment."""
    return Old(SpentToken, SpentToken.expires_at < before, (SpentToken.expires_at,))
