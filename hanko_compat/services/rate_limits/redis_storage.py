"""Rate limits counted in Redis while it answers, and in this process while it doesn't."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, TypeVar

from limits.errors import ConfigurationError, StorageError
from limits.storage import RedisStorage

from hanko_compat.clock import Clock, utc_now
from hanko_compat.errors import OperatorError
from hanko_compat.services.rate_limits.storages import (
    SECOND,
    Change,
    MemoryStorage,
    RateLimitStorage,
    Windows,
    microseconds,
)
from hanko_compat.storage.rate_limits import Window

logger = logging.getLogger(__name__)

T = TypeVar("T")

TIMEOUT = 0.25  # seconds, for connecting and for an answer
PAUSE = 5.0  # seconds until one request tries a lost Redis again


class FallbackStorage:
    """Another storage while it answers, the memory of this process while it doesn't: log-ins go on.

    After a failure it is left alone for a while, then one request tries it again, so that few ever wait.
    """

    def __init__(
        self,
        storage: RateLimitStorage,
        *,
        memory: MemoryStorage,
        on_fallback: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """*storage* fails with ``StorageError``; *on_fallback* is called for each hit that memory counts."""
        self._storage = storage
        self._memory = memory
        self._on_fallback = on_fallback
        self._monotonic = monotonic
        self._is_lost = False
        self._try_at = 0.0
        self._lock = Lock()

    def incr(self, key: str, expiry: int) -> int:
        """Count; *expiry* is the length of a new window in seconds."""
        hits = self._ask(lambda storage: storage.incr(key, expiry))
        if self._is_lost:
            self._on_fallback()
        return hits

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        return self._ask(lambda storage: storage.get_expiry(key))

    def update(self, keys: Sequence[str], change: Change) -> Windows:
        """Change the windows of *keys* together, with nobody in between; return what they were."""
        before = self._ask(lambda storage: storage.update(keys, change))
        if self._is_lost:
            self._on_fallback()
        return before

    def _ask(self, question: Callable[[RateLimitStorage], T]) -> T:
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
            now = self._monotonic()
            if now < self._try_at:
                return False
            self._try_at = now + PAUSE
            return True

    def _note_loss(self, error: StorageError) -> None:
        with self._lock:
            was_lost, self._is_lost = self._is_lost, True
            self._try_at = self._monotonic() + PAUSE
        if not was_lost:
            logger.warning("rate_limit_store_lost", extra={"reason": str(error.storage_error)})

    def _note_return(self) -> None:
        with self._lock:
            was_lost, self._is_lost = self._is_lost, False
        if was_lost:
            logger.info("rate_limit_store_back")


class SharedStorage(RedisStorage):
    """The library's counts of windows in Redis, and ours that somebody else computes."""

    def __init__(self, uri: str, *, now: Clock, **options: Any) -> None:
        super().__init__(uri, **options)
        self._now = now

    def update(self, keys: Sequence[str], change: Change) -> Windows:
        """Change the windows of *keys* together, with nobody in between; return what they were.

        Raises:
            StorageError: Redis does not answer.
        """
        now, names = microseconds(self._now), [self.prefixed_key(key) for key in keys]

        def work(pipeline: Any) -> Windows:
            before = tuple(map(_read, pipeline.mget(names)))
            pipeline.multi()
            for name, old, new in zip(names, before, change(before), strict=True):
                if new is None:
                    pipeline.delete(name)
                elif new != old:
                    # Redis forgets it when it is over; a millisecond later does no harm.
                    lifetime = (new.expires_at - now) * 1000 // SECOND + 1
                    pipeline.set(name, f"{new.hits} {new.expires_at}", px=max(1, lifetime))
            return before

        try:
            # Of callers who meet here one gets through each time; the others begin again.
            before: Windows = self.storage.transaction(work, *names, value_from_callable=True)
        except self.base_exceptions as error:
            raise StorageError(error) from error
        return before


def _read(value: bytes | None) -> Window | None:
    """What `SharedStorage` has written."""
    if value is None:
        return None
    hits, expires_at = value.split()
    return Window(int(hits), int(expires_at))


def redis_storage(address: str, *, password: str, now: Clock = utc_now) -> SharedStorage:
    """Counts of all processes on all hosts, in the Redis at ``host:port``; connects when first used.

    Raises:
        OperatorError: no such address, or the client library is not installed.
    """
    try:
        return SharedStorage(
            f"redis://{address}",
            now=now,
            key_prefix="hanko_compat",
            wrap_exceptions=True,
            password=password,
            protocol=2,  # which every version of Redis speaks
            # Nothing is tried twice either: who waits for Redis is a user who logs in.
            socket_connect_timeout=TIMEOUT,
            socket_timeout=TIMEOUT,
        )
    except ConfigurationError as error:
        raise OperatorError("no client for Redis: run pip install '.[redis]' in a checkout") from error
    except ValueError:
        # Not quoted: it may be a URL with a password.
        raise OperatorError("rate_limiter.redis_config.address is not host:port") from None


def find_problem(address: str, *, password: str) -> str:
    """What keeps the Redis at ``host:port`` from counting; "" when nothing does.

    Raises:
        OperatorError: no such address, or the client library is not installed.
    """
    try:
        redis_storage(address, password=password).get("doctor")
    except StorageError as error:
        return " ".join(str(error.storage_error).split())
    return ""
