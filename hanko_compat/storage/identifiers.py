"""Login identifiers, from four tables: addresses, usernames of Hanko's and of ours, phone numbers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN

from hanko_compat.casefold import folded, username_forms
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.paging import Branch, Condition, Matching, Query
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Email, EmailValue, Identifier, PrimaryEmail, Username
from hanko_compat.storage.models.identifiers import IdentifierStatus, IdentifierType

_CREATE_EMAIL_VALUE = Statement(
    lambda: EmailValue.insert(
        email=argument("email_id", EmailValue.email), value=argument("value", EmailValue.value)
    ),
)
_CREATE = Statement(
    lambda: Identifier.insert(
        id=argument("id", Identifier.id),
        user=argument("user_id", Identifier.user),
        username=argument("username_id", Identifier.username),
        type=argument("type", Identifier.type),
        value=argument("value", Identifier.value),
        folded=argument("folded", Identifier.folded),
        status=argument("status", Identifier.status),
        created_at=argument("now", Identifier.created_at),
        updated_at=argument("now", Identifier.updated_at),
    ),
)
_CREATE_USERNAME = Statement(
    lambda: Username.insert(
        id=argument("id", Username.id),
        user=argument("user_id", Username.user),
        username=argument("folded", Username.username),
        created_at=argument("now", Username.created_at),
        updated_at=argument("now", Username.updated_at),
    ),
)


class IdentifierRecord(NamedTuple):
    """One identifier of a user, its value as it was sent. A primary address may not be verified yet."""

    id: UUID
    user_id: UUID
    type: IdentifierType
    value: str
    status: IdentifierStatus
    is_verified: bool = True


def create_email(
    email_id: UUID, *, user_id: UUID, address: str, value: str, is_verified: bool, now: datetime
) -> None:
    """Write an address, and how it was sent where that differs.

    Raises:
        IntegrityError: the address exists, with or without a user.
    """
    emails.create(address, email_id=email_id, user_id=user_id, is_verified=is_verified, now=now)
    keep_value(email_id, address=address, value=value)


def keep_value(email_id: UUID, *, address: str, value: str) -> None:
    """Write how an address was sent, where that differs."""
    if value != address:
        _CREATE_EMAIL_VALUE.count(email_id=email_id, value=value)


def update_email(email_id: UUID, *, is_verified: bool, now: datetime) -> None:
    """Set whether the address is verified."""
    Email.update(verified=is_verified, updated_at=now).where(Email.id == email_id).execute()


def create(
    identifier_id: UUID,
    *,
    user_id: UUID,
    type_: IdentifierType,
    value: str,
    folded: str,
    status: IdentifierStatus,
    is_hankos: bool,
    now: datetime,
) -> None:
    """Write a phone number or a username; with *is_hankos* a username that has a row in ``usernames``, too.

    Raises:
        IntegrityError: it exists.
    """
    _CREATE.count(
        id=identifier_id,
        user_id=user_id,
        username_id=identifier_id if is_hankos else None,
        type=type_,
        value=value,
        folded=folded,
        status=status,
        now=now,
    )


def create_username(username_id: UUID, *, user_id: UUID, folded: str, now: datetime) -> None:
    """Write the user's one username in Hanko's table.

    Raises:
        IntegrityError: a user has it, or this user has one.
    """
    _CREATE_USERNAME.count(id=username_id, user_id=user_id, folded=folded, now=now)


def find_username(user_id: UUID) -> Username | None:
    """The user's one username in Hanko's table, or None."""
    return Username.select().where(Username.user == user_id).first()


def is_username(*forms: str) -> bool:
    """Whether a user has a username in one of these forms, in either table."""
    ours = (Identifier.type == IdentifierType.USERNAME) & Identifier.folded.in_(forms)
    hankos = Username.select(Username.id).where(Username.username.in_(forms))
    return hankos.exists() or Identifier.select(Identifier.id).where(ours).exists()


def find_oldest_spare(user_id: UUID) -> Identifier | None:
    """The user's oldest username that is not in Hanko's table, or None."""
    is_username = Identifier.type == IdentifierType.USERNAME
    spare = (Identifier.user == user_id) & is_username & Identifier.username.is_null()
    return Identifier.select().where(spare).order_by(Identifier.created_at, Identifier.id).first()


def note_username(identifier_id: UUID) -> None:
    """Note that a username has a row in ``usernames`` of the same id."""
    Identifier.update(username=identifier_id).where(Identifier.id == identifier_id).execute()


def update(identifier_id: UUID, *, status: IdentifierStatus, now: datetime) -> bool:
    """Set the status of a phone number or username; False when we have no row of it."""
    changes = {"status": status, "updated_at": now}
    return Identifier.update(changes).where(Identifier.id == identifier_id).execute() == 1


def demote(user_id: UUID, *, type_: IdentifierType, but: UUID, now: datetime) -> None:
    """Set a user's primary phone numbers or usernames to verified, all but one."""
    others = (
        (Identifier.user == user_id)
        & (Identifier.type == type_)
        & (Identifier.status == IdentifierStatus.PRIMARY)
        & (Identifier.id != but)
    )
    Identifier.update(status=IdentifierStatus.VERIFIED, updated_at=now).where(others).execute()


def delete(identifier_id: UUID) -> None:
    """Delete a phone number or a username, Hanko's row included."""
    Identifier.delete().where(Identifier.id == identifier_id).execute()
    Username.delete().where(Username.id == identifier_id).execute()


