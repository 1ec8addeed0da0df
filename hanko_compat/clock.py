"""The one source of time. Services get a clock, so that a test can move it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, aware, in UTC, with microseconds."""
    return datetime.now(UTC)
