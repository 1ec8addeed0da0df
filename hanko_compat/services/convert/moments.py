"""Times as other systems write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBER = re.compile(r"-?\d{1,17}(?:\.\d{1,9})?")
OFFSET_OF_HOURS = re.compile(r"(?<=\d)([+-]\d\d)$")
FIRST_OF_MILLISECONDS = 100_000_000_000
"""Seconds since 1970 get there in the year 5138, milliseconds did in 1973."""
EARLIEST = 1000  # the year; MySQL has none before it


def read_moment(value: Any) -> datetime | None:
    """A time: ISO 8601 with or without ``T``, seconds or milliseconds since 1970, MongoDB's ``$date``.

    Without an offset it is UTC. None where *value* is no time.
    """
    if isinstance(value, dict):
        value = value.get("$date", value.get("$numberLong"))
        if isinstance(value, dict):
            value = value.get("$numberLong")
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, int | float):
            return _since_1970(float(value))
        if not isinstance(value, str):
            return None
        text = value.strip()
        if NUMBER.fullmatch(text) and len(text) > len("yyyymmdd"):
            return _since_1970(float(text))
        moment = datetime.fromisoformat(OFFSET_OF_HOURS.sub(r"\1:00", text) if ":" in text else text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= EARLIEST else None


def _since_1970(number: float) -> datetime:
    unit = timedelta(milliseconds=1) if abs(number) >= FIRST_OF_MILLISECONDS else timedelta(seconds=1)
    return EPOCH + number * unit
