"""What peewee expects of a cursor, and what PostgreSQL's errors become, on a real server."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import peewee
import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine import postgres_cursor
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.postgres_cursor import PreparedQueries
from tests.servers.postgres import Postgres
from tests.storage.conftest import OpenDatabase

pytestmark = pytest.mark.servers


@pytest.fixture
def database(open_database: OpenDatabase, postgres: Postgres) -> Database:
    return open_database(postgres.create_database("cursor"))


@pytest.fixture
def peewee_database(database: Database) -> Iterator[Any]:
    with database.connection():
        yield database.peewee


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", "per % cent, $1, %s and ünïcode"),
        ("text", ""),
        ("integer", -7),
        ("bigint", 2**40),
        ("boolean", True),
        ("boolean", False),
        ("bytea", b"\x00\xff'"),
        ("uuid", UUID(int=7)),
        ("timestamp", datetime.fromisoformat("2026-01-02 03:04:05.678901")),
        ("text", None),
    ],
)
def test_a_value_comes_back_as_it_was(peewee_database: Any, type_: str, value: object) -> None:
    for _ in range(3):
        cursor = peewee_database.execute_sql(f"SELECT %s::{type_} AS value, '%%'", (value,))
        assert cursor.description == [("value",), ("?column?",)]
        assert cursor.fetchall() == [(value, "%")]


def test_rows_come_one_by_one_or_all_that_are_left(peewee_database: Any) -> None:
    cursor = peewee_database.execute_sql("SELECT generate_series(1, %s)", (4,))
    assert (cursor.rowcount, cursor.fetchone(), cursor.fetchone()) == (4, (1,), (2,))
    assert (cursor.fetchall(), cursor.fetchone(), cursor.fetchall()) == ([(3,), (4,)], None, [])


def test_the_rows_that_were_touched_are_counted(peewee_database: Any) -> None:
    assert peewee_database.execute_sql("CREATE TABLE numbers (number integer)").rowcount == -1
    insert = peewee_database.execute_sql("INSERT INTO numbers SELECT generate_series(1, %s)", (5,))
    assert (insert.rowcount, insert.description, insert.fetchone()) == (5, None, None)
    assert peewee_database.execute_sql("DELETE FROM numbers WHERE number > %s", (3,)).rowcount == 2
    taken = peewee_database.execute_sql("DELETE FROM numbers WHERE number < %s RETURNING number", (3,))
    assert (taken.rowcount, sorted(taken.fetchall())) == (2, [(1,), (2,)])


def test_the_same_query_takes_values_of_other_types(peewee_database: Any) -> None:
    found = [
        peewee_database.execute_sql("SELECT %s::text", (value,)).fetchone() for value in (1, "a", None, 2)
    ]
    assert found == [("1",), ("a",), (None,), ("2",)]


def test_an_error_is_peewees_and_leaves_the_connection_usable(peewee_database: Any) -> None:
    peewee_database.execute_sql("CREATE TABLE keys (id uuid PRIMARY KEY)")
    insert, key = "INSERT INTO keys VALUES (%s)", uuid4()
    peewee_database.execute_sql(insert, (key,))
    with pytest.raises(peewee.IntegrityError) as raised, peewee_database.atomic():
        peewee_database.execute_sql(insert, (key,))
    assert raised.value.orig.sqlstate == "23505"
    with pytest.raises(peewee.ProgrammingError):
        peewee_database.execute_sql("SELECT nothing_there FROM keys WHERE id = %s", (key,))
    assert peewee_database.execute_sql("SELECT count(*) FROM keys").fetchone() == (1,)


def keep_prepared(peewee_database: Any, *, most: int) -> None:
    """Let the connection in use keep no more queries prepared."""
    connection = peewee_database.connection()
    connection.prepared_queries = PreparedQueries(connection, most=most)


def test_of_many_queries_the_least_used_are_forgotten(peewee_database: Any) -> None:
    keep_prepared(peewee_database, most=3)
    for turn in range(3):
        for number in range(5):
            query = f"SELECT %s + {number}"
            assert peewee_database.execute_sql(query, (turn,)).fetchone() == (turn + number,)
    assert peewee_database.execute_sql("SELECT count(*) FROM pg_prepared_statements").fetchone() == (3,)


def test_a_query_is_forgotten_within_a_failed_transaction_too(database: Database) -> None:
    def fail() -> None:
        keep_prepared(database.peewee, most=1)
        for number in range(3):
            database.peewee.execute_sql(f"SELECT %s / {number}", (1,))

    with pytest.raises(peewee.DataError):
        database.transaction(fail)
    with database.connection():
        assert database.peewee.execute_sql("SELECT %s + 1", (1,)).fetchone() == (2,)


def test_a_connection_that_broke_is_no_longer_used(database: Database) -> None:
    def kill() -> None:
        database.peewee.execute_sql("SELECT pg_terminate_backend(pg_backend_pid()), %s", (1,))

    with pytest.raises(DatabaseUnavailable), database.connection():
        kill()
    with database.connection():
        assert database.peewee.execute_sql("SELECT %s", ("a",)).fetchone() == ("a",)


def test_a_cursor_of_its_own_needs_a_connection(database: Database) -> None:
    with pytest.raises(peewee.InterfaceError):
        database.peewee.cursor()


def test_of_many_queries_no_more_are_prepared_where_libpq_cannot_close(
    peewee_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before version 17. By name would be no way through PgBouncer, which gives its own."""
    monkeypatch.setattr(postgres_cursor, "_may_close", lambda: False)
    keep_prepared(peewee_database, most=3)
    for turn in range(3):
        for number in range(5):
            query = f"SELECT %s + {number}"
            assert peewee_database.execute_sql(query, (turn,)).fetchone() == (turn + number,)
    assert peewee_database.execute_sql("SELECT count(*) FROM pg_prepared_statements").fetchone() == (3,)


