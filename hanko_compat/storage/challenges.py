"""Queries of the table ``hanko_compat_challenges``: of several callers one makes a change."""

from datetime import datetime
from uuid import UUID

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import Challenge
from hanko_compat.storage.models.challenges import ChallengeStatus, ChallengeType

_CREATE = Statement(
    lambda: Challenge.insert(
        id=argument("id", Challenge.id),
        user=argument("user_id", Challenge.user),
        type=argument("type", Challenge.type),
        identifier_value=argument("identifier_value", Challenge.identifier_value),
        secret_hash=argument("secret_hash", Challenge.secret_hash),
        status=ChallengeStatus.PENDING,
        tries=0,
        details=argument("details", Challenge.details),
        expires_at=argument("expires_at", Challenge.expires_at),
        created_at=argument("now", Challenge.created_at),
    ),
)
_FIND = Statement(
    lambda: Challenge.select().where(
        (Challenge.id == argument("id", Challenge.id))
        & (Challenge.user == argument("user_id", Challenge.user))
    ),
)
_COUNT_TRY = Statement(
    lambda: Challenge.update(tries=Challenge.tries + 1).where(
        (Challenge.id == argument("id", Challenge.id))
        & (Challenge.status == ChallengeStatus.PENDING)
        & (Challenge.tries < argument("limit", Challenge.tries))
    ),
)
_FIND_TRIES = Statement(
    lambda: Challenge.select(Challenge.tries).where(Challenge.id == argument("id", Challenge.id)).tuples(),
)
_CLOSE = Statement(
    lambda: Challenge.update(status=argument("status", Challenge.status)).where(
        (Challenge.id == argument("id", Challenge.id)) & (Challenge.status == ChallengeStatus.PENDING)
    ),
)


def create(
    challenge_id: UUID,
    *,
    user_id: UUID,
    type_: ChallengeType,
    identifier_value: str,
    secret_hash: str,
    details: str | None,
    expires_at: datetime,
    now: datetime,
) -> None:
    """Write a pending challenge without tries; *details* is JSON.

    Raises:
        IntegrityError: the user is gone.
    """
    _CREATE.count(
        id=challenge_id,
        user_id=user_id,
        type=type_,
        identifier_value=identifier_value,
        secret_hash=secret_hash,
        details=details,
        expires_at=expires_at,
        now=now,
    )


def find(challenge_id: UUID, *, user_id: UUID) -> Challenge | None:
    """One of the user's challenges, or None."""
    found: Challenge | None = _FIND.first(id=challenge_id, user_id=user_id)
    return found


def count_try(challenge_id: UUID, *, limit: int) -> int | None:
    """Count a try, unless *limit* are counted. Needs a transaction, to be committed before the comparison.

    Returns the number of this try; None when none is left, or the challenge is not pending any more.
    """
    if not _COUNT_TRY.count(id=challenge_id, limit=limit):
        return None
    # The row is locked by the update: no other request counts on meanwhile.
    return int(_FIND_TRIES.first(id=challenge_id)[0])


def give_try_back(challenge_id: UUID) -> None:
    """Take back a try that was counted and not evaluated."""
    mine = (Challenge.id == challenge_id) & (Challenge.tries > 0)
    Challenge.update(tries=Challenge.tries - 1).where(mine).execute()


def close(challenge_id: UUID, *, status: ChallengeStatus) -> bool:
    """Set a pending challenge to `COMPLETED` or `EXPIRED`. Of several callers one gets True."""
    return _CLOSE.count(id=challenge_id, status=status) == 1


def expired(*, before: datetime) -> Old:
    """Challenges that expired before a moment."""
    return Old(Challenge, Challenge.expires_at < before, (Challenge.expires_at,))
