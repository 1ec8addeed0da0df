"""Where rate limits are counted: in this process or in the database.

Both count in windows of fixed length that begin with the first hit, or let the caller compute what becomes of
windows.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol

from hanko_compat.clock import Clock
from hanko_compat.storage import rate_limits
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.rate_limits import Window

SECOND = 1_000_000  # microseconds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SMALLEST_SWEEP = 1024  # windows in memory


Windows = tuple[Window | None, ...]
"""A window for each of several keys; None where none is open."""

Change = Callable[[Windows], Windows]
"""Says what becomes of windows. It may be called several times, and changes nothing itself."""


class RateLimitStorage(Protocol):
    """What counts. The storages of the library ``limits`` have the first two methods too.

    Its strategies accept subclasses of its own ``Storage`` only. They are not used here, as they ask for
    a count again that `incr` has returned.
    """

    def incr(self, key: str, expiry: int) -> int:
        """Count; *expiry* is the length of a new window in seconds."""

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; the present moment when none is open."""

    def update(self, keys: Sequence[str], change: Change) -> Windows:
        """Change the windows of *keys* together, with nobody in between; return what they were."""


class MemoryStorage:
    """Counts of one process.

    That of ``limits`` loses counts when threads meet at the beginning of a window, and starts a thread.
    """

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._windows: dict[str, Window] = {}
        self._sweep_at = SMALLEST_SWEEP
        self._lock = Lock()

    def incr(self, key: str, expiry: int) -> int:
        """Count; *expiry* is the length of a new window in seconds."""
        now = microseconds(self._now)
        with self._lock:
            window = self._open(key, now) or Window(0, now + expiry * SECOND)
            self._windows[key] = Window(window.hits + 1, window.expires_at)
            self._sweep(now)
        return window.hits + 1

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; the present moment when none is open."""
        now = microseconds(self._now)
        window = self._open(key, now)
        return (window.expires_at if window else now) / SECOND

    def update(self, keys: Sequence[str], change: Change) -> Windows:
        """Change the windows of *keys* together, with nobody in between; return what they were."""
        now = microseconds(self._now)
        with self._lock:
            before = tuple(self._open(key, now) for key in keys)
            for key, window in zip(keys, change(before), strict=True):
                if window is not None:
                    self._windows[key] = window
                else:
                    self._windows.pop(key, None)
            self._sweep(now)
        return before

    def _open(self, key: str, now: int) -> Window | None:
        window = self._windows.get(key)
        return window if window and window.expires_at > now else None

    def _sweep(self, now: int) -> None:
        """Drop what is over, each time that there is twice as much as the last time left."""
        if len(self._windows) <= self._sweep_at:
            return
        self._windows = {key: window for key, window in self._windows.items() if window.expires_at > now}
        self._sweep_at = max(SMALLEST_SWEEP, 2 * len(self._windows))


class DatabaseStorage:
    """Counts of all processes on all hosts, in a table of ours.

    Count outside of transactions: one that is rolled back would give the hit back.
    """

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def incr(self, key: str, expiry: int) -> int:
        """Count; *expiry* is the length of a new window in seconds.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        now = microseconds(self._now)
        end = now + expiry * SECOND
        return self._database.transaction(lambda: rate_limits.hit(key, now=now, expires_at=end))

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; the present moment when none is open."""
        now = microseconds(self._now)
        with self._database.connection():
            window = rate_limits.find(key, now=now)
        return (window.expires_at if window else now) / SECOND

    def update(self, keys: Sequence[str], change: Change) -> Windows:
        """Change the windows of *keys* together, with nobody in between; return what they were.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        now = microseconds(self._now)
        over = Window(0, now)

        def work() -> Windows:
            found = rate_limits.lock(keys, now=now)
            before = tuple(map(found.get, keys))
            after = zip(keys, change(before), strict=True)
            new = {key: over if window is None else window for key, window in after}
            rate_limits.write({key: window for key, window in new.items() if window != found.get(key, over)})
            return before

        return self._database.transaction(work)


def microseconds(now: Clock) -> int:
    """The present moment in microseconds since 1970, exactly."""
    return since_1970(now())


def since_1970(moment: datetime) -> int:
    """A moment in microseconds since 1970, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)
