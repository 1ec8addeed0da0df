"""Pages of long lists: what is asked for, and how many rows there are in all.

Counting a million rows takes longer than reading a page of them. So a total is exact while it is small, and
may be some seconds old when it is large.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from hanko_compat.clock import Clock
from hanko_compat.storage.lists import Condition, Query

__all__ = ["Condition", "Page", "Query", "Totals"]

T = TypeVar("T")

EXACT = 10_000
"""Rows up to which a total is always counted."""

LIFETIME = timedelta(seconds=10)
"""How old the total of a longer list may be."""

REMEMBERED = 1000  # totals


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list that has *total*."""

    items: Sequence[T]
    total: int


class Totals:
    """How many rows the long lists of this process have."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._lock = Lock()
        self._known: OrderedDict[Hashable, tuple[int, datetime]] = OrderedDict()

    def of(self, name: Hashable, query: Query, found: int, count: Callable[[int | None], int]) -> int:
        """How many rows the list *name* has, of which *query* *found* some.

        *count* counts them, up to a number, or all with None. Runs on the caller's connection.
        """
        if 0 < found < query.size or (not found and query.page == 1):
            return query.offset + found
        key = (name, query.conditions)
        known = self._known.get(key)
        seen = query.offset + found if found else 0
        if known is not None and self._now() - known[1] < LIFETIME:
            return max(known[0], seen)
        total = count(EXACT + 1)
        if total > EXACT:
            total = count(None)
            self._remember(key, total)
        return max(total, seen)

    def _remember(self, key: Hashable, total: int) -> None:
        with self._lock:
            self._known[key] = (total, self._now())
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
