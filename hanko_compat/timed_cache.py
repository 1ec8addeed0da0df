"""Values that are kept in memory for a while. Threads may share them.

Ages are measured with a monotonic clock: setting the time of day back keeps no value alive.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from hanko_compat.clock import Clock

K = TypeVar("K")
V = TypeVar("V")


class Entry(NamedTuple, Generic[V]):
    """A value, and when it is old, by `Clock.monotonic`."""

    value: V
    old_at: float


class TimedCache(Generic[K, V]):
    """Values by key, at most *size* of them; the one that was stored first makes room for the next."""

    def __init__(self, lifetime: timedelta, *, size: int, clock: Clock) -> None:
        self._lifetime = lifetime.total_seconds()
        self._size = size
        self._clock = clock
        self._lock = Lock()
        self._entries: OrderedDict[K, Entry[V]] = OrderedDict()

    def fresh(self, key: K) -> V | None:
        """The value, or None where there is none that is younger than the lifetime."""
        entry = self._entries.get(key)
        return None if entry is None or self._clock.monotonic() >= entry.old_at else entry.value

    def last(self, key: K) -> V | None:
        """The value, however old it is; None where there is none."""
        entry = self._entries.get(key)
        return None if entry is None else entry.value

    def store(self, key: K, value: V) -> None:
        """Keep a value that is true now."""
        with self._lock:
            self._entries.pop(key, None)
            self._entries[key] = Entry(value, self._clock.monotonic() + self._lifetime)
            if len(self._entries) > self._size:
                self._entries.popitem(last=False)


class TimedValue(Generic[V]):
    """One value that *read* finds; it is read again when it is older than *lifetime*.

    Threads that need it at the same moment read it each: none waits for another one, which may wait for a
    database connection that the first one has.
    """

    def __init__(self, read: Callable[[], V], *, lifetime: timedelta, clock: Clock) -> None:
        self._read = read
        self._lifetime = lifetime.total_seconds()
        self._clock = clock
        self._lock = Lock()
        self._entry: Entry[V] | None = None
        self._forgotten = 0  # how often

    @property
    def is_fresh(self) -> bool:
        """Whether there is a value that is younger than the lifetime."""
        entry = self._entry
        return entry is not None and self._clock.monotonic() < entry.old_at

    @property
    def last(self) -> V | None:
        """The value, however old it is; None where there is none."""
        entry = self._entry
        return None if entry is None else entry.value

    def get(self) -> V:
        """The value, read now unless it is fresh."""
        entry = self._entry
        return self.read() if entry is None or self._clock.monotonic() >= entry.old_at else entry.value

    def read(self) -> V:
        """The value, read now. Its age counts from the begin of the read."""
        forgotten, old_at = self._forgotten, self._clock.monotonic() + self._lifetime
        value = self._read()
        with self._lock:
            # What was read before a change must not be kept beyond it.
            if forgotten == self._forgotten:
                self._entry = Entry(value, old_at)
        return value

    def forget(self) -> None:
        """Have the value read again when it is next asked for, because it was changed."""
        with self._lock:
            self._forgotten += 1
            self._entry = None
