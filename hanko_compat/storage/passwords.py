"""Queries of the table ``password_credentials``: the hash of a user's password."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from peewee import JOIN

from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import PasswordCredential, User

_FIND = Statement(
    lambda: (
        User.select(User.id, PasswordCredential.password)
        .join(PasswordCredential, JOIN.LEFT_OUTER, on=(PasswordCredential.user == User.id))
        .where(User.id == argument("user_id", User.id))
        .tuples()
    ),
)


class UserHash(NamedTuple):
    """A user that exists, and the hash of its password; None without one."""

    user_id: UUID
    password: str | None


def find(user_id: UUID) -> UserHash | None:
    """The user with the hash of its password; None when there is no such user."""
    row = _FIND.first(user_id=user_id)
    return UserHash(*row) if row else None


def list_some(*, limit: int) -> list[str]:
    """Hashes of users, in the order of an index: as many as there are, and *limit* at most."""
    query = (
        PasswordCredential.select(PasswordCredential.password).order_by(PasswordCredential.id).limit(limit)
    )
    return [hashed for (hashed,) in query.tuples()]


def create(*, user_id: UUID, password: str, now: datetime) -> None:
    """Store the hash of a user's first password."""
    PasswordCredential.insert(
        id=uuid4(), user=user_id, password=password, created_at=now, updated_at=now
    ).execute()


def replace(*, user_id: UUID, old: str, new: str) -> None:
    """Store another hash of the same password, if the stored one is still *old*. The row keeps its times."""
    is_as_before = (PasswordCredential.user == user_id) & (PasswordCredential.password == old)
    PasswordCredential.update({"password": new}).where(is_as_before).execute()


def update(*, user_id: UUID, password: str, now: datetime) -> bool:
    """Store the hash of a user's new password; False when there was none before."""
    changes = {"password": password, "updated_at": now}
    return PasswordCredential.update(changes).where(PasswordCredential.user == user_id).execute() == 1