def find(identifier_id: UUID, *, user_id: UUID) -> IdentifierRecord | None:
    """One of the user's identifiers, or None."""
    for read, id_column, user_column in (
        (_emails, Email.id, Email.user),
        (_usernames, Username.id, Username.user),
        (_own, Identifier.id, Identifier.user),
    ):
        found = read((id_column == identifier_id) & (user_column == user_id))
        if found:
            return found[0]
    return None


def list_of_users(user_ids: Sequence[UUID]) -> list[IdentifierRecord]:
    """The identifiers of some users: of each type the oldest first."""
    return [
        *_emails(Email.user.in_(user_ids)),
        *_usernames(Username.user.in_(user_ids)),
        *_own(Identifier.user.in_(user_ids) & Identifier.username.is_null()),
    ]


def list_page(query: Query) -> list[IdentifierRecord]:
    """The identifiers of a page, in order."""
    keys = lists.list_keys(_branches(), query)
    found: dict[UUID, IdentifierRecord] = {}
    for number, (read, column) in enumerate(READERS):
        ids = [key for branch, key in keys if branch == number]
        if ids:
            found |= {record.id: record for record in read(column.in_(ids))}
    return [found[key] for _, key in keys if key in found]


def matching(query: Query) -> Matching:
    """All identifiers that the conditions of *query* leave."""
    return Matching(_branches(), query.conditions)


def _branches() -> list[Branch]:
    """In the order of `READERS`. What belongs to no user is not listed."""
    own = {"user_id": Identifier.user, "value": Identifier.folded}
    address, ours, hankos = ({"value": each} for each in (_address, _our_username, _hankos_username))
    return [
        Branch(
            Email,
            {"user_id": Email.user, "value": Email.address},
            {"type": IdentifierType.EMAIL},
            (Email.user.is_null(False),),
            custom=address,
        ),
        Branch(Identifier, own, {"type": IdentifierType.PHONE}, (Identifier.type == IdentifierType.PHONE,)),
        Branch(
            Identifier,
            own,
            {"type": IdentifierType.USERNAME},
            (Identifier.type == IdentifierType.USERNAME, Identifier.username.is_null()),
            custom=ours,
        ),
        Branch(
            Username,
            {"user_id": Username.user, "value": Username.username},
            {"type": IdentifierType.USERNAME},
            (Username.user.is_null(False),),
            custom=hankos,
        ),
    ]


def _address(condition: Condition) -> Any:
    return lists.expression(Email.address, replace(condition, value=folded(str(condition.value))))


def _our_username(condition: Condition) -> Any:
    return _of_username(Identifier.folded, condition)


def _hankos_username(condition: Condition) -> Any:
    return _of_username(Username.username, condition)


def _of_username(column: Any, condition: Condition) -> Any:
    """A condition on a username in any of its forms; `gt` and `lt` look at the first."""
    forms = username_forms(str(condition.value))
    wanted = forms if condition.operator == "eq" else forms[:1]
    return reduce(or_, (lists.expression(column, replace(condition, value=form)) for form in wanted))


def _emails(where: Any) -> list[IdentifierRecord]:
    rows = (
        Email.select(Email.id, Email.user, Email.address, Email.verified, PrimaryEmail.id, EmailValue.value)
        .join(PrimaryEmail, JOIN.LEFT_OUTER, on=(PrimaryEmail.email == Email.id))
        .switch(Email)
        .join(EmailValue, JOIN.LEFT_OUTER, on=(EmailValue.email == Email.id))
        .where(where)
        .order_by(Email.created_at, Email.id)
        .tuples()
    )
    return [
        IdentifierRecord(
            email_id,
            user_id,
            IdentifierType.EMAIL,
            address if value is None else value,
            _status(is_verified=is_verified, is_primary=primary_id is not None),
            is_verified,
        )
        for email_id, user_id, address, is_verified, primary_id, value in rows
    ]


def _status(*, is_verified: bool, is_primary: bool) -> IdentifierStatus:
    if is_primary:
        return IdentifierStatus.PRIMARY
    return IdentifierStatus.VERIFIED if is_verified else IdentifierStatus.PENDING


def _own(where: Any) -> list[IdentifierRecord]:
    rows = (
        Identifier.select(
            Identifier.id, Identifier.user, Identifier.type, Identifier.value, Identifier.status
        )
        .where(where)
        .order_by(Identifier.created_at, Identifier.id)
        .tuples()
    )
    return [IdentifierRecord(*row) for row in rows]


def _usernames(where: Any) -> list[IdentifierRecord]:
    """Hanko's; one that no server has made or changed counts as verified, as Hanko never verifies one."""
    rows = (
        Username.select(Username.id, Username.user, Username.username, Identifier.value, Identifier.status)
        .join(Identifier, JOIN.LEFT_OUTER, on=(Identifier.username == Username.id))
        .where(where)
        .order_by(Username.created_at, Username.id)
        .tuples()
    )
    return [
        IdentifierRecord(
            username_id,
            user_id,
            IdentifierType.USERNAME,
            value if value is not None and username in username_forms(value) else username,
            status or IdentifierStatus.VERIFIED,
        )
        for username_id, user_id, username, value, status in rows
    ]


READERS: tuple[tuple[Callable[[Any], list[IdentifierRecord]], Any], ...] = (
    (_emails, Email.id),
    (_own, Identifier.id),
    (_own, Identifier.id),
    (_usernames, Username.id),
)
"""What reads the rows of each branch, and by which column."""
