"""The one source of time. Services get a clock, so that a test can move it."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day, which may be set back, and a time that only grows, for ages."""

    def __call__(self) -> datetime:
        """The present moment, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment; not changed when the time of day is set."""


class SystemClock:
    """The clock of this host."""

    def __call__(self) -> datetime:
        """The present moment, aware, in UTC, with microseconds."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment; not changed when the time of day is set."""
        return time.monotonic()


utc_now = SystemClock()
