"""Rows past their time: deleted in passing, by whoever makes new ones, in steps so small that nobody waits.

As each step deletes more rows than were made since the last one, a flood of them ends with its time.
"""

import itertools
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine.database import Database, DatabaseError

T = TypeVar("T")

logger = logging.getLogger(__name__)

EVERY = 50
"""How many rows are made in a process between two steps."""

AT_MOST = 100
"""How many rows a step deletes."""


class CleanUp(Generic[T]):
    """What is deleted by those who make rows of one kind."""

    def __init__(
        self,
        database: Database,
        delete: Callable[[], T],
        *,
        then: Callable[[T], object] = lambda _: None,
        is_possible: Callable[[], bool] = lambda: True,
        every: int = EVERY,
    ) -> None:
        """*delete* deletes up to `AT_MOST` rows, in a transaction; *then* gets its result after the commit.

        *is_possible* says whether rows may be deleted, and are found in no longer time on a large table.
        """
        self._database = database
        self._delete = delete
        self._then = then
        self._is_possible = is_possible
        self._every = every
        self._made = itertools.count(1)

    def count_new(self) -> None:
        """Note that a row was made, and delete old ones now and then. Call it after the commit.

        Whatever goes wrong, the row was made: it is no failure of the request.
        """
        if next(self._made) % self._every:
            return
        try:
            if self._is_possible():
                self._then(self._database.transaction(self._delete))
        except (DatabaseError, DatabaseUnavailable):
            logger.warning("old_rows_not_deleted", exc_info=True)
