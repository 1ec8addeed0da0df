"""Leases: work that one process of all does at a time, on any host, while the others wait.

They spare the database work, and decide nothing: whatever is done under one may be done twice. A process
that is killed keeps its lease for two minutes. Locks of the database itself would not do: SQLite has none,
and those of PostgreSQL get lost in PgBouncer.
"""

import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta

from hanko_compat import random_secrets
from hanko_compat.clock import Clock
from hanko_compat.storage import leases as rows
from hanko_compat.storage.engine.database import Database, IntegrityError

LENGTH = timedelta(minutes=2)
"""How long a process has a lease that it does not renew."""
RENEWED_AFTER = LENGTH / 4


class Lease:
    """The lease on one piece of work, as one process sees it. No two threads share it."""

    def __init__(
        self, database: Database, name: str, *, now: Clock, holder: Callable[[], str] | None = None
    ) -> None:
        """*holder* makes up the name of whoever takes the lease, which no other one may have."""
        self._database = database
        self._name = name
        self._now = now
        self._make_up = holder or _new_holder
        self._holder = ""
        self._renew_at: datetime | None = None

    def due_at(self) -> datetime | None:
        """When the work is due; None where it never was.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        with self._database.connection():
            row = rows.find(self._name)
        return row.due_at if row else None

    def take(self, *, may_be_early: bool = False) -> bool:
        """Take it, when the work is due and nobody else has it; *may_be_early* takes it before.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        now, holder = self._now(), self._make_up()

        def work() -> bool:
            return rows.claim(
                self._name, holder=holder, at=now, ends_at=now + LENGTH, may_be_early=may_be_early
            )

        has_it = self._database.write(work)
        if not has_it and self.due_at() is None:
            self._create(now)
            has_it = self._database.write(work)
        if has_it:
            self._holder, self._renew_at = holder, now + RENEWED_AFTER
        return has_it

    def keep(self) -> bool:
        """Hold it for longer, when some time has gone by; False when another process has it by now.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        now = self._now()
        if self._renew_at is not None and now < self._renew_at:
            return True
        self._renew_at = now + RENEWED_AFTER
        ends_at = now + LENGTH
        return self._database.write(lambda: rows.renew(self._name, holder=self._holder, ends_at=ends_at))

    def give_back(self, *, due_at: datetime | None) -> None:
        """Let others have it; *due_at* is when the work is due again, None where it was not done to its end.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        holder, self._holder, self._renew_at = self._holder, "", None
        self._database.write(lambda: rows.release(self._name, holder=holder, due_at=due_at))

    def _create(self, due_at: datetime) -> None:
        try:
            self._database.transaction(lambda: rows.create(self._name, due_at=due_at))
        except IntegrityError:
            return  # another process was faster


def _new_holder() -> str:
    """For people who look into the table: where it runs. What makes it differ from others is random."""
    return f"{socket.gethostname()[:64]} {os.getpid()} {random_secrets.text(16)}"
