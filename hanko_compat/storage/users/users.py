"""Queries of the table ``users``."""

from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import fn

from hanko_compat.storage.emails import primary_emails
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
"""The ``given_name`` of users who are no fresh sign-ups whatever they have; NULL says nothing."""

_CREATE = Statement(
    User,
    lambda: User.insert(
        id=argument("user_id", User.id),
        name=argument("name", User.name),
        given_name=argument("given_name", User.given_name),
        created_at=argument("now", User.created_at),
        updated_at=argument("now", User.updated_at),
    ),
)
_FIND = Statement(User, lambda: User.select(User.id).where(User.id == argument("user_id", User.id)).tuples())
_LOCK = Statement(User, lambda: _lock(User.select(User.id).where(User.id == argument("user_id", User.id))))


def create(user_id: UUID, *, now: datetime, name: str | None = None, given_name: str | None = None) -> None:
    """Write a new user; *given_name* is `SETTLED`, or None for a fresh sign-up."""
    _CREATE.count(user_id=user_id, name=name, given_name=given_name, now=now)


def lock(user_id: UUID) -> bool:
    """Let other transactions that lock this user wait until this one ends; False when there is no such user.

    SQLite needs no lock: it runs one writing transaction at a time.
    """
    return _LOCK.first(user_id=user_id) is not None


def exists(user_id: UUID) -> bool:
    """Whether there is such a user."""
    return _FIND.first(user_id=user_id) is not None


def is_fresh(user_id: UUID) -> bool:
    """Whether a user has signed up and no more: it has no address and no way to log in yet.

    Users whom a server made, or took an identifier from, have something to lose even then.
    """
    belongings = (Email, PasswordCredential, WebauthnCredential, Username, Identity, Identifier)
    nothing = [~fn.EXISTS(table.select(table.id).where(table.user == user_id)) for table in belongings]
    return User.select(User.id).where(User.id == user_id, User.given_name.is_null(), *nothing).exists()


def settle(user_id: UUID) -> None:
    """Let a user be no fresh sign-up from now on."""
    User.update(given_name=SETTLED).where(User.id == user_id, User.given_name.is_null()).execute()


def delete(user_id: UUID) -> bool:
    """Delete a user with everything that belongs to it; False when there is none.

    Belongs into a transaction: whoever gives the user something at the same moment comes before or after it.
    """
    if not lock(user_id):
        return False
    # No foreign key ties ceremonies that have begun to their user.
    WebauthnSessionData.delete().where(WebauthnSessionData.user_id == user_id).execute()
    # MariaDB refuses to delete an address that is somebody's primary one, even along with the user.
    primary_emails.delete(user_id)
    # Before the cascade comes to the user handles, which credentials refer to with no action on delete.
    WebauthnCredential.delete().where(WebauthnCredential.user == user_id).execute()
    return User.delete().where(User.id == user_id).execute() == 1


def _lock(query: Any) -> Any:
    return query.for_update() if User._meta.database.for_update else query
