"""Hanko's webhooks about users: which change is told with which data."""

from hanko_compat.services.events import Event, EventType, UserChange
from hanko_compat.services.webhooks.hook_data import user_data
from hanko_compat.services.webhooks.hook_queue import HookQueue
from hanko_compat.storage.users import users

# As Hanko 2.7.0: who a new user is at that moment, and who deletes one, is not told.
WITHOUT_CLIENT = (EventType.USER_CREATED, EventType.THIRDPARTY_SIGNUP_SUCCEEDED, EventType.USER_DELETED)
# As Hanko 2.7.0: the address that somebody has signed up with is not among the data of that.
WITHOUT_EMAILS = (EventType.USER_CREATED,)

LONG = ("webauthn_credentials",)
"""What is left out where no column holds all: users make these as many and as long as they can."""


class UserEvents:
    """Listens to events. While no hook wants them it asks the database nothing."""

    def __init__(self, queue: HookQueue) -> None:
        self._queue = queue

    def wants(self, event: Event) -> bool:
        """Whether there is something to write of *event*."""
        return event.change is not None and event.error is None and self._queue.wants(event.change)

    def record(self, event: Event) -> None:
        """Write down what is to be told. Runs in the transaction that *event* reports."""
        change, user_id = event.change, event.user_id
        if change is None or user_id is None or not self.wants(event):
            return
        if change == UserChange.DELETED:
            # What changes the user at this moment is told before this, or not at all.
            users.lock(user_id)
        data = user_data(user_id, with_emails=event.type not in WITHOUT_EMAILS)
        if data is None:
            return
        if event.type not in WITHOUT_CLIENT:
            client = event.client
            told = {"ip_address": client.ip_address, "user_agent": client.user_agent}
            data |= {name: value for name, value in told.items() if value}
        shorter = {name: value for name, value in data.items() if name not in LONG}
        self._queue.put(change, data, user_id=user_id, shorter=shorter)

    def announce(self, event: Event) -> None:
        """Have what was written down posted now, after the commit."""
        if self.wants(event):
            self._queue.wake()