def test_nothing_is_prepared_where_that_is_off(open_database: OpenDatabase, postgres: Postgres) -> None:
    """Not by psycopg either, which does so by itself from the fifth time on."""
    database = open_database(postgres.create_database("cursor"), prepared_statements=False)
    with database.connection():
        connection = database.peewee.connection()
        for number in range(10):
            assert database.peewee.execute_sql("SELECT %s + 1", (number,)).fetchone() == (number + 1,)
            assert database.peewee.answers(connection)
        found = database.peewee.execute_sql("SELECT count(*) FROM pg_prepared_statements")
        assert found.fetchone() == (0,)


def test_the_same_query_has_the_same_name_everywhere(database: Database) -> None:
    """So that behind a pooler a name that another process gave never stands for another query."""

    def names(*queries: str) -> list[str]:
        keep_prepared(database.peewee, most=10)
        for query in queries:
            database.peewee.execute_sql(query, (1,))
        kept = "SELECT name FROM pg_prepared_statements ORDER BY prepare_time"
        found = [name for (name,) in database.peewee.execute_sql(kept).fetchall()]
        database.peewee.execute_sql("DEALLOCATE ALL")
        return found

    with database.connection():
        first, second = names("SELECT %s + 1", "SELECT %s + 2")
        assert names("SELECT %s + 2", "SELECT %s + 1") == [second, first]


ALTER = "ALTER TABLE things ALTER COLUMN name TYPE {}"
FIND = "SELECT name FROM things WHERE id = %s"


@pytest.fixture
def things(database: Database) -> Database:
    with database.connection():
        database.peewee.execute_sql("CREATE TABLE things (id integer, name varchar(10))")
        database.peewee.execute_sql("INSERT INTO things VALUES (1, 'a')")
    return database


def test_a_query_is_prepared_again_after_its_table_was_altered(things: Database) -> None:
    with things.connection():
        for type_ in ("text", "varchar(20)", "text"):
            for _ in range(2):
                assert things.peewee.execute_sql(FIND, (1,)).fetchall() == [("a",)]
            things.peewee.execute_sql(ALTER.format(type_))
        assert things.peewee.execute_sql(FIND, (1,)).fetchall() == [("a",)]
        assert things.peewee.execute_sql(FIND, (1,)).fetchall() == [("a",)]
        kept = "SELECT statement FROM pg_prepared_statements"
        assert things.peewee.execute_sql(kept).fetchall() == [("SELECT name FROM things WHERE id = $1 -- 3",)]


@pytest.mark.parametrize("statement", [ALTER.format("text"), "DEALLOCATE ALL"])
@pytest.mark.parametrize("in_savepoint", [False, True])
def test_a_transaction_is_run_again_when_its_query_is_out_of_date(
    things: Database, statement: str, *, in_savepoint: bool
) -> None:
    runs: list[str] = []

    def work() -> list[tuple[str]]:
        runs.append("run")
        things.peewee.execute_sql("INSERT INTO things VALUES (%s, 'b')", (len(runs) + 10,))
        with things.savepoint() if in_savepoint else nullcontext():
            found: list[tuple[str]] = things.peewee.execute_sql(FIND, (1,)).fetchall()
        return found

    assert things.transaction(work) == [("a",)]
    with things.connection():
        things.peewee.execute_sql(statement)
    assert things.transaction(work) == [("a",)]
    with things.connection():
        count = "SELECT count(*) FROM things WHERE name = 'b'"
        assert things.peewee.execute_sql(count).fetchone() == (2,)
    assert len(runs) == 3


def test_what_was_lost_or_is_somebody_elses_ends_preparing(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """As a pooler does that hands the connection on: the query runs, and the log says which key to set."""
    with database.connection():
        peewee_database = database.peewee
        assert peewee_database.execute_sql("SELECT %s + 1", (1,)).fetchone() == (2,)
        peewee_database.execute_sql("DEALLOCATE ALL")
        assert peewee_database.execute_sql("SELECT %s + 1", (2,)).fetchone() == (3,)
        assert peewee_database.execute_sql("SELECT %s + 5", (2,)).fetchone() == (7,)
        found = peewee_database.execute_sql("SELECT count(*) FROM pg_prepared_statements")
        assert found.fetchone() == (0,)
    (record,) = [each for each in caplog.records if each.message == "prepared_statements_lost"]
    assert "hanko_compat.database.prepared_statements to false" in record.reason


def test_a_name_that_is_taken_is_no_error(database: Database) -> None:
    with database.connection():
        peewee_database = database.peewee
        peewee_database.execute_sql("SELECT %s + 1", (1,))
        keep_prepared(peewee_database, most=3)  # a new client of the same connection
        assert peewee_database.execute_sql("SELECT %s + 1", (1,)).fetchone() == (2,)


def test_what_is_not_supported_stays_an_error(database: Database) -> None:
    """It has the same SQLSTATE as a result that has changed."""
    with database.connection(), pytest.raises(peewee.NotSupportedError):
        database.peewee.execute_sql("SELECT max(%s) FOR UPDATE", (1,))
