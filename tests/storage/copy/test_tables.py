"""Rows in one form, whatever database they lie in."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from hanko_compat.errors.database import CopyRefused
from hanko_compat.storage.copy.tables import CopiedTable, Tally, tables
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.models import ALL_TABLES
from hanko_compat.storage.schema import migrate
from tests.storage import installations
from tests.storage.installations import execute

ROWS = [("1", None, True, 5), ("2", "", False, -5), ("3", "None", True, 0)]


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with a few users besides the signing key."""
    for number in range(7):
        values = f"'{installations.identifier(1, number)}', '2026-01-02 03:04:05.5', '2026-01-02'"
        with database.connection():
            database.peewee.execute_sql(f"INSERT INTO users (id, created_at, updated_at) VALUES ({values})")
    return database


def table(name: str, *, has_whole_seconds: bool = False, **options: int) -> CopiedTable:
    every = tables(has_whole_seconds=has_whole_seconds, **options)
    return next(each for each in every if each.name == name)


def test_every_table_and_column_is_copied_those_that_others_refer_to_first() -> None:
    known: set[str] = set()
    for model, copied in zip(ALL_TABLES, tables(has_whole_seconds=False), strict=True):
        assert (copied.name, sorted(copied.columns)) == (model._meta.table_name, sorted(model._meta.columns))
        assert copied.columns[0] == model._meta.primary_key.column_name
        assert {field.rel_model._meta.table_name for field in model._meta.refs} <= known
        known.add(copied.name)


def test_rows_come_in_batches_in_the_order_of_their_keys(filled: Database) -> None:
    batches = list(table("users", batch=3).read_all(filled))
    assert [len(rows) for rows in batches] == [3, 3, 1]
    assert [row[0] for rows in batches for row in rows] == [
        installations.identifier(1, number) for number in range(7)
    ]
    assert table("users").count(filled) == 7


def test_times_ids_and_booleans_have_one_form(filled: Database) -> None:
    exact, rough = (
        table("users", has_whole_seconds=whole).read(filled, after=None)[0] for whole in (False, True)
    )
    fraction = "000000" if filled.dialect == "mysql" else "500000"
    assert exact[:3] == (
        installations.identifier(1, 0),
        f"2026-01-02 03:04:05.{fraction}",
        "2026-01-02 00:00:00.000000",
    )
    assert rough[1:3] == ("2026-01-02 03:04:05", "2026-01-02 00:00:00")


@pytest.mark.servers
@pytest.mark.one_database
def test_times_go_into_columns_of_another_zone(empty_on: Callable[[str, str], str]) -> None:
    source = open_database(installations.make(empty_on("sqlite", "utc")))
    url = empty_on("mariadb", "zone")
    in_berlin, in_utc = open_database(f"{url}?loc=Europe%2FBerlin"), open_database(url)
    with in_berlin.connection():
        migrate.up(in_berlin)
    users = table("users", has_whole_seconds=True)
    rows = users.read(source, after=None)
    with in_berlin.connection():
        users.insert(in_berlin, rows)
    assert users.read(in_berlin, after=None) == rows
    assert users.read(in_utc, after=None) != rows
    for database in (source, in_berlin, in_utc):
        database.close_all()


def test_a_tally_does_not_depend_on_the_order() -> None:
    forwards, backwards = Tally().plus(ROWS), Tally()
    for row in reversed(ROWS):
        backwards = backwards.plus([row])
    assert forwards == backwards
    assert (forwards.rows, len(forwards.checksum)) == (3, 32)


@pytest.mark.parametrize(
    "others",
    [
        ROWS[:2],
        [*ROWS, ROWS[0]],
        [*ROWS, ROWS[0], ROWS[0]],
        [("1", "None", True, 5), *ROWS[1:]],
        [("1", None, 1, 5), *ROWS[1:]],
        [("1", None, True, "5"), *ROWS[1:]],
        [("1", None, True, 5), ("2", "", False, -5), ("None", "3", True, 0)],
    ],
)
def test_a_tally_tells_other_rows_apart(others: list[tuple[object, ...]]) -> None:
    assert Tally().plus(others) != Tally().plus(ROWS)


@pytest.mark.parametrize(
    ("kind", "stored", "form"),
    [
        ("UUID", UUID(int=10), "00000000-0000-0000-0000-00000000000a"),
        ("UUID", "00000000-0000-0000-0000-00000000000A", "00000000-0000-0000-0000-00000000000a"),
        ("UUID", "0000000000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"),
        ("DATETIME", datetime(2026, 1, 2, 3, 4, 5, 999_999), "2026-01-02 03:04:05"),  # noqa: DTZ001
        ("DATETIME", "2026-01-02 03:04:05.999999", "2026-01-02 03:04:05"),
        ("BOOL", 1, True),
        ("BOOL", 0, False),
        ("VARCHAR", "", ""),
        ("TEXT", "1", "1"),
        ("BIGINT", 2**62, 2**62),
    ],
)
def test_values_of_each_kind(kind: str, stored: object, form: object) -> None:
    fields = {"UUID": ("users", "id"), "DATETIME": ("users", "created_at"), "BOOL": ("emails", "verified")}
    fields |= {"VARCHAR": ("users", "name"), "TEXT": ("users", "picture")}
    name, column = fields.get(kind, ("hanko_compat_rate_limits", "hits"))
    copied = table(name, has_whole_seconds=True)
    converted = copied.converters[copied.columns.index(column)](stored)
    assert (converted, type(converted)) == (form, type(form))


def test_a_value_of_another_kind_is_told_without_showing_it(
    empty_on: Callable[[str, str], str],
) -> None:
    url = installations.make(empty_on("sqlite", "odd"))
    execute(url, "UPDATE users SET name = x'00ff' WHERE picture IS NULL")
    database = open_database(url)
    with pytest.raises(CopyRefused, match=r"rows of users \(from the first on\) can't be read: no text"):
        table("users").read(database, after=None)
    database.close_all()
