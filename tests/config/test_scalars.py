"""Numbers and moments that Hanko's YAML reader knows: text for us, with what it means to Hanko."""

from datetime import UTC, date, datetime

import pytest

from hanko_compat.config.documents import parse


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2026-01-02", date(2026, 1, 2)),
        ("2026-1-2", date(2026, 1, 2)),
        ("2026-01-02 03:04:05.5", datetime(2026, 1, 2, 3, 4, 5, 500000, UTC)),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02t03:04:05-02:30", datetime(2026, 1, 2, 5, 34, 5, tzinfo=UTC)),
        ("012", 10),
        ("-0o17", -15),
        ("0b101", 5),
        ("0x_1F", 31),
        ("089", 89.0),
        ("1e3", 1000.0),
        ("-10.5E-1", -1.05),
        ("18446744073709551616", 2.0**64),
        ("-9223372036854775809", -(2.0**63)),
        ("123456789012345678901234567890", 1.2345678901234568e29),
    ],
)
def test_what_stands_there_without_quotes_may_mean_something_to_hanko(text, meaning):
    scalar = parse(text)
    assert (scalar, scalar.meaning) == (text, meaning)
    assert type(parse(f"'{text}'")) is str


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-01",
        "2026-01-02T03:04:05",
        "2026-01-02 03:04:05Z",
        "2026-01",
        "0x",
        "1e999",
        "1.2.3",
        "5-1",
        "0x1ffffffffffffffffff",
        "9" * 400,
    ],
)
def test_what_only_looks_like_it_is_text(text):
    assert (parse(text), type(parse(text))) == (text, str)


@pytest.mark.parametrize("number", [2**64 - 1, -(2**63), 0])
def test_a_number_of_64_bits_is_whole(number):
    assert parse(str(number)) == number
