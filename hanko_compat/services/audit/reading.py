"""The audit log as operators read it: the latest events, all from a moment on, and those to come."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from hanko_compat.batches import batches
from hanko_compat.clock import Clock
from hanko_compat.storage import audit as rows
from hanko_compat.storage.audit import AuditEntry, Key, Wanted
from hanko_compat.storage.engine.database import Database

__all__ = ["AuditEntry", "AuditLogReader", "Follower", "Wanted"]

STEP = 500
"""Rows that are read at a time, on a connection that is given back in between."""

LATENESS = timedelta(minutes=1)
"""How long after the time that an event bears its row may appear: transactions take their time before they
are committed, and clocks of servers differ."""


class AuditLogReader:
    """Reads the table in the order of time, in steps: neither memory nor a query grows with the table."""

    def __init__(self, database: Database, *, now: Clock, step: int = STEP) -> None:
        self._database = database
        self._now = now
        self._step = step

    def latest(self, wanted: Wanted, *, at_most: int) -> Iterator[AuditEntry]:
        """The latest events, up to a number, the oldest of them first."""
        with self._database.connection():
            keys = rows.list_latest(wanted, at_most=at_most)
        yield from self.read(keys)

    def all(self, wanted: Wanted) -> Iterator[AuditEntry]:
        """All events, the oldest first."""
        for keys in self.steps(wanted):
            yield from self.read(keys)

    def follow(self, wanted: Wanted) -> "Follower":
        """What will tell of events that are not there yet."""
        return Follower(self, wanted, now=self._now)

    def steps(self, wanted: Wanted) -> Iterator[Sequence[Key]]:
        """The places of all rows in the order of time, step by step."""
        last: Key | None = None
        while True:
            with self._database.connection():
                keys = rows.list_after(wanted, last, at_most=self._step)
            if keys:
                yield keys
            if len(keys) < self._step:
                return
            last = keys[-1]

    def read(self, keys: Sequence[Key]) -> Iterator[AuditEntry]:
        """The rows at these places, but for those that were deleted meanwhile."""
        for some in batches(keys, size=self._step):
            with self._database.connection():
                found = rows.list_some([key.id for key in some])
            yield from found


class Follower:
    """Tells of each new row once, also of one that appears behind others that bear a later time."""

    def __init__(self, reader: AuditLogReader, wanted: Wanted, *, now: Clock) -> None:
        """Take all rows that are there for known."""
        self._reader = reader
        self._wanted = wanted
        self._now = now
        self._looked_at = now()
        self._known: dict[UUID, datetime] = {
            key.id: key.created_at for keys in reader.steps(self._recent()) for key in keys
        }

    def note(self, entry: AuditEntry) -> AuditEntry:
        """Take *entry* for known."""
        self._known[entry.id] = entry.created_at
        return entry

    def look(self) -> Iterator[Sequence[AuditEntry]]:
        """What has come since the last look, step by step; a step is known when the next one is asked for."""
        recent, begin = self._recent(), self._now()
        for keys in self._reader.steps(recent):
            new = list(self._reader.read([key for key in keys if key.id not in self._known]))
            if new:
                yield new
            for entry in new:
                self.note(entry)
        # Not before: a look that was cut short is made again as a whole.
        self._looked_at = begin
        since = self._recent().since
        self._known = {each: at for each, at in self._known.items() if since is None or at >= since}

    def _recent(self) -> Wanted:
        """Where rows may have appeared since the last look."""
        since = self._looked_at - LATENESS
        if self._wanted.since is not None:
            since = max(since, self._wanted.since)
        return replace(self._wanted, since=since)
