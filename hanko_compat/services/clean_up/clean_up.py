"""Runs of the clean-up: one kind of rows after the other, with pauses in which others get their turn."""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from hanko_compat.services.clean_up.removers import Remover
from hanko_compat.storage.engine.database import Database, DatabaseError

logger = logging.getLogger(__name__)

SHORTEST_PAUSE = 0.01
"""Seconds between two steps: SQLite lets those who wait to write look again after so long."""
LONGEST_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many rows of a kind were deleted, or would be.

    ``kept`` is how long they stay after their time. ``is_data`` says whether somebody may want them.
    """

    name: str
    rows: int
    kept: timedelta
    is_data: bool


def always() -> bool:
    """Go on to the end."""
    return True


class CleanUp:
    """Deletes what every remover finds. Where a run is cut short, the next one goes on."""

    def __init__(
        self,
        database: Database,
        removers: Sequence[Remover],
        *,
        told: Collection[str],
        count: Callable[[str, int], None],
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """*told* are the kinds of which the configuration has data deleted.

        *count* is called with a kind and how many of its rows are gone. *wait* lets a pause pass, in seconds.
        """
        self._database = database
        self._removers = removers
        self._told = frozenset(told)
        self._count = count
        self._wait = wait

    @property
    def kinds(self) -> list[str]:
        """The names of all kinds."""
        return [remover.name for remover in self._removers]

    def run(
        self,
        *,
        kept: timedelta | None = None,
        told: Collection[str] = (),
        walks: bool | None = None,
        may_go_on: Callable[[], bool] = always,
    ) -> list[Cleaned]:
        """Delete everything past its time; return how much of each kind.

        *kept* is for how long rows are kept after their time, None for as long as usual. *told* are further
        kinds of which data are deleted. With *walks* only what takes a walk through a whole table is done,
        or only the rest; None does both. *may_go_on* is asked before each step.

        Raises:
            DatabaseUnavailable: the database does not answer; what was deleted stays so.
        """
        done = []
        for remover in self._chosen(told):
            if walks is not None and remover.is_walk() != walks:
                continue
            rows, is_over = self._delete(remover, kept, may_go_on)
            done.append(_cleaned(remover, rows, kept))
            if is_over:
                break
        return done

    def look(self, *, kept: timedelta | None = None, told: Collection[str] = ()) -> list[Cleaned]:
        """Count what `run` would delete.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        return [_cleaned(each, each.count(wanted=kept), kept) for each in self._chosen(told)]

    def _chosen(self, told: Collection[str]) -> Iterator[Remover]:
        for remover in self._removers:
            is_told = not remover.is_data or remover.name in self._told or remover.name in told
            if is_told and remover.applies():
                yield remover

    def _delete(
        self, remover: Remover, kept: timedelta | None, may_go_on: Callable[[], bool]
    ) -> tuple[int, bool]:
        """How many rows are gone, and whether the run has to end."""
        rows, after = 0, None
        while may_go_on():
            started = time.monotonic()
            try:
                step = remover.delete_some(after, wanted=kept)
            except DatabaseError as error:
                if not self._database.is_denied(error):
                    raise
                # Nobody needs it for serving, and some want a log that its writer can't delete.
                logger.warning("old_rows_not_deletable", extra={"rows_of": remover.name})
                return rows, False
            rows, after = rows + step.deleted, step.after
            if step.deleted:
                self._count(remover.name, step.deleted)
            if after is None:
                return rows, False
            # As long as the step took, so that it never has more than half of the database.
            self._wait(min(max(time.monotonic() - started, SHORTEST_PAUSE), LONGEST_PAUSE))
        return rows, True


def _cleaned(remover: Remover, rows: int, kept: timedelta | None) -> Cleaned:
    return Cleaned(remover.name, rows, remover.kept_for(kept), remover.is_data)
