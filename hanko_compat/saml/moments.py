"""Times in SAML documents (core s. 1.3.3): XML's ``dateTime`` and ``duration``."""

import re
from datetime import UTC, datetime, timedelta

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?")
LATEST = datetime(9998, 12, 31, tzinfo=UTC)
"""Where a moment is later, it is taken for this one, to which a leeway can be added."""
_DURATION = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,6})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?"
)


def parse_moment(text: str) -> datetime | None:
    """The moment (aware, UTC) that *text* names, None where it names none; UTC where it has no zone."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None or not text.isascii():
        return None
    base, fraction, zone = found.groups()
    offset = "+00:00" if zone in {None, "Z"} else zone
    try:
        moment = datetime.fromisoformat(f"{base}.{(fraction or '0')[:6]:0<6}{offset}")
        return min(moment, LATEST).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_duration(text: str) -> timedelta | None:
    """The length of *text* such as ``PT6H``; None where it is no duration. A month counts as 30 days."""
    found = _DURATION.fullmatch(text.strip())
    if found is None or not text.isascii() or not any(found.groups()):
        return None
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    try:
        return timedelta(days=365 * years + 30 * months + days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
