"""Accounts: how they come to be, how they are found, how they end."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.emails import EmailAlreadyTaken
from hanko_compat.errors.users import DeletionDisabled, SignUpDisabled, UserNotFound
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.services.emails.addresses import accepted, stored_form
from hanko_compat.services.emails.emails import store_address
from hanko_compat.services.emails.unclaimed import UnclaimedEmails
from hanko_compat.services.events import Event, Events, EventType, UserChange
from hanko_compat.services.login.finish import IssuedLogin, Login
from hanko_compat.services.profiles.profiles import Profile, Profiles
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.services.sessions.live import SessionInfo, Sessions
from hanko_compat.storage import profiles
from hanko_compat.storage.emails import emails, primary_emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.users import users


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What the configuration says of accounts."""

    allow_sign_up: bool
    allow_deletion: bool
    require_verification: bool  # of an address, before it belongs to the user
    max_address_length: int  # characters


@dataclass(frozen=True, slots=True)
class SignUp:
    """A new user. Where addresses are not verified it is logged in at once."""

    user_id: UUID
    email_id: UUID
    issued: IssuedLogin | None


@dataclass(frozen=True, slots=True)
class UserLookup:
    """What anybody may learn of the user of an address."""

    user_id: UUID
    email_id: UUID
    is_verified: bool
    has_passkey: bool


class Accounts:
    """Sign-up, look-up, profile, log-out and deletion."""

    def __init__(
        self,
        database: Database,
        *,
        sessions: Sessions,
        login: Login,
        events: Events,
        profiles: Profiles,
        rate_limits: RateLimits,
        unclaimed: UnclaimedEmails,
        rules: AccountRules,
        now: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._login = login
        self._events = events
        self._profiles = profiles
        self._rate_limits = rate_limits
        self._unclaimed = unclaimed
        self._rules = rules
        self._now = now

    def check_sign_up_allowed(self) -> None:
        """Let pass where new users are wanted.

        Raises:
            SignUpDisabled: ``account.allow_signup`` is off.
        """
        if not self._rules.allow_sign_up:
            raise SignUpDisabled

    def check_deletion_allowed(self) -> None:
        """Let pass where users may delete themselves.

        Raises:
            DeletionDisabled: ``account.allow_deletion`` is off.
        """
        if not self._rules.allow_deletion:
            raise DeletionDisabled

    def sign_up(self, address: str, *, client: Client) -> SignUp:
        """Make a user for an address.

        While addresses have to be verified, each call makes another user and all of them share one row
        for the address; it will belong to the one that proves to read its mail. Otherwise the address is the
        new user's primary one from now on, and a session starts.

        Raises:
            SignUpDisabled: ``account.allow_signup`` is off.
            AddressInvalid: no e-mail address.
            AddressTooLong: more than ``email.max_length`` characters.
            RateLimited: this client made too many users.
            EmailAlreadyTaken: the address belongs to a user.
        """
        self.check_sign_up_allowed()
        address = accepted(
            address,
            max_length=self._rules.max_address_length,
            is_stored=lambda found: self._is_stored(found, client),
        )
        self._rate_limits.sign_up(client)
        user_id = uuid4()
        created = Event(type=EventType.USER_CREATED, client=client, user_id=user_id)
        if self._rules.require_verification:
            email_id = self._create(address, user_id, created)
            return SignUp(user_id, email_id, None)
        created = replace(created, change=UserChange.CREATED)
        issued, email_id = self._create_and_log_in(address, user_id, created)
        return SignUp(user_id, email_id, issued)

    def look_up(self, address: str, *, client: Client) -> UserLookup:
        """Find the user to whom an address belongs.

        Raises:
            AddressInvalid: no e-mail address.
            RateLimited: this client asked about too many.
            UserNotFound: it belongs to no user.
        """
        address = stored_form(address)
        self._rate_limits.look_up(client)
        with self._database.connection():
            found = profiles.look_up(address)
        if found is None:
            raise UserNotFound
        email = found.email
        return UserLookup(email.user_id, email.id, is_verified=email.verified, has_passkey=found.has_passkey)

    def profile(self, user_id: UUID) -> Profile:
        """What a user may see of itself.

        Raises:
            UserNotFound: there is none with this id.
        """
        return self._profiles.get(user_id)

    def log_out(self, session: SessionInfo, *, client: Client) -> None:
        """End a session; its token is refused from now on."""

        def work() -> Event:
            logged_out = self._by(session.user_id, EventType.USER_LOGGED_OUT, client)
            self._sessions.revoke(session.session_id)
            self._events.record(logged_out)
            return logged_out

        self._events.publish(self._database.transaction(work))

    def delete(self, user_id: UUID, *, client: Client) -> None:
        """Delete a user with everything that belongs to it, its sessions included.

        Raises:
            DeletionDisabled: ``account.allow_deletion`` is off.
            UserNotFound: there is none with this id, for example because it is deleted already.
        """
        self.check_deletion_allowed()

        def work() -> Event:
            deleted = replace(self._by(user_id, EventType.USER_DELETED, client), change=UserChange.DELETED)
            self._events.record(deleted)
            if not users.delete(user_id):
                raise UserNotFound
            return deleted

        self._events.publish(self._database.transaction(work))

    def _is_stored(self, address: str, client: Client) -> bool:
        self._rate_limits.look_up(client)
        with self._database.connection():
            return emails.find(address) is not None

    def _create(self, address: str, user_id: UUID, created: Event) -> UUID:
        """Write a new user; return the id of the address, which belongs to no user yet."""

        def work() -> UUID:
            users.create(user_id, now=self._now())
            email_id = self._share_address(address)
            self._events.record(created)
            return email_id

        email_id = store_address(self._database, address, lambda: self._database.transaction(work))
        self._events.publish(created)
        return email_id

    def _create_and_log_in(self, address: str, user_id: UUID, created: Event) -> tuple[IssuedLogin, UUID]:
        """Write a new user with address and session, all or nothing; the id is that of the address."""
        email = TokenEmail(address, is_primary=True, is_verified=False)
        subject = TokenSubject(user_id, email=email)

        def create() -> UUID:
            users.create(user_id, now=self._now())
            return self._take_address(address, user_id)

        return store_address(
            self._database, address, lambda: self._login.sign_up(subject, created, create=create)
        )

    def _share_address(self, address: str) -> UUID:
        """The row of an address that belongs to no user yet; made when it is new."""
        email = emails.find(address)
        if email is not None and email.user_id is not None:
            raise EmailAlreadyTaken
        if email is None or not self._unclaimed.keep(email):
            return emails.create(address, user_id=None, now=self._now())
        return email.id

    def _take_address(self, address: str, user_id: UUID) -> UUID:
        """Make an address the primary one of a new user, though it is not verified."""
        email, now = emails.find(address), self._now()
        if email is not None and email.user_id is not None:
            raise EmailAlreadyTaken
        # One that was deleted just now is made again; the unique key says when it was claimed instead.
        if email is None or not emails.claim(email.id, user_id=user_id, now=now):
            email_id = emails.create(address, user_id=user_id, now=now)
        else:
            email_id = email.id
        primary_emails.create(user_id=user_id, email_id=email_id, now=now)
        return email_id

    def _by(self, user_id: UUID, type_: EventType, client: Client) -> Event:
        """An event with the address that the user has now, before anything is deleted."""
        email = emails.find_primary_address(user_id)
        return Event(type=type_, client=client, user_id=user_id, email=email)
