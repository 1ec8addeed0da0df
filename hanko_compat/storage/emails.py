"""Queries of the table ``emails``."""

from datetime import datetime
from uuid import UUID, uuid4

from hanko_compat.storage.models import Email, PrimaryEmail
from hanko_compat.storage.statements import Statement, argument

_FIND = Statement(
    Email, lambda: Email.select().where(Email.address == argument("address", Email.address)).limit(1)
)
_CREATE = Statement(
    Email,
    lambda: Email.insert(
        id=argument("id", Email.id),
        user=argument("user_id", Email.user),
        address=argument("address", Email.address),
        verified=False,
        created_at=argument("now", Email.created_at),
        updated_at=argument("now", Email.updated_at),
    ),
)


def find(address: str) -> Email | None:
    """The row of exactly this address, or None."""
    row = _FIND.first(address=address)
    # Compared again: collations of MySQL and MariaDB ignore case, accents and trailing blanks.
    return row if row is not None and row.address == address else None


def has_collision(address: str) -> bool:
    """Whether the unique key takes a row for this address, by the rules of the column's collation."""
    return Email.select(Email.id).where(Email.address == address).exists()


def create(address: str, *, user_id: UUID | None, now: datetime) -> UUID:
    """Write an address that nobody has verified yet; one without a user is shared by all who sign up with it.

    Raises:
        IntegrityError: the address is there already, or one that the column's collation takes for it.
    """
    email_id = uuid4()
    _CREATE.count(id=email_id, user_id=user_id, address=address, now=now)
    return email_id


def claim(email_id: UUID, *, user_id: UUID, now: datetime) -> bool:
    """Give an address without a user to one, unverified. Of several callers one gets True."""
    free = (Email.id == email_id) & Email.user.is_null()
    return Email.update(user=user_id, verified=False, updated_at=now).where(free).execute() == 1


def find_primary_address(user_id: UUID) -> str | None:
    """The primary address of a user, or None."""
    query = Email.select(Email.address).join(PrimaryEmail, on=PrimaryEmail.email == Email.id)
    row = query.where(PrimaryEmail.user == user_id).first()
    return row.address if row is not None else None
