"""The table ``hanko_compat_passkey_challenges``: ceremonies that servers began, and what came of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.dialects import is_mysql
from hanko_compat.storage.engine.paging import Branch, Matching, Query
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import PasskeyChallenge
from hanko_compat.storage.models.passkey_challenges import PasskeyChallengeStatus, PasskeyChallengeType

_TAKE = Statement(
    lambda: PasskeyChallenge.update(status=PasskeyChallengeStatus.CONSUMED).where(
        PasskeyChallenge.value == argument("value", PasskeyChallenge.value),
        PasskeyChallenge.type == argument("type", PasskeyChallenge.type),
        PasskeyChallenge.status == PasskeyChallengeStatus.PENDING,
    ),
)
_FIND_VALUE = Statement(
    lambda: _records().where(PasskeyChallenge.value == argument("value", PasskeyChallenge.value)),
)
_FIND = Statement(
    lambda: _records().where(PasskeyChallenge.id == argument("id", PasskeyChallenge.id)),
)


class PasskeyChallengeRecord(NamedTuple):
    """A ceremony; ``value`` is its challenge in base64url, ``credential_id`` the passkey that answered."""

    id: UUID
    user_id: UUID | None
    type: PasskeyChallengeType
    value: str
    status: PasskeyChallengeStatus
    process_id: str
    username: str
    credential_id: str | None
    expires_at: datetime
    created_at: datetime


def create(
    challenge_id: UUID,
    *,
    user_id: UUID | None,
    type_: PasskeyChallengeType,
    value: str,
    process_id: str,
    username: str,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Write a challenge that waits for its answer.

    Raises:
        IntegrityError: there is no such user.
    """
    PasskeyChallenge.insert(
        id=challenge_id,
        user=user_id,
        type=type_,
        value=value,
        status=PasskeyChallengeStatus.PENDING,
        process_id=process_id,
        username=username,
        credential_id=None,
        expires_at=expires_at,
        created_at=now,
    ).execute()


def consume(value: str, *, type_: PasskeyChallengeType) -> PasskeyChallengeRecord | None:
    """Consume a pending challenge of this type. Of several callers one gets it."""
    if _TAKE.count(value=value, type=type_) != 1:
        return None
    row = _FIND_VALUE.first(value=value)
    return None if row is None else PasskeyChallengeRecord(*row)


def complete(challenge_id: UUID, *, user_id: UUID, credential_id: str) -> bool:
    """Store which user and passkey answered a consumed challenge; False when there is no such one."""
    waits = (PasskeyChallenge.id == challenge_id) & PasskeyChallenge.credential_id.is_null()
    changes = {"user": user_id, "status": PasskeyChallengeStatus.COMPLETED, "credential_id": credential_id}
    return PasskeyChallenge.update(changes).where(waits).execute() == 1


def advance(challenge_id: UUID, *, before: PasskeyChallengeStatus, after: PasskeyChallengeStatus) -> bool:
    """Set the status, if it is still what it was *before*. Of several callers one gets True."""
    is_it = (PasskeyChallenge.id == challenge_id) & (PasskeyChallenge.status == before)
    return PasskeyChallenge.update(status=after).where(is_it).execute() == 1


def unanswered(*, before: datetime) -> Old:
    """Challenges from *before* that were any user's to answer, and nobody has."""
    is_old = PasskeyChallenge.user.is_null() & (PasskeyChallenge.created_at < before)
    # Both follow the same index; MySQL would sort all old ones for what is NULL in each of them.
    by_time = (PasskeyChallenge.created_at,)
    order = by_time if is_mysql(PasskeyChallenge) else (PasskeyChallenge.user, *by_time)
    return Old(PasskeyChallenge, is_old, order)


def expired(*, before: datetime) -> Old:
    """Challenges that expired before a moment, whatever has become of them."""
    return Old(PasskeyChallenge, PasskeyChallenge.expires_at < before, (PasskeyChallenge.expires_at,))


def find(challenge_id: UUID) -> PasskeyChallengeRecord | None:
    """The challenge with this id, or None."""
    row = _FIND.first(id=challenge_id)
    return None if row is None else PasskeyChallengeRecord(*row)


def list_page(user_id: UUID, project_id: str, query: Query) -> list[PasskeyChallengeRecord]:
    """The challenges of a page of the user's, in order."""
    return lists.list_page([_branch(user_id, project_id)], query, _by_id)


def matching(user_id: UUID, project_id: str, query: Query) -> Matching:
    """All challenges of the user that the conditions of *query* leave."""
    return Matching([_branch(user_id, project_id)], query.conditions)


def _by_id(ids: Sequence[UUID]) -> dict[UUID, PasskeyChallengeRecord]:
    return {row[0]: PasskeyChallengeRecord(*row) for row in _records().where(PasskeyChallenge.id.in_(ids))}


def _branch(user_id: UUID, project_id: str) -> Branch:
    columns = {
        "user_id": PasskeyChallenge.user,
        "status": PasskeyChallenge.status,
        "type": PasskeyChallenge.type,
    }
    return Branch(PasskeyChallenge, columns, {"project_id": project_id}, (PasskeyChallenge.user == user_id,))


def _records() -> Any:
    return PasskeyChallenge.select(
        PasskeyChallenge.id,
        PasskeyChallenge.user,
        PasskeyChallenge.type,
        PasskeyChallenge.value,
        PasskeyChallenge.status,
        PasskeyChallenge.process_id,
        PasskeyChallenge.username,
        PasskeyChallenge.credential_id,
        PasskeyChallenge.expires_at,
        PasskeyChallenge.created_at,
    ).tuples()
