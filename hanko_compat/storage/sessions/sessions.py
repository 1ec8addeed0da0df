"""The table ``sessions``: a token is valid only while the row that it names exists."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from peewee import JOIN, fn

from hanko_compat.storage.engine.deletion import Old
from hanko_compat.storage.engine.recorded_text import recorded
from hanko_compat.storage.engine.statements import Statement, argument
from hanko_compat.storage.models import RevokedKey, Session, UserState
from hanko_compat.storage.models.user_states import UserStatus

_CREATE = Statement(
    lambda: Session.insert(
        id=argument("session_id", Session.id),
        user=argument("user_id", Session.user),
        user_agent=argument("user_agent", Session.user_agent),
        ip_address=argument("ip_address", Session.ip_address),
        expires_at=argument("expires_at", Session.expires_at),
        last_used=argument("created_at", Session.last_used),
        created_at=argument("created_at", Session.created_at),
        updated_at=argument("created_at", Session.updated_at),
    ),
)
_FIND_USE = Statement(
    lambda: (
        Session.select(
            Session.user,
            Session.last_used,
            Session.created_at,
            UserState.status,
            # With the same query, as every request asks it, and no process may remember the answer.
            RevokedKey.select(fn.COUNT(RevokedKey.kid)).where(
                RevokedKey.kid == argument("kid", RevokedKey.kid)
            ),
        )
        .join(UserState, JOIN.LEFT_OUTER, on=(UserState.user == Session.user))
        .where(Session.id == argument("session_id", Session.id))
        .tuples()
    ),
)
_LIST_LIVE_IDS = Statement(
    lambda: (
        Session.select(Session.id)
        .where(Session.user == argument("user_id", Session.user))
        .where(Session.expires_at > argument("at", Session.expires_at))
        .order_by(Session.created_at.desc(), Session.id)
        .tuples()
    ),
)

_DELETE = Statement(lambda: Session.delete().where(Session.id == argument("id", Session.id)))


class SessionUse(NamedTuple):
    """The user of a session and when it was used; old rows may lack ``last_used``, most users a status.

    ``revoked_keys`` is 1 where the key that was asked about is revoked.
    """

    user_id: UUID | None
    last_used: datetime | None
    created_at: datetime
    user_status: UserStatus | None
    revoked_keys: int


def create(
    *,
    session_id: UUID,
    user_id: UUID,
    created_at: datetime,
    expires_at: datetime,
    ip_address: str | None,
    user_agent: str | None,
) -> None:
    """Write a session whose first use is its creation."""
    _CREATE.count(
        session_id=session_id,
        user_id=user_id,
        user_agent=user_agent and recorded(user_agent),
        ip_address=ip_address,
        expires_at=expires_at,
        created_at=created_at,
    )


def find_use(session_id: UUID, *, kid: str = "") -> SessionUse | None:
    """The user of the session and when it was used; None when it was revoked or never stored.

    *kid* names the key that its token was signed with.
    """
    row = _FIND_USE.first(session_id=session_id, kid=kid)
    return None if row is None else SessionUse(*row)


def list_live_ids(*, user_id: UUID, at: datetime) -> list[UUID]:
    """The user's sessions that expire after *at*, the newest first."""
    return [session_id for (session_id,) in _LIST_LIVE_IDS.rows(user_id=user_id, at=at)]


def update_last_used(session_id: UUID, *, at: datetime) -> None:
    """Store that the session was used at *at*, unless a later use is stored."""
    older = Session.last_used.is_null() | (Session.last_used < at)
    Session.update(last_used=at, updated_at=at).where((Session.id == session_id) & older).execute()


def delete_idle(session_id: UUID, *, since: datetime) -> bool:
    """Delete the session unless it was used after *since*; return whether it was there."""
    last_used = fn.COALESCE(Session.last_used, Session.created_at)
    return bool(Session.delete().where((Session.id == session_id) & (last_used <= since)).execute())


def delete(session_ids: Sequence[UUID]) -> int:
    """Delete sessions; return how many there were."""
    if len(session_ids) <= 1:
        return sum(_DELETE.count(id=session_id) for session_id in session_ids)
    return Session.delete().where(Session.id.in_(session_ids)).execute()


def delete_of_user(user_id: UUID, *, but: UUID | None = None) -> int:
    """Delete the user's sessions, all or all but one; return how many there were."""
    mine = Session.user == user_id
    if but is not None:
        mine &= Session.id != but
    return Session.delete().where(mine).execute()


def expired(*, before: datetime) -> Old:
    """Sessions that expired before a moment."""
    return Old(Session, Session.expires_at < before, (Session.expires_at,))
