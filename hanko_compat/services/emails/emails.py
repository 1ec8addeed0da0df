"""The addresses of a user: listed, added, deleted, made primary."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.emails import (
    EmailAlreadyAssigned,
    EmailAlreadyTaken,
    EmailIsPrimary,
    EmailLimitReached,
    EmailNotFound,
)
from hanko_compat.mail import languages
from hanko_compat.services.delivery.mails import Mails, Notice
from hanko_compat.services.emails.addresses import accepted
from hanko_compat.services.emails.unclaimed import UnclaimedEmails
from hanko_compat.services.events import Event, Events, EventType, UserChange
from hanko_compat.services.profiles.profiles import ProfileEmail, Profiles
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.services.sessions.live import SessionInfo, lock_live
from hanko_compat.storage.emails import emails as rows
from hanko_compat.storage.emails import primary_emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.models import Email

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EmailRules:
    """What the configuration says of a user's addresses."""

    limit: int  # addresses of one user
    max_length: int  # characters
    require_verification: bool  # of an address, before it belongs to the user


@dataclass(frozen=True, slots=True)
class AddedEmail:
    """An address that was added; it belongs to no user while it has to be verified."""

    id: UUID
    user_id: UUID | None
    address: str
    verified: bool
    created_at: datetime
    updated_at: datetime


