"""What an operator sees when a limit strikes: a metric, a line of the log, and an event of the audit log."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.errors import HankoCompatError
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.services.rate_limits.rate_limits import Refused, digest, network_of
from hanko_compat.services.rate_limits.refusal_log import RefusalLog
from hanko_compat.services.rate_limits.storages import RateLimitStorage
from hanko_compat.storage.engine.database import Database, DatabaseError
from hanko_compat.storage.users import users

logger = logging.getLogger(__name__)

SHORTEST = 60  # seconds; the time of one event


@dataclass(frozen=True, slots=True)
class Striking:
    """That a limit has struck, as something to be counted."""

    name: str
    setting: str


class RefusalAudit:
    """Writes an event for the first request that a limit refuses a user: no flood fills the audit log.

    Where a limit is not about a user, there is one for each client. The answer does not depend on it: what
    can't be written is left out.
    """

    def __init__(self, database: Database, *, events: Events, storage: RateLimitStorage) -> None:
        """*storage* is where the limits are counted, so that the processes agree on who is first."""
        self._database = database
        self._events = events
        self._storage = storage

    def note(self, refused: Refused) -> None:
        """Write the event, if it is due."""
        try:
            if refused.client is not None and self._is_first(refused, refused.client):
                self._events.report(self._event(refused, refused.client), self._database)
        except (HankoCompatError, DatabaseError):
            logger.warning("audit_event_lost", extra={"type": EventType.RATE_LIMITED}, exc_info=True)

    def _is_first(self, refused: Refused, client: Client) -> bool:
        limit = Striking(f"struck_{refused.limit.name}", refused.limit.setting)
        whose = network_of(client) if refused.user_id is None else str(refused.user_id)
        return self._storage.incr(digest(limit, (whose,)), max(SHORTEST, refused.retry_after)) == 1

    def _event(self, refused: Refused, client: Client) -> Event:
        return Event(
            type=EventType.RATE_LIMITED,
            client=client,
            user_id=self._existing(refused.user_id),
            error="rate limit exceeded",
            details={
                "limit": refused.limit.name,
                "setting": refused.limit.setting,
                "retry_after": refused.retry_after,
            },
        )

    def _existing(self, user_id: UUID | None) -> UUID | None:
        """The user; None for one that a caller made up."""
        if user_id is None:
            return None
        with self._database.connection():
            return user_id if users.exists(user_id) else None


class Refusals:
    """Tells all who want to know of a refusal."""

    def __init__(self, *, count: Callable[[str], None], log: RefusalLog, audit: RefusalAudit | None) -> None:
        """*count* gets the name of the limit. Without *audit* there are no events."""
        self._count = count
        self._log = log
        self._audit = audit

    def note(self, refused: Refused) -> None:
        """Tell of a request that was refused."""
        self._count(refused.limit.name)
        self._log.note(refused.limit.name, setting=refused.limit.setting)
        if self._audit:
            self._audit.note(refused)
