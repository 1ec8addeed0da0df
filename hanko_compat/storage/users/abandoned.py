"""Users of whose sign-up nothing has come."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID

from peewee import fn

from hanko_compat.storage.models import (
    Email,
    EmailClaim,
    Identifier,
    Identity,
    OtpSecret,
    Passcode,
    PasswordCredential,
    PrimaryEmail,
    Session,
    User,
    UserMetadata,
    Username,
    WebauthnCredential,
)
from hanko_compat.storage.users import users

WAYS_IN = (PasswordCredential, WebauthnCredential, Username, Identity, Identifier, OtpSecret)
SIGNS_OF_LIFE = (Session, Passcode, UserMetadata)


class Abandoned(Enum):
    """What they have: nothing at all, or nothing but addresses that nobody has verified or proved to read."""

    EMPTY = auto()
    UNVERIFIED = auto()


def list_among(user_ids: Sequence[UUID], kind: Abandoned, *, before: datetime) -> list[UUID]:
    """Those of the users that signed up *before* and are abandoned."""
    if not user_ids:
        return []
    found = User.select(User.id).where(User.id.in_(user_ids), *_conditions(kind, before))
    return [user_id for (user_id,) in found.order_by(User.id).tuples()]


def lock_among(user_ids: Sequence[UUID], kind: Abandoned, *, before: datetime) -> list[UUID]:
    """Lock the users until the transaction ends; return those that are abandoned even now.

    Whoever logs in or stores a passcode waits, or has done it when this looks again.
    """
    if not user_ids:
        return []
    list(users.locked(User.select(User.id).where(User.id.in_(sorted(user_ids))).order_by(User.id)).tuples())
    return list_among(user_ids, kind, before=before)


def delete(user_ids: Sequence[UUID]) -> None:
    """Delete users that are abandoned, with their addresses. Needs a transaction with `lock_among`."""
    if not user_ids:
        return
    # MariaDB refuses to delete a primary address, even in a cascade from its user.
    PrimaryEmail.delete().where(PrimaryEmail.user.in_(user_ids)).execute()
    User.delete().where(User.id.in_(user_ids)).execute()


def count(kind: Abandoned, *, before: datetime) -> int:
    """How many there are; looks at all users."""
    return int(User.select().where(*_conditions(kind, before)).count())


def _conditions(kind: Abandoned, before: datetime) -> list[Any]:
    """The conditions, among them that no server has made the user."""
    tables = (*WAYS_IN, *SIGNS_OF_LIFE)
    nothing = [~fn.EXISTS(table.select(table.id).where(table.user == User.id)) for table in tables]
    mine = Email.select(Email.id).where(Email.user == User.id)
    if kind is Abandoned.EMPTY:
        addresses = [~fn.EXISTS(mine)]
    else:
        proved = (
            EmailClaim.select(EmailClaim.email)
            .join(Email, on=(Email.id == EmailClaim.email))
            .where(Email.user == User.id, EmailClaim.proved_at.is_null(False))
        )
        addresses = [fn.EXISTS(mine), ~fn.EXISTS(mine.where(Email.verified)), ~fn.EXISTS(proved)]
    return [User.created_at < before, User.given_name.is_null(), *nothing, *addresses]
