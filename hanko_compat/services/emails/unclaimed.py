"""Addresses that belong to no user: shared by all who sign up with one, and deleted when nobody wants it."""

from datetime import timedelta
from uuid import uuid4

from hanko_compat.clock import Clock
from hanko_compat.services.clean_up import AT_MOST, CleanUp
from hanko_compat.storage.emails import emails as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Email, Identity, Passcode, PrimaryEmail
from hanko_compat.storage.schema.indexes import Indexed

KEPT = timedelta(days=1)
"""How long an address is kept after somebody wanted it; a passcode that was sent to it keeps it, too."""

STEP = timedelta(hours=1)
"""How old the note is that somebody wants it before it is written again."""


class UnclaimedEmails:
    """Keeps the addresses that are wanted, and deletes some of the others for each few that are made."""

    def __init__(self, database: Database, *, now: Clock) -> None:
        self._now = now
        is_indexed = Indexed(database, Email, Identity, Passcode, PrimaryEmail)
        self._clean_up = CleanUp(database, self._delete, is_possible=is_indexed)

    def keep(self, email: Email) -> bool:
        """Keep an address without a user, as somebody wants it; False when it was deleted or claimed.

        Runs inside the caller's transaction.
        """
        now = self._now()
        if now - email.updated_at < STEP:
            return True
        return rows.keep(email.id, now=now)

    def count_new(self) -> None:
        """Note that somebody wanted an address. Call it after the commit."""
        self._clean_up.count_new()

    def _delete(self) -> int:
        return rows.delete_unclaimed(before=self._now() - KEPT, after=uuid4(), at_most=AT_MOST)
