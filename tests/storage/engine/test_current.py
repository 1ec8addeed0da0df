"""Models are those of the database whose unit of work a thread is in."""

import gc
import weakref
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from peewee import InterfaceError

from hanko_compat.clock import utc_now
from hanko_compat.storage.engine.current import CURRENT_DATABASE
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.models import User
from hanko_compat.storage.schema import migrate
from hanko_compat.storage.users import users as user_rows
from tests.storage.conftest import OpenDatabase


@pytest.fixture
def other(open_database: OpenDatabase, tmp_path: Path) -> Database:
    """A second database with the current schema."""
    database = open_database(f"sqlite:///{tmp_path}/other.sqlite3")
    migrate.up(database)
    return database


def add(name: str) -> None:
    User.create(id=uuid4(), name=name, created_at=utc_now(), updated_at=utc_now())


def names(database: Database) -> list[str]:
    with database.connection():
        return [row.name for row in User.select().order_by(User.name)]


def test_each_unit_of_work_has_its_database(database: Database, other: Database) -> None:
    with database.connection():
        add("one")
    with other.connection():
        add("two")
    assert (names(database), names(other)) == (["one"], ["two"])


def test_units_of_work_on_two_databases_may_be_nested(database: Database, other: Database) -> None:
    with database.connection():
        with other.connection():
            add("inner")
            with database.connection():
                add("outer, from within")
            add("inner again")
        add("outer")
    assert names(database) == ["outer", "outer, from within"]
    assert names(other) == ["inner", "inner again"]


def test_transactions_on_two_databases_may_be_nested(database: Database, other: Database) -> None:
    def work() -> None:
        add("one")
        other.transaction(inner_work)
        other.write(lambda: add("three"))

    def inner_work() -> None:
        add("two")
        database.transaction(lambda: add("joined"))
        with database.savepoint():
            add("saved")
        other.transaction(lambda: add("four"))

    database.transaction(work)
    assert names(database) == ["joined", "one", "saved"]
    assert names(other) == ["four", "three", "two"]


def test_what_fails_in_one_leaves_the_other_as_it_was(database: Database, other: Database) -> None:
    def fail() -> None:
        add("lost")
        raise LookupError

    with database.connection():
        with pytest.raises(LookupError):
            other.transaction(fail)
        add("kept")
    assert (names(database), names(other)) == (["kept"], [])


def test_a_query_outside_of_any_unit_of_work_says_so(database: Database) -> None:
    for query in (lambda: add("none"), User.select().count, lambda: user_rows.exists(uuid4())):
        with pytest.raises(InterfaceError, match=r"outside of Database\.connection\(\)"):
            query()
    assert CURRENT_DATABASE.obj is None


def test_another_thread_has_no_part_in_a_unit_of_work(database: Database) -> None:
    found: list[object] = []
    with database.connection():
        thread = Thread(target=lambda: found.append(CURRENT_DATABASE.obj))
        thread.start()
        thread.join()
        assert CURRENT_DATABASE.obj is database.peewee
    assert found == [None]


def test_a_database_that_is_used_no_more_is_forgotten(tmp_path: Path) -> None:
    def use() -> weakref.ref[object]:
        database = open_database(f"sqlite:///{tmp_path}/forgotten.sqlite3")
        migrate.up(database)
        with database.connection():
            add("one")
            assert not user_rows.exists(uuid4())
        return weakref.ref(database.peewee)

    forgotten = use()
    for _ in range(3):  # classes go in several steps
        gc.collect()
    assert forgotten() is None
