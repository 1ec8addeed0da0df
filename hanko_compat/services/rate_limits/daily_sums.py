"""Daily sums: so many on the first day, fewer on each further one. They bound what adds up over a year.

A sum is a bucket that holds what a first day may have. At each whole day since the first hit, what a further
day may have leaves it; when it is empty, the next hit begins a first day. A bucket never holds more, and
between two moments at which something leaves it lies at least a day: so in n days no more than the first
day's and n times a further day's pass, whenever they are counted from.

A bucket is stored as a `Window`: what is in it, and when it will be empty. The moments at which something
leaves it are whole days before that. Moments are in microseconds since 1970.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hanko_compat.clock import Clock
from hanko_compat.services.rate_limits.storages import SECOND, RateLimitStorage, Windows, microseconds
from hanko_compat.storage.rate_limits import Window

DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class DailySum:
    """How much passes on a first day, and on each further one; ``setting`` is the key that sets it."""

    name: str
    first_day: int
    further_days: int
    setting: str = ""

    @property
    def tokens(self) -> int:
        """What passes at most at once."""
        return self.first_day

    def count(self, window: Window | None, now: int) -> int:
        """How much is in the bucket."""
        if window is None or window.expires_at <= now:
            return 0
        # Fewer days than that have passed where a further day had less when this was written.
        days = max(0, self._days(window.hits) - _days_until(window.expires_at, now))
        return max(0, window.hits - days * self.further_days)

    def take(self, window: Window | None, now: int) -> Window | None:
        """The bucket with one more in it; None where that is too much."""
        hits = self.count(window, now)
        return None if hits >= self.first_day else self._filled(hits + 1, self._next_day(window, now))

    def give_back(self, window: Window | None, now: int) -> Window | None:
        """The bucket with one less in it; None where nothing is left."""
        hits = self.count(window, now)
        return None if hits <= 1 else self._filled(hits - 1, self._next_day(window, now))

    def free_at(self, window: Window | None, now: int) -> int:
        """When one more passes."""
        return now if self.count(window, now) < self.first_day else self._next_day(window, now)

    def _next_day(self, window: Window | None, now: int) -> int:
        """When something leaves the bucket the next time; a day from now where it is empty."""
        if window is None or window.expires_at <= now:
            return now + DAY
        # Who looked at the clock first may be served second, and the clocks of hosts differ: for them the day
        # has not begun yet. A clock that was far ahead locks nobody out for long.
        days = min(self._days(window.hits), _days_until(window.expires_at, now))
        return min(window.expires_at - (days - 1) * DAY, now + 2 * DAY)

    def _filled(self, hits: int, next_day: int) -> Window:
        return Window(hits, next_day + (self._days(hits) - 1) * DAY)

    def _days(self, hits: int) -> int:
        """How many days it takes until so much has left the bucket."""
        return -(-hits // self.further_days)


@dataclass(frozen=True, slots=True)
class Counter:
    """A sum, and what it counts under."""

    sum: DailySum
    key: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sum that is used up, and the seconds until one more passes."""

    sum: DailySum
    reset_after: int


class DailySums:
    """Counts in several sums at once. Without a storage nothing is counted."""

    def __init__(self, storage: RateLimitStorage | None, now: Clock) -> None:
        self._storage = storage
        self._now = now

    def take(self, counters: Sequence[Counter]) -> Refusal | None:
        """Count one more in each; in none where one of them is used up, which is returned."""
        if self._storage is None:
            return None
        now = microseconds(self._now)

        def change(windows: Windows) -> Windows:
            after = tuple(each.sum.take(window, now) for each, window in zip(counters, windows, strict=True))
            return windows if None in after else after

        before = self._storage.update([each.key for each in counters], change)
        for counter, window in zip(counters, before, strict=True):
            free_at = counter.sum.free_at(window, now)
            if free_at > now:
                return Refusal(counter.sum, reset_after=-(-(free_at - now) // SECOND))
        return None

    def give_back(self, counters: Sequence[Counter]) -> None:
        """Count one less in each."""
        if self._storage is None or not counters:
            return
        now = microseconds(self._now)

        def change(windows: Windows) -> Windows:
            return tuple(
                each.sum.give_back(window, now) for each, window in zip(counters, windows, strict=True)
            )

        self._storage.update([each.key for each in counters], change)

    def empty(self, counter: Counter) -> None:
        """Leave nothing in a sum."""
        # Mostly nothing is in it, and a look costs less than a write.
        if self._storage is not None and self._storage.get_expiry(counter.key) > self._now().timestamp():
            self._storage.update([counter.key], lambda _: (None,))


def _days_until(moment: int, now: int) -> int:
    """The days until a later moment, the present one counted as a whole."""
    return -(-(moment - now) // DAY)
