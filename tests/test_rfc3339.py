"""Times as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hanko_compat.rfc3339 import written

NEW_YORK = timezone(timedelta(hours=-5))


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 31, 12, 34, 56, 120300, UTC), "2026-01-31T12:34:56.1203Z"),
        (datetime(2026, 1, 31, 12, 34, 56, 123456, UTC), "2026-01-31T12:34:56.123456Z"),
        (datetime(2026, 1, 31, 12, 34, 50, 0, UTC), "2026-01-31T12:34:50Z"),
        (datetime(2026, 1, 31, 20, 0, 0, 0, NEW_YORK), "2026-02-01T01:00:00Z"),
    ],
)
def test_a_time_is_written_in_utc_without_needless_digits(moment, text):
    assert written(moment) == text
