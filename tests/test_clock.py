import time
from datetime import UTC, datetime, timedelta

from hanko_compat.clock import utc_now


def test_the_clock_tells_aware_utc() -> None:
    assert utc_now().tzinfo is UTC
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=10)


def test_ages_are_measured_with_a_time_that_only_grows() -> None:
    assert time.monotonic() <= utc_now.monotonic() <= utc_now.monotonic() <= time.monotonic()
