"""Columns that the databases spell differently, UUIDs and moments; and those that hold an enumeration."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import peewee

_ODD_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


class UUIDField(peewee.Field):
    """A UUID: the native type on PostgreSQL, dashed lower-case text elsewhere, as Hanko writes it.

    peewee's own field writes 32 digits without dashes, which no look-up of Hanko finds.
    """

    field_type = "UUID"

    def db_value(self, value: UUID | str | None) -> str | None:
        """The dashed lower-case form; PostgreSQL takes it for its own type.

        Raises:
            ValueError: the text is no UUID.
        """
        if value is None:
            return None
        return str(value if isinstance(value, UUID) else UUID(value))

    def python_value(self, value: UUID | str | None) -> UUID | None:
        """What the database gave, as a UUID."""
        return value if value is None or isinstance(value, UUID) else UUID(value)


class UtcDateTimeField(peewee.Field):
    """A moment: aware UTC in Python, naive UTC in the column, with whole seconds on MySQL.

    There the option ``loc`` of the URL may name another zone for all columns; the driver reads them as UTC.
    """

    field_type = "DATETIME"

    def db_value(self, value: datetime | None) -> str | None:
        """Naive UTC as text of one fixed width, so that SQLite, which compares text, sorts it rightly.

        Raises:
            ValueError: the time is naive, so its zone is not known.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        database = self.model._meta.database
        if database.dialect == "mysql":
            # MySQL would round to the next second, which lies in the future.
            return str(database.zone.write(value).isoformat(sep=" ", timespec="seconds"))
        return _text_of(value if value.tzinfo is UTC else value.astimezone(UTC))

    def python_value(self, value: Any) -> datetime | None:
        """What the database gave, as aware UTC."""
        if value is None:
            return None
        moment = _of_text(value) if isinstance(value, str) else value
        return moment.replace(tzinfo=UTC)


@lru_cache(maxsize=64)
def _text_of(moment: datetime) -> str:
    """A moment in UTC as text, kept for a while: a request writes the same one to several columns and rows.

    In another zone two moments may be equal by what its clocks show, and not be the same.
    """
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _of_text(text: str) -> datetime:
    """A time of SQLite, or one of MySQL that no calendar has, which its driver gives as text: 0000-00-00.

    MySQL has such times in rows that are older than their column. As Hanko 2.7.0: a zero counts as one, and
    a day beyond the month goes on into the next, as in Go.

    Raises:
        ValueError: not a time.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        match = _ODD_DATE.match(text)
        if match is None:
            raise
    year, month, day = (max(1, int(part)) for part in match.groups())
    start = datetime.fromisoformat(f"{year:04}-{month:02}-01{text[match.end() :]}")
    return start + timedelta(days=day - 1)


class EnumField(peewee.CharField):
    """A member of an enumeration, stored as its text."""

    def __init__(self, kind: type[StrEnum], *, max_length: int) -> None:
        super().__init__(max_length=max_length)
        self._members = {str(member): member for member in kind}

    def db_value(self, value: str | None) -> str | None:
        """The text of the member; any other text as it is."""
        return None if value is None else str(value)

    def python_value(self, value: str | None) -> str | None:
        """The member with this text; any other text, which a later version may have written, as it is."""
        return self._members.get(value, value) if value is not None else None
