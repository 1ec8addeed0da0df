"""A clock that only a test moves."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """The present moment, standing still until ``advance``; a step back is one of the time of day only."""

    def __init__(self, start: datetime | None = None) -> None:
        self.time = start or datetime.now(UTC).replace(microsecond=123456)
        self.elapsed = timedelta(0)

    def __call__(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.elapsed.total_seconds()

    def advance(self, **duration: float) -> None:
        """Move on by the keywords of ``timedelta``: ``advance(minutes=5)``."""
        step = timedelta(**duration)
        self.time += step
        self.elapsed += max(step, timedelta(0))
