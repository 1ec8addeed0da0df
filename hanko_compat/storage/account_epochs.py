"""What proves that an account is somebody's, from the tables that have a part of it."""

from typing import Any, NamedTuple
from uuid import UUID

from peewee import JOIN, fn

from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Email, EmailClaim, PasswordCredential, PrimaryEmail, User

_FIND = Statement(lambda: _select())


class AccountEpoch(NamedTuple):
    """The hash of the password, the primary address, and the last first proof of any address.

    ``proved_at`` is in the form of the database's driver, to be compared only.
    """

    password: str | None
    primary_email_id: UUID | None
    is_verified: bool
    proved_at: Any


def find(user_id: UUID) -> AccountEpoch | None:
    """What proves the account now; None when there is no such user."""
    row = _FIND.first(user_id=user_id)
    if row is None:
        return None
    password, primary_email_id, is_verified, proved_at = row
    return AccountEpoch(password, primary_email_id, bool(is_verified), proved_at)


def _select() -> Any:
    of_user = Email.alias()
    last_proof = (
        EmailClaim.select(fn.MAX(EmailClaim.proved_at))
        .join(of_user, on=(of_user.id == EmailClaim.email))
        .where(of_user.user == User.id)
        # Without a name peewee takes it for a column of the user.
        .alias("proved_at")
    )
    return (
        User.select(PasswordCredential.password, PrimaryEmail.email, Email.verified, last_proof)
        .join(PasswordCredential, JOIN.LEFT_OUTER, on=(PasswordCredential.user == User.id))
        .join(PrimaryEmail, JOIN.LEFT_OUTER, on=(PrimaryEmail.user == User.id))
        .join(Email, JOIN.LEFT_OUTER, on=(Email.id == PrimaryEmail.email))
        .where(User.id == argument("user_id", User.id))
        .tuples()
    )
