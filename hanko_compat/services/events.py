"""Passes on what happened to those that listen: the audit log, webhooks, metrics."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.storage.engine.database import Database


class EventType(StrEnum):
    """The kinds of events, named as in the audit log."""

    USER_CREATED = "user_created"
    USER_UPDATED = "user_updated"
    USER_DELETED = "user_deleted"
    USER_LOGGED_OUT = "user_logged_out"
    SESSION_REVOKED = "session_revoked"
    EARLIER_LOGINS_REMOVED = "earlier_logins_removed"
    EMAIL_CREATED = "email_created"
    EMAIL_DELETED = "email_deleted"
    EMAIL_VERIFIED = "email_verified"
    PRIMARY_EMAIL_CHANGED = "primary_email_changed"
    IDENTIFIER_CREATED = "identifier_created"
    IDENTIFIER_UPDATED = "identifier_updated"
    IDENTIFIER_DELETED = "identifier_deleted"
    SOCIAL_ACCOUNT_CREATED = "social_account_created"
    CHALLENGE_CREATED = "challenge_created"
    CHALLENGE_COMPLETED = "challenge_completed"
    CHALLENGE_FAILED = "challenge_failed"
    PASSWORD_SET_SUCCEEDED = "password_set_succeeded"  # noqa: S105 - the name of an event
    PASSWORD_SET_FAILED = "password_set_failed"  # noqa: S105
    PASSWORD_LOGIN_SUCCEEDED = "password_login_succeeded"  # noqa: S105
    PASSWORD_LOGIN_FAILED = "password_login_failed"  # noqa: S105
    PASSCODE_LOGIN_INIT_SUCCEEDED = "passcode_login_init_succeeded"
    PASSCODE_LOGIN_INIT_FAILED = "passcode_login_init_failed"
    PASSCODE_LOGIN_FINAL_SUCCEEDED = "passcode_login_final_succeeded"
    PASSCODE_LOGIN_FINAL_FAILED = "passcode_login_final_failed"
    WEBAUTHN_REGISTRATION_INIT_SUCCEEDED = "webauthn_registration_init_succeeded"
    WEBAUTHN_REGISTRATION_FINAL_SUCCEEDED = "webauthn_registration_final_succeeded"
    WEBAUTHN_REGISTRATION_FINAL_FAILED = "webauthn_registration_final_failed"
    WEBAUTHN_AUTHENTICATION_INIT_SUCCEEDED = "webauthn_authentication_init_succeeded"
    WEBAUTHN_AUTHENTICATION_INIT_FAILED = "webauthn_authentication_init_failed"
    WEBAUTHN_AUTHENTICATION_FINAL_SUCCEEDED = "webauthn_authentication_final_succeeded"
    WEBAUTHN_AUTHENTICATION_FINAL_FAILED = "webauthn_authentication_final_failed"
    WEBAUTHN_CREDENTIAL_UPDATED = "webauthn_credential_updated"
    WEBAUTHN_CREDENTIAL_DELETED = "webauthn_credential_deleted"
    THIRDPARTY_SIGNUP_SUCCEEDED = "thirdparty_signup_succeeded"
    THIRDPARTY_SIGNIN_SUCCEEDED = "thirdparty_signin_succeeded"
    THIRDPARTY_LINKING_SUCCEEDED = "thirdparty_linking_succeeded"
    THIRDPARTY_SIGNIN_SIGNUP_FAILED = "thirdparty_signin_signup_failed"
    TOKEN_EXCHANGE_SUCCEEDED = "token_exchange_succeeded"  # noqa: S105 - the name of an event
    TOKEN_EXCHANGE_FAILED = "token_exchange_failed"  # noqa: S105
    RATE_LIMITED = "rate_limited"
    AUTH_EVENT_REPORTED = "auth_event_reported"


class UserChange(StrEnum):
    """What an event changed of the user, named as Hanko's webhooks name it."""

    CREATED = "user.create"
    UPDATED = "user.update"
    DELETED = "user.delete"
    EMAIL_CREATED = "user.update.email.create"
    EMAIL_DELETED = "user.update.email.delete"
    PRIMARY_EMAIL_CHANGED = "user.update.email.primary"
    USERNAME_CREATED = "user.update.username.create"
    USERNAME_UPDATED = "user.update.username.update"
    USERNAME_DELETED = "user.update.username.delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a caller did, or tried to do: then ``error`` says why it failed.

    ``user_id`` and ``email`` (the primary address) name who acted, as far as that is known. ``change`` says
    what is told of the user to Hanko's webhooks; None is nothing: for log-ins, passwords and passkeys, and
    sign-ups that nobody has confirmed yet. ``details`` are for the audit log. ``passkey`` tells other
    listeners which one it is; Hanko's audit log does not.
    """

    type: EventType
    client: Client
    user_id: UUID | None = None
    email: str | None = None
    change: UserChange | None = None
    error: str | None = None
    details: Mapping[str, Any] | None = None
    passkey: Mapping[str, str] | None = None


Listener = Callable[[Event], None]


class Events:
    """Passes events on to two kinds of listeners.

    Durable ones write to the database: they take part in the transaction that an event reports, so that
    both are kept or neither is. So do those for changes, which write of what changed something, and of
    nothing else. The others have effects outside, and get only what was committed.
    """

    def __init__(
        self,
        *,
        durable: Sequence[Listener] = (),
        for_changes: Sequence[Listener] = (),
        wants: Callable[[Event], bool] = lambda _: True,
        others: Sequence[Listener] = (),
    ) -> None:
        """*wants* says which events those *for_changes* write of."""
        self._wants = wants
        self._durable = tuple(durable)
        self._for_changes = tuple(for_changes)
        self._others = tuple(others)

    @property
    def are_stored(self) -> bool:
        """Whether `record` writes to the database, also of what changed nothing."""
        return bool(self._durable)

    def writes_of(self, event: Event) -> bool:
        """Whether `record` has anything to write of a change, and so both need a transaction."""
        return self.are_stored or (bool(self._for_changes) and self._wants(event))

    def record(self, event: Event) -> None:
        """Tell the durable listeners. Call it inside the transaction that *event* reports.

        They read what there is then: that a user is gone is recorded before the row is.
        """
        for listener in (*self._durable, *self._for_changes):
            listener(event)

    def report(self, event: Event, database: Database) -> None:
        """Tell all listeners of something that changed nothing, such as a refused log-in.

        What durable listeners write gets a transaction of its own; without one the database is left alone.
        """
        if self._durable:
            database.transaction(lambda: self.record(event))
        self.publish(event)

    def publish(self, event: Event) -> None:
        """Tell the other listeners. Call it after the commit."""
        for listener in self._others:
            listener(event)
