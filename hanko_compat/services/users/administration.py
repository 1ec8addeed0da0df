"""What only an operator may do with users: make one with all that it has, and set somebody's password."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.emails import EmailAlreadyTaken
from hanko_compat.errors.identifiers import IdentifierAlreadyTaken
from hanko_compat.errors.passwords import PasswordsDisabled, PasswordTooShort
from hanko_compat.errors.users import UserNotFound
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.services.delivery.mails import Mails, Notice
from hanko_compat.services.emails.emails import store_address
from hanko_compat.services.events import Event, Events, EventType, UserChange
from hanko_compat.services.identifiers import Identifiers, IdentifierStatus, IdentifierType, fold
from hanko_compat.services.passwords import to_form
from hanko_compat.storage import passcodes, passwords
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.models.user_states import UserStatus
from hanko_compat.storage.sessions import sessions
from hanko_compat.storage.users import records as rows
from hanko_compat.storage.users import users

OPERATOR = "operator"
"""Who asks for hashes, beside the clients of servers."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to be made. The first address is the primary one, unless addresses are still to be verified."""

    name: str | None = None
    emails: Sequence[str] = ()
    username: str | None = None
    password: str | None = None
    are_verified: bool = True
    status: UserStatus = UserStatus.ACTIVE


class UserAdministration:
    """Makes users and sets passwords. No limit of the public door counts here."""

    def __init__(
        self,
        database: Database,
        *,
        identifiers: Identifiers,
        events: Events,
        mails: Mails,
        hasher: Hasher,
        has_passwords: bool,
        min_length: int,
        now: Clock,
    ) -> None:
        """*min_length* is that of passwords, in characters."""
        self._database = database
        self._identifiers = identifiers
        self._events = events
        self._mails = mails
        self._hasher = hasher
        self._has_passwords = has_passwords
        self._min_length = min_length
        self._now = now

    def create(self, new: NewUser, *, client: Client) -> UUID:
        """Make a user with its addresses, username and password, all or nothing; return its id.

        Raises:
            AddressInvalid: no e-mail address.
            AddressTooLong: more than 254 characters.
            UsernameInvalid: no username.
            IdentifierAlreadyTaken: somebody has an address, or the username.
            PasswordsDisabled, PasswordTooShort, PasswordInvalid, PasswordTooLong: as for `set_password`.
        """
        for address in new.emails:
            fold(IdentifierType.EMAIL, address)
        hashed = None if new.password is None else self._hashed(new.password)
        user_id = uuid4()

        def work() -> list[Event]:
            return self._write(user_id, new, hashed, client)

        def attempt() -> list[Event]:
            return self._database.transaction(work)

        try:
            events = store_address(self._database, new.emails[0], attempt) if new.emails else attempt()
        except (EmailAlreadyTaken, IntegrityError) as error:
            raise IdentifierAlreadyTaken from error
        for event in events:
            self._events.publish(event)
        return user_id

    def set_password(self, user_id: UUID, password: str, *, client: Client) -> bool:
        """Give a user a password, instead of the old one if there is one; True for the first.

        All sessions of the user end, and passcodes that were mailed before are worth nothing. A notification
        goes to the primary address, where such are wanted.

        Raises:
            UserNotFound: no user has this id.
            PasswordsDisabled: ``password.enabled`` is off.
            PasswordTooShort: fewer than ``password.min_length`` characters.
            PasswordInvalid: it holds NUL, or half of a surrogate pair.
            PasswordTooLong: more than 72 bytes in UTF-8.
        """
        hashed = self._hashed(password)

        def work() -> tuple[bool, Event]:
            if not users.lock(user_id):
                raise UserNotFound
            is_first = self._store_password(user_id, hashed)
            sessions.delete_of_user(user_id)
            passcodes.delete_of_user(user_id)
            primary = emails.find_primary(user_id)
            address = None if primary is None else primary.address
            event = Event(
                type=EventType.PASSWORD_SET_SUCCEEDED, client=client, user_id=user_id, email=address
            )
            self._events.record(event)
            # An unverified one may be a stranger's.
            if primary is not None and primary.verified:
                self._mails.notify(Notice.PASSWORD_UPDATE, to=primary.address, language=None)
            return is_first, event

        is_first, event = self._database.transaction(work)
        self._events.publish(event)
        self._mails.wake()
        return is_first

    def _hashed(self, password: str) -> str:
        if not self._has_passwords:
            raise PasswordsDisabled
        if len(password) < self._min_length:
            raise PasswordTooShort(min_length=self._min_length)
        objection = to_form(password)
        if objection is not None:
            error, _ = objection
            raise error
        return self._hasher.hash_password(password, client=OPERATOR)

    def _store_password(self, user_id: UUID, hashed: str) -> bool:
        now = self._now()
        is_first = not passwords.update(user_id=user_id, password=hashed, now=now)
        if is_first:
            passwords.create(user_id=user_id, password=hashed, now=now)
        return is_first

    def _write(self, user_id: UUID, new: NewUser, hashed: str | None, client: Client) -> list[Event]:
        """Write a user with all it has; what is told of it is what servers cause that do it step by step."""
        rows.create(user_id, name=new.name, status=new.status, webauthn_id=None, now=self._now())
        told = [Event(type=EventType.USER_CREATED, client=client, user_id=user_id, change=UserChange.CREATED)]
        self._events.record(told[0])
        for type_, value, status in _identifiers(new):
            _, events = self._identifiers.write(
                user_id, type_=type_, value=value, status=status, client=client
            )
            for event in events:
                self._events.record(event)
            told += events
        if hashed is not None:
            self._store_password(user_id, hashed)
            address = emails.find_primary_address(user_id)
            done = Event(type=EventType.PASSWORD_SET_SUCCEEDED, client=client, user_id=user_id, email=address)
            self._events.record(done)
            told.append(done)
        return told


def _identifiers(new: NewUser) -> list[tuple[IdentifierType, str, IdentifierStatus]]:
    found = []
    for number, address in enumerate(new.emails):
        is_primary = number == 0 and new.are_verified
        status = IdentifierStatus.VERIFIED if new.are_verified else IdentifierStatus.PENDING
        found.append((IdentifierType.EMAIL, address, IdentifierStatus.PRIMARY if is_primary else status))
    if new.username is not None:
        found.append((IdentifierType.USERNAME, new.username, IdentifierStatus.PRIMARY))
    return found
