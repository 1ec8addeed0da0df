"""Times and durations of XML."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.saml.moments import LATEST, parse_duration, parse_moment

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-05-01T12:00:00Z", NOON),
        ("2026-05-01T12:00:00", NOON),
        ("2026-05-01T12:00:00.5Z", NOON + timedelta(seconds=0.5)),
        ("2026-05-01T12:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
        ("2026-05-01T14:00:00+02:00", NOON),
        (" 2026-05-01T12:00:00Z\n", NOON),
        ("9999-12-31T23:59:59Z", LATEST),
        ("9999-12-31T23:59:59-14:00", LATEST),
        ("", None),
        ("2026-05-01", None),
        ("2026-05-01 12:00:00Z", None),
        ("2026-13-01T12:00:00Z", None),
        ("2026-05-01T24:00:01Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("12026-05-01T12:00:00Z", None),
        ("٢٠٢٦-05-01T12:00:00Z", None),
    ],
)
def test_moments(text: str, moment: datetime | None) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT6H", timedelta(hours=6)),
        ("P1D", timedelta(days=1)),
        ("P1Y2M3DT4H5M6.5S", timedelta(days=428, hours=4, minutes=5, seconds=6)),
        ("PT0S", timedelta(0)),
        ("P", None),
        ("PT", None),
        ("-P1D", None),
        ("6H", None),
        ("P99999999D", None),
    ],
)
def test_durations(text: str, length: timedelta | None) -> None:
    assert parse_duration(text) == length


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_that_was_written_is_read(moment: datetime) -> None:
    assert parse_moment(moment.isoformat()) == moment


@given(st.text("0123456789-:.TZ+PYMDHS "))
def test_no_text_causes_an_error(text: str) -> None:
    moment = parse_moment(text)
    assert moment is None or moment.tzinfo is not None
    assert parse_duration(text) is None or text.strip().startswith("P")
