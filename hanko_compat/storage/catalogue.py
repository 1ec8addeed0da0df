"""Whose database this is, read from its catalogue and never from a version number.

A table ``schema_migration`` means that Hanko owns the schema, ``tenants`` that it is version 3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from hanko_compat import errors
from hanko_compat.storage import history
from hanko_compat.storage.database import Database
from hanko_compat.storage.models import HANKO_TABLES

HANKO_HISTORY = "schema_migration"

COLUMNS = {
    "sqlite": (
        "SELECT m.name, p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p"
        " WHERE m.type = 'table'"
    ),
    "postgres": (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    ),
    "mysql": "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = database()",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """What is there: ``version`` of Hanko, None when empty; ``pending``, the migrations to apply."""

    owner: Literal["nobody", "us", "hanko"]
    version: Literal[2, 3] | None
    tenants: int
    pending: tuple[str, ...]


def inspect(database: Database) -> Layout:
    """Find out whose schema it is and what it lacks.

    Raises:
        SchemaUnsupported: tables that are neither Hanko's nor ours, or a Hanko schema without a table
            or column of 2.7; the text names what is missing.
        DatabaseUnavailable: no answer.
    """
    with database.connection():
        tables = columns(database)
        if HANKO_HISTORY in tables:
            _require_layout(tables)
            is_v3 = "tenants" in tables
            return Layout(
                owner="hanko",
                version=3 if is_v3 else 2,
                tenants=_count(database, "tenants") if is_v3 else 1,
                pending=history.pending(database, history.ON_HANKOS),
            )
        pending = history.pending(database, history.ON_OURS)
        if history.TABLE in tables:
            if not pending:
                _require_layout(tables)
            return Layout(owner="us", version=2, tenants=1, pending=pending)
        _require_empty(tables)
        return Layout(owner="nobody", version=None, tenants=0, pending=pending)


def columns(database: Database) -> dict[str, set[str]]:
    """Every table with the names of its columns. Needs a connection."""
    tables: dict[str, set[str]] = {}
    for table, column in database.peewee.execute_sql(COLUMNS[database.dialect]).fetchall():
        tables.setdefault(table, set()).add(column)
    return tables


def _count(database: Database, table: str) -> int:
    return int(database.peewee.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def _require_layout(tables: Mapping[str, set[str]]) -> None:
    missing = list(_missing(tables))
    if missing:
        raise errors.SchemaUnsupported(
            "the schema is not that of Hanko 2.7 or 3.0; missing: "
            + ", ".join(missing)
            + "; migrate it with Hanko 2.7 first (hanko migrate up)"
        )


def _missing(tables: Mapping[str, set[str]]) -> Iterable[str]:
    for model in HANKO_TABLES:
        name = model._meta.table_name
        if name not in tables:
            yield name
            continue
        yield from (f"{name}.{column}" for column in sorted(set(model._meta.columns) - tables[name]))


def _require_empty(tables: Mapping[str, set[str]]) -> None:
    taken = sorted({model._meta.table_name for model in HANKO_TABLES} & set(tables))
    if taken:
        raise errors.SchemaUnsupported(
            f"tables of another application are in the way: {', '.join(taken)}; name an empty database,"
            f" or one that Hanko or hanko_compat made ({HANKO_HISTORY}, {history.TABLE}: both missing)"
        )
