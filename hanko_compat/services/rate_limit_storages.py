"""Where rate limits are counted: in this process, in the database, or in Redis while it answers.

All are storages of the library ``limits``, for fixed windows that begin with the first hit.
"""

import itertools
import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from limits.errors import ConfigurationError, StorageError
from limits.storage import RedisStorage, Storage

from hanko_compat.clock import Clock
from hanko_compat.errors import OperatorError
from hanko_compat.storage import rate_limits
from hanko_compat.storage.database import Database
from hanko_compat.storage.rate_limits import Window

logger = logging.getLogger(__name__)

T = TypeVar("T")

SMALLEST_SWEEP = 1024  # windows in memory
NEW_WINDOWS_PER_CLEANING = 50
DELETED_PER_CLEANING = 100  # rows; more than what was added since the last cleaning
REDIS_TIMEOUT = 0.25  # seconds, for connecting and for an answer
REDIS_PAUSE = 5.0  # seconds until one request tries a lost Redis again


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
        now = milliseconds(self._now)
        with self._lock:
            window = self._open(key, now) or Window(0, now + expiry * 1000)
            self._windows[key] = Window(window.hits + amount, window.expires_at)
            if len(self._windows) > self._sweep_at:
                self._sweep(now)
        return window.hits + amount

    def get(self, key: str) -> int:
        """The present count."""
        window = self._open(key, milliseconds(self._now))
        return window.hits if window else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; the present moment when none is open."""
        now = milliseconds(self._now)
        window = self._open(key, now)
        return (window.expires_at if window else now) / 1000

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
        now = milliseconds(self._now)
        end = now + expiry * 1000
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
        window = self._find(key, milliseconds(self._now))
        return window.hits if window else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; the present moment when none is open."""
        now = milliseconds(self._now)
        window = self._find(key, now)
        return (window.expires_at if window else now) / 1000

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


class FallbackStorage(OwnStorage):
    """Another storage while it answers, the memory of this process while it doesn't: log-ins go on.

    After a failure it is left alone for a while, then one request tries it again, so that few ever wait.
    """

    def __init__(self, storage: Storage, *, memory: MemoryStorage, on_fallback: Callable[[], None]) -> None:
        """*storage* wraps its exceptions; *on_fallback* is called for each hit that memory counts instead."""
        super().__init__()
        self._storage = storage
        self._memory = memory
        self._on_fallback = on_fallback
        self._is_lost = False
        self._try_at = 0.0
        self._lock = Lock()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; *expiry* is the length of a new window in seconds."""
        hits = self._ask(lambda storage: storage.incr(key, expiry, amount))
        if self._is_lost:
            self._on_fallback()
        return hits

    def get(self, key: str) -> int:
        """The present count."""
        return self._ask(lambda storage: storage.get(key))

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        return self._ask(lambda storage: storage.get_expiry(key))

    def check(self) -> bool:
        """Whether the storage that all processes share answers."""
        return self._storage.check()

    def reset(self) -> int | None:
        """Forget everything."""
        self._memory.reset()
        return self._ask(lambda storage: storage.reset())

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._memory.clear(key)
        self._ask(lambda storage: storage.clear(key))

    def _ask(self, question: Callable[[Storage], T]) -> T:
        if self._may_try():
            try:
                answer = question(self._storage)
            except StorageError as error:
                self._note_loss(error)
            else:
                self._note_return()
                return answer
        return question(self._memory)

    def _may_try(self) -> bool:
        if not self._is_lost:
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._try_at:
                return False
            self._try_at = now + REDIS_PAUSE
            return True

    def _note_loss(self, error: StorageError) -> None:
        with self._lock:
            was_lost, self._is_lost = self._is_lost, True
            self._try_at = time.monotonic() + REDIS_PAUSE
        if not was_lost:
            logger.warning("rate_limit_store_lost", extra={"reason": str(error.storage_error)})

    def _note_return(self) -> None:
        with self._lock:
            was_lost, self._is_lost = self._is_lost, False
        if was_lost:
            logger.info("rate_limit_store_back")


def milliseconds(now: Clock) -> int:
    """The present moment in milliseconds since 1970."""
    return int(now().timestamp() * 1000)


def redis_storage(address: str, *, password: str) -> Storage:
    """Counts of all processes on all hosts, in the Redis at ``host:port``; connects when first used.

    Raises:
        OperatorError: the client library is not installed.
    """
    try:
        return RedisStorage(
            f"redis://{address}",
            key_prefix="hanko_compat",
            wrap_exceptions=True,
            password=password,
            # Nothing is tried twice either: who waits for Redis is a user who logs in.
            socket_connect_timeout=REDIS_TIMEOUT,
            socket_timeout=REDIS_TIMEOUT,
        )
    except ConfigurationError as error:
        raise OperatorError("no client for Redis: pip install 'hanko-compat[redis]'") from error
