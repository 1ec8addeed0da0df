"""The table ``sessions`` as lists show it. Sessions that were ended have no row, as in Hanko."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from hanko_compat.storage.engine import paging as lists
from hanko_compat.storage.engine.paging import Branch, Matching, Query
from hanko_compat.storage.models import Session


class SessionStatus(StrEnum):
    """What has become of a session; worked out from its times."""

    ACTIVE = "active"
    EXPIRED = "expired"
    INACTIVE = "inactivity_reached"


class SessionRow(NamedTuple):
    """A session as it is stored; old rows may lack what can be None.

    Where ``session.acquire_ip_address`` and ``acquire_user_agent`` are off, all lack these two.
    """

    id: UUID
    user_id: UUID
    created_at: datetime
    expires_at: datetime | None
    last_used: datetime | None
    ip_address: str | None
    user_agent: str | None
    updated_at: datetime


class At(NamedTuple):
    """The moment for which statuses are computed; None for no ``session.idle_timeout``."""

    now: datetime
    idle_timeout: timedelta | None

    def status(self, row: SessionRow) -> SessionStatus:
        """The status of a session at this moment."""
        if row.expires_at is not None and row.expires_at <= self.now:
            return SessionStatus.EXPIRED
        used = row.last_used or row.created_at
        is_idle = self.idle_timeout is not None and used < self.now - self.idle_timeout
        return SessionStatus.INACTIVE if is_idle else SessionStatus.ACTIVE


def find(session_id: UUID) -> SessionRow | None:
    """The session of a user, or None."""
    row = _select().where(Session.id == session_id).first()
    return None if row is None else SessionRow(*row)


def list_of_user(user_id: UUID) -> list[SessionRow]:
    """All sessions of a user."""
    return [SessionRow(*row) for row in _select().where(Session.user == user_id)]


def list_active(user_id: UUID, *, at: At, most: int) -> list[SessionRow]:
    """The sessions of a user that are active, the newest first; *most* is how many at the most.

    The index on the user finds them. They are few, so that sorting them costs less than an index would.
    """
    is_active = _conditions(at)[SessionStatus.ACTIVE]
    newest_first = (
        _select().where(Session.user == user_id, is_active).order_by(Session.created_at.desc(), Session.id)
    )
    return [SessionRow(*row) for row in newest_first.limit(most)]


def list_page(query: Query, *, at: At) -> list[SessionRow]:
    """The sessions of a page, in order."""
    return lists.list_page(_branches(query, at), query, _by_id)


def matching(query: Query, *, at: At) -> Matching:
    """All sessions that the conditions of *query* leave."""
    return Matching(_branches(query, at), query.conditions)


def _by_id(ids: Sequence[UUID]) -> dict[UUID, SessionRow]:
    return {row[0]: SessionRow(*row) for row in _select().where(Session.id.in_(ids))}


def _select() -> Any:
    return (
        Session.select(
            Session.id,
            Session.user,
            Session.created_at,
            Session.expires_at,
            Session.last_used,
            Session.ip_address,
            Session.user_agent,
            Session.updated_at,
        )
        .where(Session.user.is_null(False))
        .tuples()
    )


def _branches(query: Query, at: At) -> list[Branch]:
    """All sessions at once, or each status by itself where it matters.

    Rows without a user, which Hanko's layout allows and nothing writes, are not looked for, so that an index
    answers.
    """
    columns = {
        "id": Session.id,
        "user_id": Session.user,
        "expires": Session.expires_at,
        "last_action": Session.last_used,
        "created": Session.created_at,
    }
    if query.order != "status" and not any(each.column == "status" for each in query.conditions):
        return [Branch(Session, columns)]
    return [
        Branch(Session, columns, {"status": status}, (condition,))
        for status, condition in _conditions(at).items()
        if status != SessionStatus.EXPIRED or _may_have_expired(query, at)
    ]


def _may_have_expired(query: Query, at: At) -> bool:
    """Whether expired sessions can meet the conditions; else PostgreSQL would still search for them."""
    return not any(
        each.column == "expires"
        and each.operator in ("eq", "gt")
        and isinstance(each.value, datetime)
        and each.value > at.now
        for each in query.conditions
    )


def _conditions(at: At) -> dict[SessionStatus, Any]:
    """The condition of each status."""
    lives = Session.expires_at.is_null() | (Session.expires_at > at.now)
    has_expired = Session.expires_at <= at.now
    if at.idle_timeout is None:
        return {SessionStatus.ACTIVE: lives, SessionStatus.EXPIRED: has_expired}
    latest = at.now - at.idle_timeout
    unused = Session.last_used.is_null()
    is_fresh = (Session.last_used >= latest) | (unused & (Session.created_at >= latest))
    is_idle = (Session.last_used < latest) | (unused & (Session.created_at < latest))
    return {
        SessionStatus.ACTIVE: lives & is_fresh,
        SessionStatus.EXPIRED: has_expired,
        SessionStatus.INACTIVE: lives & is_idle,
    }
