"""What servers report of log-ins that they did themselves: written to the audit log."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.users import UserNotFound
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.users import users


class AuthEventType(StrEnum):
    """What happened."""

    SIGN_UP = "sign_up"
    LOGIN = "login"
    NEW_PASSKEY_ADDED = "new_passkey_added"


class AuthMethod(StrEnum):
    """How the user showed who it is."""

    PASSWORD = "password"  # noqa: S105 - no password
    EMAIL_OTP = "email_otp"
    EMAIL_LINK = "email_link"
    PHONE_OTP = "phone_otp"
    PASSKEY = "passkey"
    SOCIAL_GITHUB = "social_github"
    SOCIAL_GOOGLE = "social_google"
    SOCIAL_MICROSOFT = "social_microsoft"


class AuthEventStatus(StrEnum):
    """Whether it succeeded."""

    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class AuthEvent:
    """A log-in, or an attempt at one."""

    id: UUID
    user_id: UUID
    username: str
    type: AuthEventType
    method: AuthMethod
    status: AuthEventStatus
    created_at: datetime


class AuthEvents:
    """The audit log is the only place where they are kept."""

    def __init__(self, database: Database, *, events: Events, now: Clock) -> None:
        self._database = database
        self._events = events
        self._now = now

    def create(
        self,
        user_id: UUID,
        *,
        username: str,
        type_: AuthEventType,
        method: AuthMethod,
        status: AuthEventStatus,
        client: Client,
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
            error="reported as a failure" if status == AuthEventStatus.FAILURE else None,
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
