"""Queries of the table ``emails``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from peewee import fn

from hanko_compat.storage.engine.dialects import is_mysql
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Email, Identity, Passcode, PrimaryEmail

_FIND = Statement(lambda: Email.select().where(Email.address == argument("address", Email.address)).limit(1))
_CREATE = Statement(
    lambda: Email.insert(
        id=argument("id", Email.id),
        user=argument("user_id", Email.user),
        address=argument("address", Email.address),
        verified=argument("is_verified", Email.verified),
        created_at=argument("now", Email.created_at),
        updated_at=argument("now", Email.updated_at),
    ),
)

_FIND_PRIMARY = Statement(
    lambda: (
        Email.select()
        .join(PrimaryEmail, on=PrimaryEmail.email == Email.id)
        .where(PrimaryEmail.user == argument("user_id", PrimaryEmail.user))
    ),
)
_FIND_BY_ID = Statement(lambda: Email.select().where(Email.id == argument("id", Email.id)))
_VERIFY = Statement(
    lambda: Email.update(
        user=argument("user_id", Email.user),
        verified=True,
        updated_at=argument("now", Email.updated_at),
    ).where(
        (Email.id == argument("id", Email.id))
        & (Email.user.is_null() | (Email.user == argument("user_id", Email.user)))
    ),
)


def find(address: str) -> Email | None:
    """The row of exactly this address, or None."""
    row = _FIND.first(address=address)
    # Compared again: collations of MySQL and MariaDB ignore case, accents and trailing blanks.
    return row if row is not None and row.address == address else None


def is_taken(address: str) -> bool:
    """Whether the unique key refuses the address: for itself, or for one that its collation takes for it."""
    return _FIND.first(address=address) is not None


def has_collision(address: str) -> bool:
    """Whether the unique key refuses the address for another one that its collation takes for it."""
    row = _FIND.first(address=address)
    return row is not None and row.address != address


def create(
    address: str,
    *,
    user_id: UUID | None,
    now: datetime,
    email_id: UUID | None = None,
    is_verified: bool = False,
) -> UUID:
    """Write an address; one without a user is shared by all who sign up with it.

    Returns its id, which is random unless *email_id* is given.

    Raises:
        IntegrityError: the address exists, or one that equals it by the column's collation.
    """
    email_id = email_id or uuid4()
    _CREATE.count(id=email_id, user_id=user_id, address=address, is_verified=is_verified, now=now)
    return email_id


def claim(email_id: UUID, *, user_id: UUID, now: datetime) -> bool:
    """Assign an address without a user to one, unverified. Of several callers one gets True."""
    free = (Email.id == email_id) & Email.user.is_null()
    return Email.update(user=user_id, verified=False, updated_at=now).where(free).execute() == 1


def keep(email_id: UUID, *, now: datetime) -> bool:
    """Note that an address without a user is still wanted; False when it is gone, or has a user by now."""
    free = (Email.id == email_id) & Email.user.is_null()
    return Email.update(updated_at=now).where(free).execute() == 1


def list_unclaimed(*, after: UUID | None, at_most: int) -> list[UUID]:
    """The next addresses without a user by id, beginning with the first."""
    # Both follow the same index, which PostgreSQL and MySQL see in different words.
    order = (Email.id,) if is_mysql(Email) else (Email.user, Email.id)
    rows = Email.select(Email.id).where(Email.user.is_null()).order_by(*order).limit(at_most).tuples()
    return [email_id for (email_id,) in (rows if after is None else rows.where(Email.id > after))]


def delete_unclaimed(email_ids: Sequence[UUID], *, before: datetime) -> int:
    """Delete those of the addresses that nobody has wanted since *before* and no user has; return how many.

    Those to which a passcode was sent stay while its row does.
    """
    unused = _is_unused(before)
    rows = Email.select(Email.id).where(Email.id.in_(email_ids), *unused).tuples() if email_ids else ()
    ids = sorted(email_id for (email_id,) in rows)
    if not ids:
        return 0
    # Locked first: whoever stores a passcode for one waits, or has stored it when this looks again.
    _locked(Email.select(Email.id).where(Email.id.in_(ids)).order_by(Email.id))
    return Email.delete().where(Email.id.in_(ids), *unused).execute()


def count_unclaimed(*, before: datetime) -> int:
    """How many addresses `delete_unclaimed` would delete."""
    return int(Email.select().where(*_is_unused(before)).count())


def find_primary(user_id: UUID) -> Email | None:
    """The row of the user's primary address, or None."""
    found: Email | None = _FIND_PRIMARY.first(user_id=user_id)
    return found


def find_by_id(email_id: UUID) -> Email | None:
    """An address by its id, with any user or none, or None."""
    found: Email | None = _FIND_BY_ID.first(id=email_id)
    return found


def verify(email_id: UUID, *, user_id: UUID, now: datetime) -> bool:
    """Assign an address to the user, verified; False when it is another user's."""
    return _VERIFY.count(id=email_id, user_id=user_id, now=now) == 1


def find_primary_address(user_id: UUID) -> str | None:
    """The primary address of a user, or None."""
    row = find_primary(user_id)
    return row.address if row is not None else None


def find_of_user(email_id: UUID, *, user_id: UUID) -> Email | None:
    """One of the user's addresses, or None."""
    return Email.select().where((Email.id == email_id) & (Email.user == user_id)).first()


def count(user_id: UUID) -> int:
    """How many addresses belong to the user."""
    return Email.select().where(Email.user == user_id).count()


def delete(email_id: UUID) -> None:
    """Delete an address with its passcodes and the identities that came with it.

    Delete the row of ``primary_emails`` that names it first.
    """
    Email.delete().where(Email.id == email_id).execute()


def _locked(query: Any) -> list[Any]:
    return list((query.for_update() if Email._meta.database.for_update else query).tuples())


def _is_unused(before: datetime) -> list[Any]:
    references = (Passcode, Identity, PrimaryEmail)
    unused = [~fn.EXISTS(table.select(table.id).where(table.email == Email.id)) for table in references]
    return [Email.user.is_null(), ~Email.verified, Email.updated_at < before, *unused]
