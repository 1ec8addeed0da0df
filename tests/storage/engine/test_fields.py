"""UUIDs, moments and enumerations: what is stored, and what comes back."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import peewee
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.dialects import Access, Sqlite
from hanko_compat.storage.engine.fields import EnumField, UtcDateTimeField, UUIDField
from hanko_compat.storage.models import User, UserState
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.models.user_states import UserStatus

ID = UUID("0A0B0C0D-0000-4000-8000-00000000ABCD")
EARLIEST, LATEST = datetime(1970, 1, 2), datetime(2200, 1, 1)  # noqa: DTZ001 - the zone is drawn
MOMENT = datetime(2026, 1, 2, 3, 4, 5, 999999, tzinfo=UTC)


def test_a_uuid_is_stored_as_hanko_stores_it(database: Database) -> None:
    with database.connection():
        User.create(id=ID, created_at=MOMENT, updated_at=MOMENT)
        ((stored,),) = database.peewee.execute_sql("SELECT id FROM users").fetchall()
        assert str(stored) == "0a0b0c0d-0000-4000-8000-00000000abcd"
        assert [User.get(User.id == given).id for given in (ID, str(ID), str(ID).upper())] == [ID] * 3


def test_a_moment_is_stored_in_utc(database: Database) -> None:
    in_tokyo = MOMENT.astimezone(timezone(timedelta(hours=9)))
    with database.connection():
        User.create(id=ID, created_at=in_tokyo, updated_at=MOMENT)
        ((stored,),) = database.peewee.execute_sql("SELECT created_at FROM users").fetchall()
        found = User.get_by_id(ID)
    # MySQL's own rounding would have made it 3:04:06, which is yet to come.
    expected = MOMENT.replace(microsecond=0) if database.dialect == "mysql" else MOMENT
    assert str(stored).startswith("2026-01-02 03:04:05")
    assert (found.created_at, found.updated_at) == (expected, expected)


def test_moments_are_compared_as_moments(database: Database) -> None:
    whole = MOMENT.replace(microsecond=0)
    with database.connection():
        User.create(id=ID, created_at=whole, updated_at=whole)
        later = whole + timedelta(seconds=1)
        counts = [
            User.select().where(User.created_at < later).count(),
            User.select().where(User.created_at <= whole).count(),
            User.select().where(User.created_at < whole).count(),
            User.select().where(User.created_at.between(whole, later)).count(),
        ]
    assert counts == [1, 1, 0, 1]


def test_equal_moments_of_a_zone_that_are_not_the_same_stay_apart(database: Database) -> None:
    """When clocks are put back, an hour comes twice; Python takes both for equal within one zone."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    second = first.replace(fold=1)
    assert first == second
    with database.connection():
        texts = [User.created_at.db_value(moment) for moment in (first, second, first)]
    assert [text.partition(".")[0] for text in texts] == [
        "2026-10-25 00:30:00",
        "2026-10-25 01:30:00",
        "2026-10-25 00:30:00",
    ]


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with database.connection(), pytest.raises(ValueError, match="without a zone"):
        User.create(id=ID, created_at=MOMENT.replace(tzinfo=None), updated_at=MOMENT)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("0000-00-00 00:00:00", (1, 1, 1)),
        ("2024-00-00 00:00:00", (2024, 1, 1)),
        ("2024-05-00 06:07:08", (2024, 5, 1, 6, 7, 8)),
        ("2023-02-31 06:07:08.5", (2023, 3, 3, 6, 7, 8, 500_000)),
        ("2024-12-31 23:59:59", (2024, 12, 31, 23, 59, 59)),
    ],
)
def test_times_of_mysql_that_no_calendar_has_are_read_as_in_go(text: str, read: tuple[int, ...]) -> None:
    assert UtcDateTimeField().python_value(text) == datetime(*read, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01 00:00:00", "2024-01-01 25:00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - Python words it in several ways
        UtcDateTimeField().python_value(text)


@pytest.mark.parametrize("text", ["", "x", "0a0b0c0d"])
def test_what_is_no_uuid_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="badly formed"):
        UUIDField().db_value(text)


@given(st.uuids())
def test_uuids_come_back(value: UUID) -> None:
    assert UUIDField().python_value(UUIDField().db_value(value)) == value


class Moment(peewee.Model):
    """A row that never reaches a database."""

    at = UtcDateTimeField()

    class Meta:
        database = Sqlite("never.sqlite3", Access.READ)


@given(st.datetimes(timezones=st.timezones(), min_value=EARLIEST, max_value=LATEST))
def test_moments_come_back(value: datetime) -> None:
    assert Moment.at.python_value(Moment.at.db_value(value)) == value.astimezone(UTC)


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Paint(Row):
    colour = EnumField(Colour, max_length=16)


def test_a_member_of_an_enumeration_is_stored_as_its_text() -> None:
    for value in (Colour.RED, "red"):
        stored = Paint.colour.db_value(value)
        assert (stored, type(stored)) == ("red", str)
    assert Paint.colour.python_value("green") is Colour.GREEN
    assert Paint.colour.db_value(None) is Paint.colour.python_value(None) is None


def test_a_text_of_a_later_version_stays_what_it_is() -> None:
    assert Paint.colour.python_value("blue") == Paint.colour.db_value("blue") == "blue"


def test_rows_have_members_of_enumerations(database: Database) -> None:
    with database.connection():
        User.create(id=ID, created_at=MOMENT, updated_at=MOMENT)
        UserState.create(user=ID, status=UserStatus.DISABLED, created_at=MOMENT)
        assert UserState.get_by_id(ID).status is UserStatus.DISABLED
        assert list(UserState.select(UserState.status).tuples()) == [(UserStatus.DISABLED,)]
        assert UserState.select().where(UserState.status == "disabled").count() == 1
        assert UserState.select().where(UserState.status == "nonsense").count() == 0
