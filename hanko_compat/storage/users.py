"""Queries of the table ``users``."""

from datetime import datetime
from uuid import UUID

from hanko_compat.storage.models import User, WebauthnCredential
from hanko_compat.storage.statements import Statement, argument

_CREATE = Statement(
    User,
    lambda: User.insert(
        id=argument("user_id", User.id),
        created_at=argument("now", User.created_at),
        updated_at=argument("now", User.updated_at),
    ),
)


def create(user_id: UUID, *, now: datetime) -> None:
    """Write a new user."""
    _CREATE.count(user_id=user_id, now=now)


def delete(user_id: UUID) -> bool:
    """Delete a user with everything that belongs to it; False when there is none.

    The row of ``primary_emails`` has to be gone before: MariaDB refuses otherwise.
    """
    # Before the cascade comes to the user handles, which credentials refer to with no action on delete.
    WebauthnCredential.delete().where(WebauthnCredential.user == user_id).execute()
    return User.delete().where(User.id == user_id).execute() == 1
