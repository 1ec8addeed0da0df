"""Durations in Go's syntax: ``12h``, ``1m30s``, ``1.5s`` (Go's time.ParseDuration)."""

import re
from datetime import timedelta
from decimal import Decimal

NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5, micro sign
    "μs": 1_000,  # U+03BC, Greek letter mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
LONGEST = 2**63 - 1  # nanoseconds: Go keeps a duration in an int64
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_WHOLE = re.compile(rf"[-+]?(?:{_PART.pattern})+")


def parse_duration(text: str) -> timedelta:
    """Read a duration; what is shorter than a microsecond is dropped.

    Raises:
        ValueError: not in Go's syntax, or longer than Go can hold (292 years).
    """
    if text in {"0", "+0", "-0"}:
        return timedelta(0)
    if len(text) > 100 or not _WHOLE.fullmatch(text):  # a bound, so that no number costs minutes
        raise ValueError("not a duration")
    nanoseconds = int(sum(Decimal(number) * NANOSECONDS[unit] for number, unit in _PART.findall(text)))
    if nanoseconds > LONGEST:
        raise ValueError("too long")
    length = timedelta(microseconds=nanoseconds // 1000)
    return -length if text.startswith("-") else length


def format_duration(length: timedelta) -> str:
    """Write a duration in the shortest form: ``12h``, ``1m30s``, ``1.5s``, ``0s``."""
    microseconds = length // timedelta(microseconds=1)
    sign = "-" if microseconds < 0 else ""
    minutes, rest = divmod(abs(microseconds), 60_000_000)
    hours, minutes = divmod(minutes, 60)
    seconds, fraction = divmod(rest, 1_000_000)
    decimals = f".{fraction:06}".rstrip("0") if fraction else ""
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else ""]
    if rest or not (hours or minutes):
        parts.append(f"{seconds}{decimals}s")
    return sign + "".join(parts)
