"""Sessions as servers manage them at the backend door: listed, revoked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.sessions import SessionNotFound
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.paging import Page, Query, Totals
from hanko_compat.services.sessions.settings import SessionSettings
from hanko_compat.storage import identifiers
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.identifiers import IdentifierRecord
from hanko_compat.storage.models.identifiers import IdentifierStatus
from hanko_compat.storage.sessions import records as rows
from hanko_compat.storage.sessions import sessions
from hanko_compat.storage.sessions.records import At, SessionRow, SessionStatus
from hanko_compat.storage.users import users


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session; ``identifier_value`` is what its user is best known by, "" for a user without any.

    ``ip_address`` and ``user_agent`` are those of the log-in, where sessions are to have them.
    """

    id: UUID
    user_id: UUID
    identifier_value: str
    created_at: datetime
    last_action_at: datetime
    expires_at: datetime
    status: SessionStatus
    ip_address: str | None
    user_agent: str | None


class SessionRecords:
    """What servers see of log-ins at the public door. A session that was ended is not kept."""

    def __init__(
        self, database: Database, *, events: Events, totals: Totals, settings: SessionSettings, now: Clock
    ) -> None:
        self._database = database
        self._events = events
        self._totals = totals
        self._settings = settings
        self._now = now

    def list(self, query: Query) -> Page[SessionRecord]:
        """A page of all sessions; columns: id, user_id, expires, last_action, created, status."""
        at = self._at()
        with self._database.connection():
            found = rows.list_page(query, at=at)
            matching = rows.matching(query, at=at)
            total = self._totals.of("sessions", query, len(found), matching.count, estimate=matching.estimate)
            values = _best_known({row.user_id for row in found})
        return Page([self._record(row, values, at) for row in found], total)

    def revoke(self, session_id: UUID, *, client: Client) -> None:
        """End a session; its token is refused from now on, by every process. One that is over stays as it is.

        Raises:
            SessionNotFound: there is no such session, or not any more.
        """

        def work() -> Event | None:
            row = rows.find(session_id)
            if row is None:
                raise SessionNotFound
            # Of two who revoke it at once one deletes it, and both get what they asked for.
            if self._at().status(row) != SessionStatus.ACTIVE or not sessions.delete([session_id]):
                return None
            event = _revoked(row, client)
            self._events.record(event)
            return event

        revoked = self._database.transaction(work)
        if revoked is not None:
            self._events.publish(revoked)

    def revoke_all(self, user_id: UUID, *, client: Client) -> int:
        """End all sessions of a user; return how many of them were active.

        Raises:
            UserNotFound: no user has this id.
        """

        def work() -> list[Event]:
            # Log-ins under way come before this, and end with the others, or start afterwards.
            if not users.lock(user_id):
                raise UserNotFound
            at = self._at()
            active = [row for row in rows.list_of_user(user_id) if at.status(row) == SessionStatus.ACTIVE]
            sessions.delete_of_user(user_id)
            events = [_revoked(row, client) for row in active]
            for event in events:
                self._events.record(event)
            return events

        events = self._database.transaction(work)
        for event in events:
            self._events.publish(event)
        return len(events)

    def _at(self) -> At:
        return At(self._now(), self._settings.idle_timeout)

    def _record(self, row: SessionRow, values: Mapping[UUID, str], at: At) -> SessionRecord:
        return SessionRecord(
            id=row.id,
            user_id=row.user_id,
            identifier_value=values.get(row.user_id, ""),
            created_at=row.created_at,
            last_action_at=row.last_used or row.created_at,
            expires_at=row.expires_at or row.created_at + self._settings.lifespan,
            status=at.status(row),
            ip_address=row.ip_address,
            user_agent=row.user_agent,
        )


def _revoked(row: SessionRow, client: Client) -> Event:
    details = {"session_id": str(row.id)}
    return Event(type=EventType.SESSION_REVOKED, client=client, user_id=row.user_id, details=details)


def _best_known(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """One identifier of each user: a primary one before others, addresses before the rest."""
    chosen: dict[UUID, IdentifierRecord] = {}
    wanted: Sequence[UUID] = list(user_ids)
    for each in identifiers.list_of_users(wanted) if wanted else ():
        known, primary = chosen.get(each.user_id), IdentifierStatus.PRIMARY
        if known is None or (each.status == primary != known.status and each.type == known.type):
            chosen[each.user_id] = each
    return {user_id: each.value for user_id, each in chosen.items()}
