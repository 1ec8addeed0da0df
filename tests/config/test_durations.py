"""Go's durations: what time.Duration.String writes is read, and nothing that Go would refuse."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.config.durations import LONGEST, format_duration, parse_duration

UNITS = (("ns", 1), ("µs", 10**3), ("ms", 10**6), ("s", 10**9))


def as_go_writes_it(nanoseconds: int) -> str:
    """As Go documents Duration.String: 72h3m0.5s, without leading zero units, below 1 s in a smaller unit."""
    if nanoseconds == 0:
        return "0s"
    sign, rest = ("-" if nanoseconds < 0 else ""), abs(nanoseconds)
    if rest < 10**9:
        unit, size = max((pair for pair in UNITS if pair[1] <= rest), key=lambda pair: pair[1])
        return sign + number(rest, size) + unit
    minutes, rest = divmod(rest, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    prefix = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return sign + prefix + number(rest, 10**9) + "s"


def number(value: int, size: int) -> str:
    whole, fraction = divmod(value, size)
    digits = str(fraction).zfill(len(str(size)) - 1).rstrip("0") if fraction else ""
    return f"{whole}.{digits}" if digits else str(whole)


@given(st.integers(-LONGEST, LONGEST))
def test_reads_what_go_writes(nanoseconds):
    microseconds = abs(nanoseconds) // 1000 * (1 if nanoseconds >= 0 else -1)
    assert parse_duration(as_go_writes_it(nanoseconds)) == timedelta(microseconds=microseconds)


@given(st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000)))
def test_reads_what_it_writes(length):
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12h", 43200),
        ("1m30s", 90),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1.s", 1),
        ("1s1s", 2),
        ("+5m", 300),
        ("-5m", -300),
        ("0", 0),
        ("-0", 0),
        ("100ms", 0.1),
        ("7us", 7e-6),
        ("7µs", 7e-6),
        ("7μs", 7e-6),
        ("999ns", 0),
        ("2562047h47m16s", 9223372036),
    ],
)
def test_reads_go_syntax(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


NO_DURATIONS = ["", "12", "12 hours", "12 h", " 12h", "12h ", "1h\n", "h", ".s", "-", "1d", "1w", "1h-1m"]
NO_DURATIONS += ["1,5h", "1H", "\u0967h", "1e3s", "2562047h47m16.854775808s", "9" * 200 + "h"]


@pytest.mark.parametrize("text", NO_DURATIONS)
def test_refuses_what_go_refuses(text):
    with pytest.raises(ValueError, match=r"not a duration|too long"):
        parse_duration(text)


@given(st.text(alphabet="0123456789.+-hmsnuµ ", max_size=12))
def test_any_text_is_a_duration_or_a_value_error(text):
    try:
        length = parse_duration(text)
    except ValueError:
        length = timedelta(0)
    assert parse_duration(format_duration(length)) == length


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(hours=12), "12h"),
        (timedelta(seconds=90), "1m30s"),
        (timedelta(milliseconds=1500), "1.5s"),
        (timedelta(hours=1, microseconds=1), "1h0.000001s"),
        (timedelta(0), "0s"),
        (-timedelta(minutes=5), "-5m"),
    ],
)
def test_writes_the_shortest_form(length, text):
    assert format_duration(length) == text
