"""Single values of YAML that Hanko's reader, go-yaml 3, takes for numbers and moments, unlike PyYAML."""

import math
import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Self

MOMENT = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})"
    r"(?:(?P<between>[Tt ])(?P<time>[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2})(?:\.(?P<fraction>[0-9]{1,9}))?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?\Z"
)
WHOLE = re.compile(r"[-+]?(?:0[0-7][0-7_]*|0o[0-7_]+|0b[01_]+|0x[0-9a-fA-F_]+)\Z")
BASES = {"b": 2, "o": 8, "x": 16}
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?\Z")


class PlainScalar(str):
    """Text as it was written without quotes; ``meaning`` is what Hanko takes it for.

    So ``password: 0123`` stays a password, and a claim ``since: 2026-01-02`` becomes a moment.
    """

    meaning: int | float | date

    def __new__(cls, text: str, meaning: float | date) -> Self:
        """Keep both."""
        scalar = super().__new__(cls, text)
        scalar.meaning = meaning
        return scalar


def read_moment(text: str) -> str:
    """A day, or a day and a time: with ``T`` there is a zone, with a blank it is UTC. Else plain text."""
    match = MOMENT.fullmatch(text)
    if not match or (match["between"] in {"T", "t"}) != bool(match["zone"]):
        return text
    year, month, day = map(int, match["day"].split("-"))
    with suppress(ValueError):
        if not match["between"]:
            return PlainScalar(text, date(year, month, day))
        hour, minute, second = map(int, match["time"].split(":"))
        microsecond = int((match["fraction"] or "0")[:6].ljust(6, "0"))
        zone = _zone(match["zone"] or "Z")
        return PlainScalar(text, datetime(year, month, day, hour, minute, second, microsecond, zone))
    return text


def read_number(text: str) -> str:
    """A whole number in base 2, 8 or 16, as Go writes those, or one with an exponent. Else plain text."""
    digits = text.replace("_", "")
    if WHOLE.fullmatch(text):
        unsigned = digits.lstrip("+-")
        with suppress(ValueError):  # nothing but underscores after the prefix
            value = int(unsigned, BASES.get(unsigned[1], 8))
            return PlainScalar(text, -value if digits[0] == "-" else value)
    elif NUMBER.fullmatch(digits) and math.isfinite(number := float(digits)):
        return PlainScalar(text, number)
    return text


def within_64_bits(value: int, *, written: str) -> int | str:
    """A whole number, which from 64 bits on is one of floating point, and none with a base (``0x``)."""
    if -(2**63) <= value < 2**64:
        return value
    with suppress(OverflowError):
        return written if "x" in written else PlainScalar(written, float(value))
    return written


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = map(int, text[1:].split(":"))
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
