"""Sign-ups of which nothing has come: deleted when they are old, on a database of our own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.services.clean_up.removers import AT_MOST
from hanko_compat.services.events import Event, Events, EventType, UserChange
from hanko_compat.storage.emails import emails
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.deletion import Progress
from hanko_compat.storage.schema.catalogue import Ownership
from hanko_compat.storage.users import abandoned as rows
from hanko_compat.storage.users import users
from hanko_compat.storage.users.abandoned import Abandoned

KEPT = timedelta(days=30)
"""How long a user may have nothing: no address, no way to log in, no session, no passcode."""

LEAST = timedelta(days=1)
"""How long anybody may take to sign up, whatever is asked for."""

UNVERIFIED_SIGN_UPS = "unverified_sign_ups"
NAMES = {Abandoned.EMPTY: "empty_users", Abandoned.UNVERIFIED: UNVERIFIED_SIGN_UPS}

NOBODY = Client(ip_address="", user_agent="", request_id="")


class AbandonedSignUps:
    """Looks at all users by id, and deletes the abandoned ones: a remover of the clean-up.

    Looking for them in the order of time would pass all other users each time.
    """

    def __init__(
        self, database: Database, *, kind: Abandoned, kept: timedelta, events: Events, now: Clock
    ) -> None:
        """*kept* is how old the sign-up has to be."""
        self._database = database
        self._kind = kind
        self._kept = max(kept, LEAST)
        self._events = events
        self._now = now
        self._is_ours = Ownership(database)

    @property
    def name(self) -> str:
        """The kind."""
        return NAMES[self._kind]

    @property
    def is_data(self) -> bool:
        """Whether there is more of the user than a row."""
        return self._kind is Abandoned.UNVERIFIED

    def applies(self) -> bool:
        """Not on a database that Hanko owns: it has a say in who its users are."""
        return self._is_ours()

    def is_walk(self) -> bool:
        """Always: all users are looked at."""
        return True

    def kept_for(self, wanted: timedelta | None) -> timedelta:
        """How old the sign-up has to be; nothing shortens what the configuration says."""
        least = LEAST if self._kind is Abandoned.EMPTY else self._kept
        return self._kept if wanted is None else max(wanted, least)

    def delete_some(self, after: Any, *, wanted: timedelta | None) -> Progress:
        """Delete those of the next users, by id, of whom nothing has come, not even since we looked."""
        before = self._before(wanted)

        def work() -> tuple[Progress, list[Event]]:
            page = users.list_page(after=after, at_most=AT_MOST)
            found = rows.list_among(page, self._kind, before=before)
            deleted = self._delete(rows.lock_among(found, self._kind, before=before))
            return Progress(len(deleted), page[-1] if len(page) == AT_MOST else None), deleted

        progress, deleted = self._database.transaction(work)
        for event in deleted:
            self._events.publish(event)
        return progress

    def count(self, *, wanted: timedelta | None) -> int:
        """How many would be deleted."""
        before = self._before(wanted)
        with self._database.connection():
            return rows.count(self._kind, before=before)

    def _delete(self, user_ids: Sequence[UUID]) -> list[Event]:
        events = [self._event(user_id) for user_id in user_ids]
        for event in events:
            self._events.record(event)
        rows.delete(user_ids)
        return events

    def _event(self, user_id: UUID) -> Event:
        """What is told: to webhooks of a user who has an address, as they have heard of those only."""
        if self._kind is Abandoned.EMPTY:
            return Event(type=EventType.USER_DELETED, client=NOBODY, user_id=user_id)
        address = emails.find_primary_address(user_id)
        change = UserChange.DELETED
        return Event(
            type=EventType.USER_DELETED, client=NOBODY, user_id=user_id, email=address, change=change
        )

    def _before(self, wanted: timedelta | None) -> datetime:
        return self._now() - self.kept_for(wanted)
