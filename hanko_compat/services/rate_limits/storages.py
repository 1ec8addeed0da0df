"""Where rate limits are counted: in this process or in the database.

Both are storages of the library ``limits``, for fixed windows that begin with the first hit.
"""

import itertools
from datetime import UTC, datetime, timedelta
from threading import Lock

from limits.storage import Storage

from hanko_compat.clock import Clock
from hanko_compat.storage import rate_limits
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.rate_limits import Window

SECOND = 1_000_000  # microseconds
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SMALLEST_SWEEP = 1024  # windows in memory
NEW_WINDOWS_PER_CLEANING = 50
DELETED_PER_CLEANING = 100  # rows; more than what was added since the last cleaning


class OwnStorage(Storage):
    """A storage that the library knows by no URL, and whose errors are not wrapped."""

    STORAGE_SCHEME = None

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None: what fails here is a failure of the database, which others handle."""
        return ()


class MemoryStorage(OwnStorage):
    """Counts of one process.

    The library's own loses counts when threads meet at the beginning of a window, and needs a thread.
    """

    def __init__(self, now: Clock) -> None:
        super().__init__()
        self._now = now
        self._windows: dict[str, Window] = {}
        self._sweep_at = SMALLEST_SWEEP
        self._lock = Lock()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; *expiry* is the length of a new window in seconds."""
        now = microseconds(self._now)
        with self._lock:
            window = self._open(key, now) or Window(0, now + expiry * SECOND)
            self._windows[key] = Window(window.hits + amount, window.expires_at)
            if len(self._windows) > self._sweep_at:
                self._sweep(now)
        return window.hits + amount

    def get(self, key: str) -> int:
        """The present count."""
        window = self._open(key, microseconds(self._now))
        return window.hits if window else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; the present moment when none is open."""
        now = microseconds(self._now)
        window = self._open(key, now)
        return (window.expires_at if window else now) / SECOND

    def check(self) -> bool:
        """Whether it works."""
        return True

    def reset(self) -> int:
        """Forget everything."""
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._windows.pop(key, None)

    def _open(self, key: str, now: int) -> Window | None:
        window = self._windows.get(key)
        return window if window and window.expires_at > now else None

    def _sweep(self, now: int) -> None:
        """Drop what is over, each time that there is twice as much as the last time left."""
        self._windows = {key: window for key, window in self._windows.items() if window.expires_at > now}
        self._sweep_at = max(SMALLEST_SWEEP, 2 * len(self._windows))


class DatabaseStorage(OwnStorage):
    """Counts of all processes on all hosts, in a table of ours.

    Count outside of transactions: one that is rolled back would give the hit back.
    """

    def __init__(self, database: Database, now: Clock) -> None:
        super().__init__()
        self._database = database
        self._now = now
        self._new_windows = itertools.count(1)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; *expiry* is the length of a new window in seconds.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        now = microseconds(self._now)
        end = now + expiry * SECOND
        hits = self._database.transaction(
            lambda: rate_limits.hit(key, amount=amount, now=now, expires_at=end)
        )
        if hits == amount and next(self._new_windows) % NEW_WINDOWS_PER_CLEANING == 0:
            self._database.transaction(
                lambda: rate_limits.delete_expired(now=now, at_most=DELETED_PER_CLEANING)
            )
        return hits

    def get(self, key: str) -> int:
        """The present count."""
        window = self._find(key, microseconds(self._now))
        return window.hits if window else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; the present moment when none is open."""
        now = microseconds(self._now)
        window = self._find(key, now)
        return (window.expires_at if window else now) / SECOND

    def check(self) -> bool:
        """Whether the database answers; raises when it does not."""
        self._database.ping()
        return True

    def reset(self) -> int:
        """Forget everything."""
        return self._database.transaction(rate_limits.delete_all)

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._database.transaction(lambda: rate_limits.delete(key))

    def _find(self, key: str, now: int) -> Window | None:
        with self._database.connection():
            return rate_limits.find(key, now=now)


def microseconds(now: Clock) -> int:
    """The present moment in microseconds since 1970, exactly."""
    return (now() - EPOCH) // timedelta(microseconds=1)
