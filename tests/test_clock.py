from datetime import UTC, datetime, timedelta

from hanko_compat.clock import utc_now


def test_the_clock_tells_aware_utc() -> None:
    assert utc_now().tzinfo is UTC
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=10)
