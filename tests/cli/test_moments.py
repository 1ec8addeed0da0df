from datetime import UTC, datetime, timedelta

import click
import pytest

from hanko_compat.cli.moments import MOMENT
from hanko_compat.clock import utc_now


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31 12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_times(text, moment):
    assert MOMENT.convert(text, None, None) == moment


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
        ("0", timedelta(0)),
    ],
)
def test_ages(text, age):
    assert abs(utc_now() - age - MOMENT.convert(text, None, None)) < timedelta(seconds=10)


@pytest.mark.parametrize("text", ["", "yesterday", "-1h", "999999d", "2026-02-31", "7 d"])
def test_what_is_no_time(text):
    with pytest.raises(click.BadParameter, match="is no time"):
        MOMENT.convert(text, None, None)
