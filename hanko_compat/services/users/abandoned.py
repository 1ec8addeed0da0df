"""Sign-ups that nobody confirmed: deleted when they are old, on a database of our own."""

from datetime import timedelta
from functools import cached_property
from uuid import uuid4

from hanko_compat.client import Client
from hanko_compat.clock import Clock
from hanko_compat.services.clean_up import AT_MOST, CleanUp
from hanko_compat.services.events import Event, Events, EventType
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.schema import catalogue
from hanko_compat.storage.users import users

KEPT = timedelta(days=30)
"""How long a user may have nothing: no address, no way to log in, no session, no passcode."""

NOBODY = Client(ip_address="", user_agent="", request_id="")


class AbandonedSignUps:
    """Looks at some users for each few that sign up, from a random one on, and deletes the abandoned ones.

    So a look costs the same among a million users, and needs no memory of the last one.
    """

    def __init__(self, database: Database, *, events: Events, now: Clock) -> None:
        self._database = database
        self._events = events
        self._now = now
        self._clean_up = CleanUp(
            database, self._delete, then=self._publish, is_possible=lambda: self._is_ours
        )

    def count_new(self) -> None:
        """Note that somebody signed up. Call it after the commit."""
        self._clean_up.count_new()

    @cached_property
    def _is_ours(self) -> bool:
        """Whether no Hanko has a say in who its users are."""
        return catalogue.inspect(self._database).owner != "hanko"

    def _delete(self) -> list[Event]:
        """Delete those of which nothing has come, not even since we looked."""
        found = users.list_abandoned(before=self._now() - KEPT, after=uuid4(), at_most=AT_MOST)
        deleted = [
            Event(type=EventType.USER_DELETED, client=NOBODY, user_id=user_id)
            for user_id in users.delete_abandoned(found)
        ]
        for event in deleted:
            self._events.record(event)
        return deleted

    def _publish(self, deleted: list[Event]) -> None:
        for event in deleted:
            self._events.publish(event)
