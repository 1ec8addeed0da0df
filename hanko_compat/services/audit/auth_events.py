"""What servers report of log-ins that they did themselves: written to the audit log."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.users import users

FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """A log-in, or an attempt at one."""

    id: UUID
    user_id: UUID
    username: str
    type: str
    method: str
    status: str
    created_at: datetime


class AuthEvents:
    """The audit log is the only place where they are kept."""

    def __init__(self, database: Database, *, events: Events, now: Clock) -> None:
        self._database = database
        self._events = events
        self._now = now

    def create(
        self, user_id: UUID, *, username: str, type_: str, method: str, status: str, client: Client
    ) -> AuthEvent:
        """Report what happened to whom; *client* is who did it.

        Raises:
            UserNotFound: no user has this id.
        """
        event = AuthEvent(uuid4(), user_id, username, type_, method, status, self._now())
        reported = Event(
            type=EventType.AUTH_EVENT_REPORTED,
            client=client,
            user_id=user_id,
            email=username,
            error="reported as a failure" if status == FAILURE else None,
            details={
                "auth_event_id": str(event.id),
                "event_type": type_,
                "method": method,
                "status": status,
            },
        )

        def work() -> None:
            if not users.exists(user_id):
                raise UserNotFound
            self._events.record(reported)

        self._database.transaction(work)
        self._events.publish(reported)
        return event