class EmailAddresses:
    """What a user may do with its addresses. Changes of one user run one after the other."""

    def __init__(
        self,
        database: Database,
        *,
        events: Events,
        profiles: Profiles,
        mails: Mails,
        rate_limits: RateLimits,
        unclaimed: UnclaimedEmails,
        rules: EmailRules,
        now: Clock,
    ) -> None:
        self._database = database
        self._events = events
        self._profiles = profiles
        self._mails = mails
        self._rate_limits = rate_limits
        self._unclaimed = unclaimed
        self._rules = rules
        self._now = now

    def list(self, user_id: UUID) -> tuple[ProfileEmail, ...]:
        """The addresses of a user, oldest first. One that is not verified yet is not among them."""
        return self._profiles.list_emails(user_id)

    def check_room(self, user_id: UUID) -> None:
        """Let pass who may have another address.

        Raises:
            EmailLimitReached: the user has ``email.limit`` addresses.
        """
        with self._database.connection():
            self._check_room(user_id)

    def add(self, session: SessionInfo, address: str, *, client: Client) -> AddedEmail:
        """Add an address to the session's user: at once, or, where addresses are verified, by a passcode.

        Until then its row belongs to no user and is shared by all who want to have the address.

        Raises:
            EmailLimitReached: the user has ``email.limit`` addresses.
            AddressInvalid: no e-mail address.
            AddressTooLong: more than ``email.max_length`` characters.
            EmailAlreadyAssigned: the address belongs to a user, perhaps to this one.
            EmailAlreadyTaken: the column's collation takes the address for another one.
            SessionInvalid: the session ended in the meantime.
            RateLimited: too many by this client, or by this user.
        """
        address = accepted(address, max_length=self._rules.max_length, is_stored=self._is_stored)
        user_id = session.user_id
        self._rate_limits.email(user_id, client)

        def work() -> tuple[AddedEmail, Event]:
            lock_live(session)
            self._check_room(user_id)
            primary = rows.find_primary(user_id)
            added = self._share(address) if self._rules.require_verification else self._take(address, user_id)
            is_own = added.user_id is not None
            change = UserChange.EMAIL_CREATED if is_own else None
            event = self._record(EventType.EMAIL_CREATED, client, user_id, primary, change)
            if is_own:
                self._notify(Notice.EMAIL_CREATE, primary, address, client)
            return added, event

        added, event = store_address(self._database, address, lambda: self._database.transaction(work))
        self._publish(event)
        return added

    def delete(self, session: SessionInfo, email_id: UUID, *, client: Client) -> None:
        """Delete one of the user's addresses, with the identities at providers that came with it.

        Raises:
            EmailNotFound: no such address, or somebody else's.
            EmailIsPrimary: make another one primary first.
            SessionInvalid: the session ended in the meantime.
        """
        user_id = session.user_id

        def work() -> Event:
            lock_live(session)
            email, primary = self._get(email_id, user_id), rows.find_primary(user_id)
            if primary == email:
                raise EmailIsPrimary
            rows.delete(email_id)
            for recipient in (primary, email):
                self._notify(Notice.EMAIL_DELETE, recipient, email.address, client)
            change = UserChange.EMAIL_DELETED
            return self._record(EventType.EMAIL_DELETED, client, user_id, primary, change)

        self._publish(self._database.transaction(work))

    def set_primary(self, session: SessionInfo, email_id: UUID, *, client: Client) -> None:
        """Make one of the addresses of the session's user the primary one; nothing happens if it is.

        Raises:
            EmailNotFound: no such address, or somebody else's.
            SessionInvalid: the session ended in the meantime.
        """
        user_id = session.user_id

        def work() -> Event | None:
            lock_live(session)
            email, primary = self._get(email_id, user_id), rows.find_primary(user_id)
            if primary == email:
                return None
            primary_emails.replace(user_id=user_id, email_id=email_id, now=self._now())
            self._notify(Notice.PRIMARY_EMAIL_UPDATE, primary, email.address, client)
            change = UserChange.PRIMARY_EMAIL_CHANGED
            return self._record(EventType.PRIMARY_EMAIL_CHANGED, client, user_id, primary, change)

        event = self._database.transaction(work)
        if event is not None:
            self._publish(event)

    def _is_stored(self, address: str) -> bool:
        with self._database.connection():
            return rows.find(address) is not None

    def _check_room(self, user_id: UUID) -> None:
        if rows.count(user_id) >= self._rules.limit:
            raise EmailLimitReached

    def _get(self, email_id: UUID, user_id: UUID) -> Email:
        email = rows.find_of_user(email_id, user_id=user_id)
        if email is None:
            raise EmailNotFound
        return email

    def _share(self, address: str) -> AddedEmail:
        """The row of an address that belongs to no user; made when it is new."""
        email = rows.find(address)
        if email is not None and email.user_id is not None:
            raise EmailAlreadyAssigned
        if email is None or not self._unclaimed.keep(email):
            return self._create(address, user_id=None)
        return AddedEmail(email.id, None, address, email.verified, email.created_at, email.updated_at)

    def _take(self, address: str, user_id: UUID) -> AddedEmail:
        """Give the user an unverified address."""
        email, now = rows.find(address), self._now()
        if email is not None and email.user_id is not None:
            raise EmailAlreadyAssigned
        # One that was deleted just now is made again; the unique key says when it was claimed instead.
        if email is None or not rows.claim(email.id, user_id=user_id, now=now):
            return self._create(address, user_id=user_id)
        return AddedEmail(email.id, user_id, address, False, email.created_at, now)

    def _create(self, address: str, *, user_id: UUID | None) -> AddedEmail:
        now = self._now()
        email_id = rows.create(address, user_id=user_id, now=now)
        return AddedEmail(email_id, user_id, address, False, now, now)

    def _record(
        self,
        type_: EventType,
        client: Client,
        user_id: UUID,
        primary: Email | None,
        change: UserChange | None,
    ) -> Event:
        """Record an event by the user whose primary address was *primary* before the change."""
        email = None if primary is None else primary.address
        event = Event(type=type_, client=client, user_id=user_id, email=email, change=change)
        self._events.record(event)
        return event

    def _notify(self, notice: Notice, to: Email | None, address: str, client: Client) -> None:
        # An unverified one may be a stranger's.
        if to is not None and to.verified:
            language = languages.choose(client.x_language, client.accept_language)
            self._mails.notify(notice, to=to.address, address=address, language=language)

    def _publish(self, event: Event) -> None:
        self._events.publish(event)
        self._mails.wake()


def store_address(database: Database, address: str, attempt: Callable[[], T]) -> T:
    """Make an *attempt*: a transaction that looks an address up and stores it when there is none.

    Another one follows when somebody else stored the address after the look-up: it sees that row.

    Raises:
        EmailAlreadyTaken: the unique key's collation takes the address for one that differs from it.
    """
    try:
        return attempt()
    except IntegrityError:
        pass
    try:
        return attempt()
    except IntegrityError as error:
        with database.connection():
            if rows.is_taken(address):
                raise EmailAlreadyTaken from error
        raise
