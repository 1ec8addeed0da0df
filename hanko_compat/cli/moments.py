"""Moments on the command line: a time, or how long ago it was."""

import re
from datetime import UTC, datetime, timedelta

import click

from hanko_compat.clock import utc_now
from hanko_compat.config.durations import parse_duration

DAYS = re.compile(r"([0-9]{1,6})d")


class Moment(click.ParamType[datetime]):
    """``2026-01-31``, ``2026-01-31T12:00:00Z``, or an age such as ``90m``, ``12h`` and ``7d``."""

    name = "time"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a moment; one without a zone is in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            return self._read(value)
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is no time: write 2026-01-31, 2026-01-31T12:00:00Z, 90m, 12h or 7d", param, ctx
            )

    def _read(self, text: str) -> datetime:
        days = DAYS.fullmatch(text)
        if days:
            return utc_now() - timedelta(days=int(days[1]))
        try:
            age = parse_duration(text)
        except ValueError:
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if age < timedelta(0):
            raise ValueError("an age is not negative")
        return utc_now() - age


MOMENT = Moment()
