"""Queries of the table ``passcodes``: one-time codes that were mailed and not used yet."""

from datetime import datetime
from typing import Any
from uuid import UUID

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.dialects import is_mysql
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Email, Passcode

_CREATE = Statement(
    lambda: Passcode.insert(
        id=argument("id", Passcode.id),
        user=argument("user_id", Passcode.user),
        email=argument("email_id", Passcode.email),
        code=argument("code", Passcode.code),
        ttl=argument("ttl", Passcode.ttl),
        try_count=0,
        created_at=argument("now", Passcode.created_at),
        updated_at=argument("now", Passcode.updated_at),
    ),
)
_FIND = Statement(
    lambda: (
        Passcode.select(Passcode, Email)
        .join(Email)
        .where((Passcode.id == argument("id", Passcode.id)) & Passcode.user.is_null(False))
    ),
)
_COUNT_TRY = Statement(lambda: _counted_try())
_FIND_TRIES = Statement(
    lambda: Passcode.select(Passcode.try_count).where(Passcode.id == argument("id", Passcode.id)).tuples(),
)
_DELETE = Statement(lambda: Passcode.delete().where(Passcode.id == argument("id", Passcode.id)))


def create(
    passcode_id: UUID, *, user_id: UUID, email_id: UUID, hashed_code: str, ttl: int, now: datetime
) -> None:
    """Write a passcode without tries; *ttl* is in seconds.

    Raises:
        IntegrityError: user or address are gone.
    """
    _CREATE.count(id=passcode_id, user_id=user_id, email_id=email_id, code=hashed_code, ttl=ttl, now=now)


def find(passcode_id: UUID) -> Passcode | None:
    """A passcode that these endpoints made, with its address, or None.

    Those of Hanko's flows have no address, or are of no use without the flow that made them.
    """
    found: Passcode | None = _FIND.first(id=passcode_id)
    return found


def count_try(passcode_id: UUID, *, limit: int, now: datetime) -> int | None:
    """Count a try, unless *limit* are counted. Needs a transaction, to be committed before the comparison.

    Returns the number of this try, more than *limit* when none was left, None when the passcode is gone.
    """
    if not is_mysql(Passcode):
        counted = _COUNT_TRY.first(id=passcode_id, limit=limit, now=now)
    elif _COUNT_TRY.count(id=passcode_id, limit=limit, now=now) == 1:
        counted = _FIND_TRIES.first(id=passcode_id)
    else:
        counted = None
    if counted is not None:
        return int(counted[0])
    return None if _FIND_TRIES.first(id=passcode_id) is None else limit + 1


def give_try_back(passcode_id: UUID) -> None:
    """Take back a try that was counted and not evaluated."""
    mine = (Passcode.id == passcode_id) & (Passcode.try_count > 0)
    Passcode.update(try_count=Passcode.try_count - 1).where(mine).execute()


def consume(passcode_id: UUID) -> bool:
    """Delete a passcode. Of several callers one gets True."""
    return _DELETE.count(id=passcode_id) == 1


def delete_of_user(user_id: UUID) -> int:
    """Delete all passcodes of a user, as after a change of the password; return how many there were."""
    return Passcode.delete().where(Passcode.user == user_id).execute()


def old(*, before: datetime, ttl: int) -> Old:
    """Passcodes from *before* that lived *ttl* seconds at most. Those of Hanko's flows stay, as in `find`."""
    is_ours = Passcode.user.is_null(False) & Passcode.email.is_null(False)
    is_old = is_ours & (Passcode.created_at < before) & (Passcode.ttl <= ttl)
    return Old(Passcode, is_old, (Passcode.created_at,))


def _counted_try() -> Any:
    changes = {"try_count": Passcode.try_count + 1, "updated_at": argument("now", Passcode.updated_at)}
    is_left = Passcode.try_count < argument("limit", Passcode.try_count)
    query = Passcode.update(changes).where((Passcode.id == argument("id", Passcode.id)) & is_left)
    return query if is_mysql(Passcode) else query.returning(Passcode.try_count).tuples()
