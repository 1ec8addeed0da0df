"""Whose database this is, read from its catalogue and never from a version number.

A table ``schema_migration`` means that Hanko owns the schema, ``tenants`` that it is version 3,
``hanko_compat_copy`` that the rows are not all there yet.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Literal

from hanko_compat.errors.database import RightsMissing, SchemaUnsupported
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import HANKO_TABLES
from hanko_compat.storage.schema import history

HANKO_HISTORY = "schema_migration"
TENANTS = "tenants"
UNFINISHED_COPY = "hanko_compat_copy"

Tables = dict[str, dict[str, bool]]
"""The columns of each table, and whether every new row has to name them."""

# Table, column, and whether every new row has to name it.
COLUMNS = {
    "sqlite": (
        "SELECT m.name, p.name, 0 FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p"
        " WHERE m.type = 'table'"
    ),
    # information_schema would hide the tables that the account has no right on.
    "postgres": (
        "SELECT c.relname, a.attname, a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''"
        " FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid"
        " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attnum > 0"
        " AND NOT a.attisdropped"
    ),
    "mysql": (
        "SELECT table_name, column_name, is_nullable = 'NO' AND column_default IS NULL"
        " AND position('auto_increment' IN extra) = 0"
        " FROM information_schema.columns WHERE table_schema = database()"
    ),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout: ``version`` of Hanko, None when empty; ``pending``, the migrations to apply.

    ``tables`` names every table, those of others included.
    """

    owner: Literal["nobody", "us", "hanko"]
    version: Literal[2, 3] | None
    tenants: int
    pending: tuple[str, ...]
    tables: Collection[str] = field(default=(), compare=False, repr=False)


def inspect(database: Database) -> Layout:
    """Find out whose schema it is and what it lacks.

    Raises:
        SchemaUnsupported: tables that are neither Hanko's nor ours, a Hanko schema without a table or column
            of 2.7, or one with a column that we would have to fill; the text names what is missing.
        RightsMissing: the account may not read the catalogue.
        DatabaseUnavailable: no answer.
    """
    with database.connection(), database.explain_denials():
        tables = columns(database)
        if HANKO_HISTORY in tables:
            _require_layout(tables, database)
            is_v3 = TENANTS in tables
            return Layout(
                owner="hanko",
                version=3 if is_v3 else 2,
                tenants=_count(database, TENANTS) if is_v3 else 1,
                pending=history.pending(database, history.ON_HANKOS),
                tables=tables,
            )
        pending = history.pending(database, history.ON_OURS)
        if history.TABLE in tables:
            if not pending:
                _require_layout(tables, database)
            return Layout(owner="us", version=2, tenants=1, pending=pending, tables=tables)
        _require_empty(tables)
        return Layout(owner="nobody", version=None, tenants=0, pending=pending, tables=tables)


class Ownership:
    """Whether a database is ours, and no Hanko has a say in it; looked up once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._is_ours: bool | None = None

    def __call__(self) -> bool:
        """Whether it is.

        Raises:
            SchemaUnsupported: tables that are neither Hanko's nor ours.
            DatabaseUnavailable: no answer.
        """
        if self._is_ours is None:
            self._is_ours = inspect(self._database).owner != "hanko"
        return self._is_ours


def columns(database: Database) -> Tables:
    """Every table with its columns, also where the account has no right on it. Needs a connection.

    Raises:
        RightsMissing: the account may use no schema of PostgreSQL's search_path.
    """
    tables: Tables = {}
    for table, column, has_to_be_named in database.peewee.execute_sql(COLUMNS[database.dialect]).fetchall():
        tables.setdefault(table, {})[column] = bool(has_to_be_named)
    if not tables and database.dialect == "postgres":
        _require_schema(database)
    return tables


def _require_schema(database: Database) -> None:
    schema, path = database.peewee.execute_sql(
        "SELECT current_schema(), current_setting('search_path')"
    ).fetchone()
    if schema is None:
        raise RightsMissing(
            f"the account of {database.name} may not use any schema of its search_path, {path}:"
            " GRANT USAGE ON SCHEMA public, or set the search_path to the schema that has the tables"
        )


def _count(database: Database, table: str) -> int:
    return int(database.peewee.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def _require_layout(tables: Tables, database: Database) -> None:
    missing = list(_missing(tables))
    if missing:
        raise SchemaUnsupported(
            "the schema is older than that of Hanko 2.7, or unknown; missing: "
            + ", ".join(missing)
            + "; migrate it with Hanko 2.7 first (hanko migrate up)"
            + ("; or GRANT rights: tables without any are hidden" if database.dialect == "mysql" else "")
        )
    unknown = list(_unknown(tables))
    if unknown:
        raise SchemaUnsupported(
            "the schema is newer than that of Hanko 3.0, or unknown: every new row would have to name "
            + ", ".join(unknown)
            + "; use a release of hanko_compat that knows this version of Hanko"
        )


def _missing(tables: Tables) -> Iterator[str]:
    for model in HANKO_TABLES:
        name = model._meta.table_name
        if name not in tables:
            yield name
            continue
        yield from (f"{name}.{column}" for column in sorted(set(model._meta.columns) - set(tables[name])))


def _unknown(tables: Tables) -> Iterator[str]:
    """Columns without a default that no INSERT of ours names."""
    for model in HANKO_TABLES:
        name = model._meta.table_name
        others = set(tables[name]) - set(model._meta.columns)
        yield from (f"{name}.{column}" for column in sorted(others) if tables[name][column])


def _require_empty(tables: Tables) -> None:
    taken = sorted({model._meta.table_name for model in HANKO_TABLES} & set(tables))
    if taken:
        raise SchemaUnsupported(
            f"tables of another application are in the way: {', '.join(taken)}; name an empty database,"
            f" or one that Hanko or hanko_compat made ({HANKO_HISTORY}, {history.TABLE}: both missing)"
        )
