"""Queries of the table ``users``."""

from datetime import datetime
from uuid import UUID

from hanko_compat.storage.models import User, WebauthnCredential


def create(user_id: UUID, *, now: datetime) -> None:
    """Write a new user."""
    User.insert(id=user_id, created_at=now, updated_at=now).execute()


def lock(user_id: UUID) -> bool:
    """Let other transactions that lock this user wait until this one ends; False when there is no such user.

    SQLite needs no lock: it runs one writing transaction at a time.
    """
    query = User.select(User.id).where(User.id == user_id)
    if User._meta.database.for_update:
        query = query.for_update()
    return query.first() is not None


def delete(user_id: UUID) -> bool:
    """Delete a user with everything that belongs to it; False when there is none.

    The row of ``primary_emails`` has to be gone before: MariaDB refuses otherwise.
    """
    # Before the cascade comes to the user handles, which credentials refer to with no action on delete.
    WebauthnCredential.delete().where(WebauthnCredential.user == user_id).execute()
    return User.delete().where(User.id == user_id).execute() == 1
