"""Users as servers manage them at the backend door: made, read, changed, deleted, listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.errors.users import UserNotFound, WebauthnIdAlreadyTaken
from hanko_compat.services.events import Event, Events, EventType, UserChange
from hanko_compat.services.paging import Page, Totals
from hanko_compat.storage import identifiers, social_accounts
from hanko_compat.storage.engine.database import Database, IntegrityError
from hanko_compat.storage.engine.paging import Query
from hanko_compat.storage.identifiers import IdentifierRecord
from hanko_compat.storage.models.identifiers import IdentifierType
from hanko_compat.storage.models.user_states import UserStatus
from hanko_compat.storage.sessions import sessions
from hanko_compat.storage.social_accounts import SocialAccountRecord
from hanko_compat.storage.users import records as rows
from hanko_compat.storage.users import users
from hanko_compat.storage.users.records import UserRecord

__all__ = ["UserAggregate", "UserRecords", "UserStatus"]


@dataclass(frozen=True, slots=True)
class UserAggregate:
    """A user with all by which it can be recognised."""

    user: UserRecord
    emails: Sequence[IdentifierRecord]
    phones: Sequence[IdentifierRecord]
    usernames: Sequence[IdentifierRecord]
    social_accounts: Sequence[SocialAccountRecord]


class UserRecords:
    """What servers do with users. Limits of the public door don't count here."""

    def __init__(self, database: Database, *, events: Events, totals: Totals, now: Clock) -> None:
        self._database = database
        self._events = events
        self._totals = totals
        self._now = now

    def create(
        self, *, name: str | None, status: UserStatus, webauthn_id: str | None = None, client: Client
    ) -> UserRecord:
        """Make a user without any identifier; an empty *webauthn_id* is none.

        Raises:
            WebauthnIdAlreadyTaken: another user has this WebAuthn user handle.
        """
        user_id = uuid4()
        created = Event(
            type=EventType.USER_CREATED, client=client, user_id=user_id, change=UserChange.CREATED
        )
        webauthn_id = webauthn_id or None
        is_ordinary = status == UserStatus.ACTIVE and webauthn_id is None
        # One row and nothing to tell: a transaction around it would take two more round trips.
        is_single = is_ordinary and not self._events.writes_of(created)

        def work() -> UserRecord:
            user = rows.create(user_id, name=name, status=status, webauthn_id=webauthn_id, now=self._now())
            if not is_single:
                self._events.record(created)
            return user

        try:
            user = (self._database.write if is_single else self._database.transaction)(work)
        except IntegrityError as error:
            raise WebauthnIdAlreadyTaken from error
        self._events.publish(created)
        return user

    def require(self, user_id: UUID) -> None:
        """Let pass who exists.

        Raises:
            UserNotFound: no user has this id.
        """
        with self._database.connection():
            if not users.exists(user_id):
                raise UserNotFound

    def get(self, user_id: UUID) -> UserRecord:
        """Read a user.

        Raises:
            UserNotFound: no user has this id.
        """
        with self._database.connection():
            return _found(user_id)

    def update(
        self, user_id: UUID, *, name: str | None, status: UserStatus | None, client: Client
    ) -> UserRecord:
        """Change what is not None. All sessions of a user end who is not active any more.

        Raises:
            UserNotFound: no user has this id.
        """
        if name is None and status is None:
            return self.get(user_id)
        updated = Event(
            type=EventType.USER_UPDATED, client=client, user_id=user_id, change=UserChange.UPDATED
        )

        def work() -> UserRecord:
            # Log-ins under way wait here, and find the new status; those before have left a session to end.
            if not users.lock(user_id):
                raise UserNotFound
            if status is not None and {status, _found(user_id).status} != {UserStatus.ACTIVE}:
                # On the way back, too: none of before comes to life again.
                sessions.delete_of_user(user_id)
            rows.update(user_id, name=name, status=status, now=self._now())
            self._events.record(updated)
            return _found(user_id)

        user = self._database.transaction(work)
        self._events.publish(updated)
        return user

    def delete(self, user_id: UUID, *, client: Client) -> None:
        """Delete a user with everything that belongs to it, its sessions included.

        Raises:
            UserNotFound: no user has this id, for example because it is deleted already.
        """
        deleted = Event(
            type=EventType.USER_DELETED, client=client, user_id=user_id, change=UserChange.DELETED
        )

        def work() -> None:
            self._events.record(deleted)
            if not users.delete(user_id):
                raise UserNotFound

        self._database.transaction(work)
        self._events.publish(deleted)

    def list(self, query: Query) -> Page[UserAggregate]:
        """A page of all users.

        Columns: id, name, created, updated, status; to filter by equality also search_value.
        """
        with self._database.connection():
            found = self.read(query)
            matching = rows.matching(query)
            total = self._totals.of("users", query, len(found), matching.count, estimate=matching.estimate)
        return Page(found, total)

    def read(self, query: Query) -> Sequence[UserAggregate]:
        """The same users without a look at how many there are, for who reads page after page."""
        with self._database.connection():
            found = rows.list_page(query)
            ids = [user.id for user in found]
            named = identifiers.list_of_users(ids) if ids else []
            accounts = social_accounts.list_of_users(ids) if ids else []
        return [_aggregate(user, named, accounts) for user in found]


def _found(user_id: UUID) -> UserRecord:
    user = rows.find(user_id)
    if user is None:
        raise UserNotFound
    return user


def _aggregate(
    user: UserRecord, named: Sequence[IdentifierRecord], accounts: Sequence[SocialAccountRecord]
) -> UserAggregate:
    def of_type(type_: IdentifierType) -> list[IdentifierRecord]:
        return [each for each in named if each.user_id == user.id and each.type == type_]

    return UserAggregate(
        user,
        of_type(IdentifierType.EMAIL),
        of_type(IdentifierType.PHONE),
        of_type(IdentifierType.USERNAME),
        [each for each in accounts if each.user_id == user.id],
    )
