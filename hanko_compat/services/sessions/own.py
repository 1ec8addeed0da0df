"""Sessions as their user manages them at the public door: listed, ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.sessions import SessionEndDisabled, SessionListDisabled, SessionNotFound
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.sessions.live import SessionInfo, lock_live
from hanko_compat.services.sessions.settings import SessionSettings
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.sessions import records as rows
from hanko_compat.storage.sessions import sessions
from hanko_compat.storage.sessions.records import At, SessionRow, SessionStatus

MOST = 1000
"""Sessions that are listed; ``session.limit``, by default five, keeps a user from having many."""


@dataclass(frozen=True, slots=True)
class OwnSessionRules:
    """What the configuration lets users do with their sessions; a log-out is always theirs."""

    are_shown: bool
    may_be_ended: bool


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A session of the caller; ``is_current`` for the one that asks.

    ``ip_address`` and ``user_agent`` are those of the log-in, where sessions are to have them. ``last_used``
    is no more exact than it is written (`Sessions.authenticate`).
    """

    id: UUID
    user_id: UUID
    user_agent: str | None
    ip_address: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    last_used: datetime
    is_current: bool


class OwnSessions:
    """What a user may do with the sessions of the own account, and with nobody else's."""

    def __init__(
        self,
        database: Database,
        *,
        events: Events,
        settings: SessionSettings,
        rules: OwnSessionRules,
        now: Clock,
    ) -> None:
        self._database = database
        self._events = events
        self._settings = settings
        self._rules = rules
        self._now = now

    def check_listing_allowed(self) -> None:
        """Let pass where users may see their sessions.

        Raises:
            SessionListDisabled: ``session.show_on_profile`` is off.
        """
        if not self._rules.are_shown:
            raise SessionListDisabled

    def check_ending_allowed(self) -> None:
        """Let pass where users may end their sessions one by one.

        Raises:
            SessionEndDisabled: ``session.allow_revocation`` is off.
        """
        if not self._rules.may_be_ended:
            raise SessionEndDisabled

    def list(self, session: SessionInfo) -> tuple[OwnSession, ...]:
        """The active sessions of the caller, the newest first: neither expired nor idle for too long.

        Raises:
            SessionListDisabled: ``session.show_on_profile`` is off.
        """
        self.check_listing_allowed()
        with self._database.connection():
            found = rows.list_active(session.user_id, at=self._at(), most=MOST)
        return tuple(self._shown(row, session) for row in found)

    def end(self, session: SessionInfo, session_id: UUID, *, client: Client) -> None:
        """End one of the caller's sessions, the current one perhaps: that is a log-out.

        Of several who end it at once one succeeds. One that is over already leaves, and is no event.

        Raises:
            SessionEndDisabled: ``session.allow_revocation`` is off.
            SessionNotFound: no such session, or not any more, or somebody else's.
            SessionInvalid: the current session ended in the meantime.
        """
        self.check_ending_allowed()

        def work() -> Sequence[Event]:
            lock_live(session)
            row = rows.find(session_id)
            if row is None or row.user_id != session.user_id or not sessions.delete([session_id]):
                raise SessionNotFound
            return self._record([row], session, client)

        self._publish(self._database.transaction(work))

    def end_others(self, session: SessionInfo, *, client: Client) -> None:
        """End all sessions of the caller but the current one.

        Raises:
            SessionEndDisabled: ``session.allow_revocation`` is off.
            SessionInvalid: the current session ended in the meantime.
        """
        self.check_ending_allowed()

        def work() -> Sequence[Event]:
            # Log-ins under way come before this, and end with the others, or start afterwards.
            lock_live(session)
            others = [row for row in rows.list_of_user(session.user_id) if row.id != session.session_id]
            sessions.delete_of_user(session.user_id, but=session.session_id)
            return self._record(others, session, client)

        self._publish(self._database.transaction(work))

    def _record(self, ended: Iterable[SessionRow], session: SessionInfo, client: Client) -> Sequence[Event]:
        """Record the end of those sessions that were active."""
        at = self._at()
        active = [row for row in ended if at.status(row) == SessionStatus.ACTIVE]
        if not active:
            return []
        address = emails.find_primary_address(session.user_id)
        events = [_ended(row, session, address, client) for row in active]
        for event in events:
            self._events.record(event)
        return events

    def _publish(self, events: Iterable[Event]) -> None:
        for event in events:
            self._events.publish(event)

    def _at(self) -> At:
        return At(self._now(), self._settings.idle_timeout)

    def _shown(self, row: SessionRow, session: SessionInfo) -> OwnSession:
        return OwnSession(
            id=row.id,
            user_id=row.user_id,
            user_agent=row.user_agent,
            ip_address=row.ip_address,
            created_at=row.created_at,
            updated_at=row.updated_at,
            expires_at=row.expires_at or row.created_at + self._settings.lifespan,
            last_used=row.last_used or row.created_at,
            is_current=row.id == session.session_id,
        )


def _ended(row: SessionRow, session: SessionInfo, address: str | None, client: Client) -> Event:
    """The event of a session's end, as others that end one record it."""
    is_current = row.id == session.session_id
    return Event(
        type=EventType.USER_LOGGED_OUT if is_current else EventType.SESSION_REVOKED,
        client=client,
        user_id=row.user_id,
        email=address,
        details=None if is_current else {"session_id": str(row.id)},
    )
