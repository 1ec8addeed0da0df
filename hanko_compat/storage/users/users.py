"""Queries of the table ``users``."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import Model, fn

from hanko_compat.storage.emails import primary_emails
from hanko_compat.storage.engine.recorded_text import recorded
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import (
    Email,
    Identifier,
    Identity,
    PasswordCredential,
    User,
    Username,
    WebauthnCredential,
    WebauthnSessionData,
)

SETTLED = ""
"""The ``given_name`` that marks a user as no fresh sign-up; NULL marks nothing."""

BELONGINGS = (Email, PasswordCredential, WebauthnCredential, Username, Identity, Identifier)
"""What every user has something of, but a fresh sign-up."""

_CREATE = Statement(
    lambda: User.insert(
        id=argument("user_id", User.id),
        name=argument("name", User.name),
        given_name=argument("given_name", User.given_name),
        family_name=argument("family_name", User.family_name),
        picture=argument("picture", User.picture),
        created_at=argument("now", User.created_at),
        updated_at=argument("now", User.updated_at),
    ),
)
_NOTHING_KNOWN = dict.fromkeys(("name", "given_name", "family_name", "picture"))
_FIND = Statement(lambda: User.select(User.id).where(User.id == argument("user_id", User.id)).tuples())
_LOCK = Statement(lambda: locked(User.select(User.id).where(User.id == argument("user_id", User.id))))


def create(user_id: UUID, *, now: datetime, name: str | None = None, given_name: str | None = None) -> None:
    """Write a new user; *given_name* is `SETTLED`, or None for a fresh sign-up."""
    names = {"name": name, "given_name": given_name}
    _CREATE.count(user_id=user_id, now=now, **_NOTHING_KNOWN | names)


def create_described(user_id: UUID, profile: Mapping[str, str], *, now: datetime) -> None:
    """Write a new user with names and a picture, by columns, as others describe it."""
    _CREATE.count(user_id=user_id, now=now, **_NOTHING_KNOWN | _recorded(profile))


def describe(user_id: UUID, profile: Mapping[str, str], *, now: datetime) -> None:
    """Overwrite those of the user's columns that *profile* has, as `create_described` has it."""
    User.update({"updated_at": now, **_recorded(profile)}).where(User.id == user_id).execute()


def lock(user_id: UUID) -> bool:
    """Lock the user's row until the transaction ends; False when there is no such user.

    SQLite needs no lock: it runs one writing transaction at a time.
    """
    return _LOCK.first(user_id=user_id) is not None


def exists(user_id: UUID) -> bool:
    """Whether there is such a user."""
    return _FIND.first(user_id=user_id) is not None


def is_fresh(user_id: UUID) -> bool:
    """Whether a user has signed up and no more: it has no address and no way to log in yet.

    Users that a server made, or removed an identifier from, are not fresh even then.
    """
    return User.select(User.id).where(User.id == user_id, *_without(BELONGINGS)).exists()


def list_page(*, after: UUID | None, at_most: int) -> list[UUID]:
    """The next users by id, beginning with the first."""
    rows = User.select(User.id).order_by(User.id).limit(at_most).tuples()
    return [user_id for (user_id,) in (rows if after is None else rows.where(User.id > after))]


def settle(user_id: UUID) -> None:
    """Mark a user as no fresh sign-up."""
    User.update(given_name=SETTLED).where(User.id == user_id, User.given_name.is_null()).execute()


def delete(user_id: UUID) -> bool:
    """Delete a user with everything that belongs to it; False when there is none.

    Needs a transaction, so that a concurrent change of the user comes before or after it.
    """
    if not lock(user_id):
        return False
    # Ceremonies have no foreign key to their user.
    WebauthnSessionData.delete().where(WebauthnSessionData.user_id == user_id).execute()
    # MariaDB refuses to delete a primary address, even in a cascade from its user.
    primary_emails.delete(user_id)
    # Before the cascade reaches the user handles: credentials refer to these with NO ACTION.
    WebauthnCredential.delete().where(WebauthnCredential.user == user_id).execute()
    return User.delete().where(User.id == user_id).execute() == 1


def _without(tables: Iterable[type[Model]]) -> list[Any]:
    """The conditions of being no user that a server made, and having no row of *tables*."""
    nothing = [~fn.EXISTS(table.select(table.id).where(table.user == User.id)) for table in tables]
    return [User.given_name.is_null(), *nothing]


def _recorded(profile: Mapping[str, str]) -> dict[str, str]:
    return {column: recorded(text) for column, text in profile.items()}


def locked(query: Any) -> Any:
    """The *query*, locking the rows that it finds where the database has locks."""
    return query.for_update() if User._meta.database.for_update else query
