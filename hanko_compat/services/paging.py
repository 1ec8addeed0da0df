"""Pages of long lists: what is asked for, and how many rows there are in all.

Counting a million rows takes longer than reading a page of them. So a total is exact while it is small, and
may be some seconds old when it is large; no request waits long for the count.
"""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Generic, TypeVar

from hanko_compat.clock import Clock
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.paging import Condition, Query
from hanko_compat.timed_cache import TimedCache

__all__ = ["Condition", "Page", "Query", "Totals"]

T = TypeVar("T")

EXACT = 10_000
"""Rows up to which a total is always counted."""

SURELY_LONG = 10 * EXACT
"""Rows of an estimate that is not looked into: with one condition at most, none is so far off."""

LIFETIME = timedelta(seconds=10)
"""How old the total of a longer list may be."""

FIRST, OTHERS = timedelta(milliseconds=15), timedelta(milliseconds=100)
"""How long a request waits for a count: one for the first page, and one for another, which takes longer."""

COUNTS = 1  # at a time in a process
REMEMBERED = 1000  # totals


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list that has *total*."""

    items: Sequence[T]
    total: int


class Totals:
    """How many rows the long lists of this process have."""

    def __init__(self, database: Database, *, now: Clock, pool: Executor | None = None) -> None:
        """Counts that no request waits for run on a thread of *pool*."""
        self._database = database
        self._pool = pool or ThreadPoolExecutor(COUNTS, thread_name_prefix="totals")
        self._lock = Lock()
        self._known = TimedCache[Hashable, int](LIFETIME, size=REMEMBERED, clock=now)
        self._under_way: dict[Hashable, Future[int]] = {}

    def of(
        self,
        name: Hashable,
        query: Query,
        found: int,
        count: Callable[[int | None], int],
        *,
        estimate: Callable[[], int | None] = lambda: None,
    ) -> int:
        """How many rows the list *name* has, of which *query* *found* some.

        *count* counts them, up to a number, or all with None. Runs on the caller's connection, and on
        another thread where *estimate*, which is quick, tells something to go by until then.
        """
        if 0 < found < query.size or (not found and query.page == 1):
            return query.offset + found
        seen = query.offset + found if found else 0
        key = (name, query.conditions)
        known, last = self._known.fresh(key), self._known.last(key)
        if known is not None and known > EXACT:
            return max(known, seen)
        about = estimate()
        is_sure = about is not None and about >= SURELY_LONG and len(query.conditions) <= 1
        may_be_short = not is_sure if last is None else last <= EXACT
        if may_be_short and (total := count(EXACT + 1)) <= EXACT:
            return max(total, seen)
        if about is None:
            return max(self._count(key, count), seen)
        try:
            total = self._counting(key, count).result(_wait(query, is_sure=is_sure).total_seconds())
        except TimeoutError:
            total = last if last is not None and last > EXACT else max(about, EXACT + 1)
        return max(total, seen)

    def _counting(self, key: Hashable, count: Callable[[int | None], int]) -> Future[int]:
        """The count of *key* that is under way; one at a time."""
        with self._lock:
            running = self._under_way.get(key)
            if running is None:
                running = self._under_way[key] = self._pool.submit(self._count_apart, key, count)
            return running

    def _count_apart(self, key: Hashable, count: Callable[[int | None], int]) -> int:
        try:
            with self._database.connection():
                return self._count(key, count)
        finally:
            with self._lock:
                self._under_way.pop(key, None)

    def _count(self, key: Hashable, count: Callable[[int | None], int]) -> int:
        total = count(None)
        self._known.store(key, total)
        return total


def _wait(query: Query, *, is_sure: bool) -> timedelta:
    """How long to wait for a count; not at all for a first page, where it would not be done in time."""
    if query.page > 1:
        return OTHERS
    return timedelta(0) if is_sure else FIRST
