"""Further indexes on a database that Hanko owns: made only when the operator asks for them.

Our queries run without them, more slowly as the tables grow, and Hanko works with them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from peewee import Model

from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import HANKO_TABLES

NOT_ON_MYSQL = {
    ("emails", ("user_id", "id", "address")),
    ("sessions", ("user_id", "id", "created_at", "expires_at", "last_used")),
}
"""MySQL would drop its indexes of foreign keys for them, which end with the primary key anyway."""

# What an interrupted CREATE INDEX CONCURRENTLY leaves behind.
INVALID = """
    SELECT c.relname FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace
"""


def missing(database: Database) -> list[str]:
    """The statements that make the missing indexes; one on the same columns counts under any name."""
    with database.connection():
        return list(_statements(database))


class Indexed:
    """Whether some tables have all the indexes that they should; looked up until they have."""

    def __init__(self, database: Database, *tables: type[Model]) -> None:
        self._database = database
        self._tables = tables
        self._has_all = False

    def __call__(self) -> bool:
        """Whether they have."""
        if not self._has_all:
            with self._database.connection():
                self._has_all = next(_statements(self._database, self._tables), None) is None
        return self._has_all


def create(database: Database) -> list[str]:
    """Make what is missing, without locking out writers on PostgreSQL, and return the statements."""
    with database.unhurried():
        done = list(_statements(database))
        for statement in done:
            database.peewee.execute_sql(statement)
    return done


def _statements(database: Database, tables: Iterable[type[Model]] = HANKO_TABLES) -> Iterator[str]:
    is_postgres = database.dialect == "postgres"
    rows = database.peewee.execute_sql(INVALID).fetchall() if is_postgres else []
    invalid = {name for (name,) in rows}
    manner = "CONCURRENTLY " if is_postgres else ""
    is_mysql = database.dialect == "mysql"
    for index in _wanted(tables):
        table, columns = index._table.__name__, tuple(field.column_name for field in index._expressions)
        if is_mysql and (table, columns) in NOT_ON_MYSQL:
            continue
        if index._name in invalid:
            yield f"DROP INDEX {manner}{index._name}"
        elif columns in {tuple(present.columns) for present in database.peewee.get_indexes(table)}:
            continue
        yield f"CREATE INDEX {manner}{index._name} ON {table} ({', '.join(columns)})"


def _wanted(tables: Iterable[type[Model]]) -> Iterator[Any]:
    model: Any
    for model in tables:
        # Hanko 3 moved some of its unique keys; those are never made here.
        yield from (index for index in model._meta.fields_to_index() if not index._unique)
