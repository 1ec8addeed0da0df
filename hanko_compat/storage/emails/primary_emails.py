"""Queries of the table ``primary_emails``: which of a user's addresses is the primary one."""

from datetime import datetime
from uuid import UUID, uuid4

from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import PrimaryEmail

_CREATE = Statement(
    lambda: PrimaryEmail.insert(
        id=argument("id", PrimaryEmail.id),
        user=argument("user_id", PrimaryEmail.user),
        email=argument("email_id", PrimaryEmail.email),
        created_at=argument("now", PrimaryEmail.created_at),
        updated_at=argument("now", PrimaryEmail.updated_at),
    ),
)


def create(*, user_id: UUID, email_id: UUID, now: datetime) -> None:
    """Make an address the first primary one of a user."""
    _CREATE.count(id=uuid4(), user_id=user_id, email_id=email_id, now=now)


def delete(user_id: UUID, *, email_id: UUID | None = None) -> None:
    """Leave the user without a primary address; with an *email_id* only if it is this one."""
    mine = PrimaryEmail.user == user_id
    if email_id is not None:
        mine &= PrimaryEmail.email == email_id
    PrimaryEmail.delete().where(mine).execute()


def replace(*, user_id: UUID, email_id: UUID, now: datetime) -> None:
    """Make an address the primary one of a user, instead of another or for the first time."""
    changes = {"email": email_id, "updated_at": now}
    if not PrimaryEmail.update(changes).where(PrimaryEmail.user == user_id).execute():
        create(user_id=user_id, email_id=email_id, now=now)
