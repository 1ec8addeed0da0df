"""A clock that only a test moves."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """The present moment, standing still until ``advance``."""

    def __init__(self, start: datetime | None = None) -> None:
        self.time = start or datetime.now(UTC).replace(microsecond=123456)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> None:
        """Move on by the keywords of ``timedelta``: ``advance(minutes=5)``."""
        self.time += timedelta(**duration)
