"""Addresses that belong to no user: shared by all who sign up with one, and deleted when nobody wants it."""

from datetime import datetime, timedelta
from typing import Any

from hanko_compat.clock import Clock
from hanko_compat.services.clean_up.removers import AT_MOST
from hanko_compat.storage.emails import emails as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.deletion import Progress
from hanko_compat.storage.models import Email
from hanko_compat.storage.schema.catalogue import Ownership

KEPT = timedelta(days=1)
"""How long an address is kept after somebody wanted it; a passcode that was sent to it keeps it, too."""

STEP = timedelta(hours=1)
"""How old the note is that somebody wants it before it is written again."""


class UnclaimedEmails:
    """Keeps the addresses that are wanted, and deletes the others: a remover of the clean-up."""

    name = "unclaimed_addresses"
    is_data = False

    def __init__(self, database: Database, *, now: Clock) -> None:
        self._database = database
        self._now = now
        self._is_ours = Ownership(database)

    def keep(self, email: Email) -> bool:
        """Keep an address without a user, as somebody wants it; False when it was deleted or claimed.

        Runs inside the caller's transaction.
        """
        now = self._now()
        if now - email.updated_at < STEP:
            return True
        return rows.keep(email.id, now=now)

    def applies(self) -> bool:
        """Not on a database that Hanko owns: its flows may have use for them."""
        return self._is_ours()

    def is_walk(self) -> bool:
        """Always: all addresses without a user are looked at."""
        return True

    def kept_for(self, wanted: timedelta | None) -> timedelta:
        """How long an address is kept."""
        return KEPT if wanted is None else max(wanted, KEPT)

    def delete_some(self, after: Any, *, wanted: timedelta | None) -> Progress:
        """Delete those of the next addresses without a user, by id, that nobody wants."""
        before = self._before(wanted)

        def work() -> Progress:
            looked_at = rows.list_unclaimed(after=after, at_most=AT_MOST)
            deleted = rows.delete_unclaimed(looked_at, before=before)
            return Progress(deleted, looked_at[-1] if len(looked_at) == AT_MOST else None)

        return self._database.transaction(work)

    def count(self, *, wanted: timedelta | None) -> int:
        """How many would be deleted."""
        before = self._before(wanted)
        with self._database.connection():
            return rows.count_unclaimed(before=before)

    def _before(self, wanted: timedelta | None) -> datetime:
        return self._now() - self.kept_for(wanted)
