"""Queries of the table ``passcodes``: one-time codes that were mailed and not used yet."""

from datetime import datetime
from uuid import UUID

from hanko_compat.storage.models import Passcode


def create(
    passcode_id: UUID, *, user_id: UUID, email_id: UUID, hashed_code: str, ttl: int, now: datetime
) -> None:
    """Write a passcode that nobody has tried yet; *ttl* is in seconds.

    Raises:
        IntegrityError: user or address are gone.
    """
    Passcode.insert(
        id=passcode_id,
        user=user_id,
        email=email_id,
        code=hashed_code,
        ttl=ttl,
        try_count=0,
        created_at=now,
        updated_at=now,
    ).execute()


def find(passcode_id: UUID) -> Passcode | None:
    """A passcode that these endpoints made, or None.

    Those of Hanko's flows have no address, or are of no use without the flow that made them.
    """
    mine = Passcode.user.is_null(False) & Passcode.email.is_null(False)
    return Passcode.select().where((Passcode.id == passcode_id) & mine).first()


def count_try(passcode_id: UUID, *, limit: int, now: datetime) -> int | None:
    """Count a try, unless *limit* are counted. Needs a transaction, to be committed before the comparison.

    Returns the number of this try, more than *limit* when none was left, None when the passcode is gone.
    """
    one_more = {"try_count": Passcode.try_count + 1, "updated_at": now}
    left = (Passcode.id == passcode_id) & (Passcode.try_count < limit)
    is_counted = Passcode.update(one_more).where(left).execute() == 1
    row = Passcode.select(Passcode.try_count).where(Passcode.id == passcode_id).first()
    if row is None:
        return None
    return row.try_count if is_counted else limit + 1


def give_try_back(passcode_id: UUID) -> None:
    """Take back a try that was counted and not evaluated."""
    mine = (Passcode.id == passcode_id) & (Passcode.try_count > 0)
    Passcode.update(try_count=Passcode.try_count - 1).where(mine).execute()


def consume(passcode_id: UUID) -> bool:
    """Delete a passcode. Of several callers one gets True."""
    return Passcode.delete().where(Passcode.id == passcode_id).execute() == 1


def delete_of_user(user_id: UUID) -> int:
    """Delete all passcodes of a user, as after a change of the password; return how many there were."""
    return Passcode.delete().where(Passcode.user == user_id).execute()
