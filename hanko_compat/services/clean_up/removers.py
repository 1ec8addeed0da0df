"""What deletes rows of one kind, a few at a time, so that nobody waits for long."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from hanko_compat.clock import Clock
from hanko_compat.storage.engine import deletion
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.deletion import Old, Progress

AT_MOST = 100
"""How many rows a step deletes."""

LOOKED_AT = 1000
"""How many rows a step looks at where no index leads to the old ones."""

LEAST = timedelta(minutes=1)
"""How long rows are kept in any case after their time: the clocks of two hosts may differ by half of it."""


class Remover(Protocol):
    """Deletes rows of one kind, or counts those that it would delete.

    *wanted* says how long they are to be kept after their time, None for as long as usual.
    """

    @property
    def name(self) -> str:
        """The kind, for log lines, metrics and people."""

    @property
    def is_data(self) -> bool:
        """Whether somebody may want these rows, so that they are only deleted when an operator says so."""

    def applies(self) -> bool:
        """Whether there may be such rows, and they are not another's to delete.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """

    def is_walk(self) -> bool:
        """Whether all rows of a table are looked at, as no index leads to the old ones: seldom, then.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """

    def kept_for(self, wanted: timedelta | None) -> timedelta:
        """How long rows are kept after their time; each kind has a least time, whatever is wanted."""

    def delete_some(self, after: Any, *, wanted: timedelta | None) -> Progress:
        """Delete a few, in one transaction; *after* is None at first, then what the last step returned.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """

    def count(self, *, wanted: timedelta | None) -> int:
        """How many would be deleted.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Rows that an index leads to.

    ``old`` finds those whose time was over at a moment. ``is_indexed`` says whether the index is there, which
    it need not be on Hanko's own tables.
    """

    name: str
    kept: timedelta
    old: Callable[[datetime], Old]
    is_indexed: Callable[[], bool] = lambda: True
    is_data: bool = False


class OldRows:
    """Deletes rows of a `Kind`: by the index, or without one by walking through the table."""

    def __init__(self, database: Database, kind: Kind, *, now: Clock) -> None:
        self._database = database
        self._kind = kind
        self._now = now

    @property
    def name(self) -> str:
        """The kind."""
        return self._kind.name

    @property
    def is_data(self) -> bool:
        """Whether somebody may want the rows."""
        return self._kind.is_data

    def applies(self) -> bool:
        """Always: these rows are of use to nobody, whoever owns the table."""
        return True

    def is_walk(self) -> bool:
        """Whether there is no index."""
        return not self._kind.is_indexed()

    def kept_for(self, wanted: timedelta | None) -> timedelta:
        """How long the rows are kept after their time."""
        return max(self._kind.kept if wanted is None else wanted, LEAST)

    def delete_some(self, after: Any, *, wanted: timedelta | None) -> Progress:
        """Delete a few."""
        before, is_walk = self._before(wanted), self.is_walk()

        def work() -> Progress:
            old = self._kind.old(before)
            if is_walk:
                return deletion.delete_among(old, after=after, look_at=LOOKED_AT)
            deleted = deletion.delete_some(old, at_most=AT_MOST)
            return Progress(deleted, True if deleted == AT_MOST else None)

        return self._database.transaction(work)

    def count(self, *, wanted: timedelta | None) -> int:
        """How many would be deleted."""
        before = self._before(wanted)
        with self._database.connection():
            return deletion.count(self._kind.old(before))

    def _before(self, wanted: timedelta | None) -> datetime:
        return self._now() - self.kept_for(wanted)
