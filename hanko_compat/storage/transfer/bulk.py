"""Many rows at once: by COPY on PostgreSQL, by INSERT with many rows on MySQL, prepared once on SQLite."""

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any
from uuid import UUID

from peewee import Model, __exception_wrapper__

from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import User
from hanko_compat.storage.transfer.rows import TABLES

Rows = dict[type[Any], list[Any]]
"""Rows by their kind, which is one of `hanko_compat.storage.transfer.rows`."""

# What COPY's text format has another spelling for.
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\b": r"\b", "\f": r"\f"})
ESCAPES[0x0B] = r"\v"
SPECIAL = re.compile(r"[\\\t\n\r\x08\f\v]")
NULL = r"\N"
SQLITE_CACHE = 32 * 1024
"""KiB of pages that SQLite keeps, instead of 2 MiB: random values lie all over each index, and a page that
does not fit is written several times in one transaction. It halves the time in the kernel."""
SQLITE_LOG = 16 * 1024
"""Pages of 4 KiB in SQLite's log before they are copied into the database, instead of 1,000, so those of one
transaction: a page that several transactions change is copied once."""


def insert(database: Database, rows: Rows) -> None:
    """Put *rows* in, tables before those that refer to them. Needs a transaction.

    Raises:
        IntegrityError: a primary or unique key has one of them, or what one refers to is missing.
    """
    if database.dialect == "sqlite":
        database.peewee.execute_sql(f"PRAGMA cache_size = -{SQLITE_CACHE}")
        database.peewee.execute_sql(f"PRAGMA wal_autocheckpoint = {SQLITE_LOG}")
    texts = _Texts()
    for kind, model in TABLES.items():
        found = rows.get(kind)
        if found:
            columns = _converted(model, kind, found, texts)
            if database.dialect == "postgres":
                _copy(database, model, kind._fields, columns)
            else:
                _insert(database, model, kind._fields, list(zip(*columns, strict=True)))


class _Texts(dict[datetime | UUID | None, str | None]):
    """Moments and IDs as the columns of the database have them, each converted once: most are there often."""

    def __missing__(self, value: datetime | UUID | None) -> str | None:
        if value is None:
            return None
        text = str(value) if isinstance(value, UUID) else str(User.created_at.db_value(value))
        self[value] = text
        return text


def _converted(model: Any, kind: Any, rows: Sequence[Any], texts: _Texts) -> list[Sequence[Any]]:
    """The columns of *rows* in the form in which the database takes them."""
    columns: list[Sequence[Any]] = []
    for name, values in zip(kind._fields, zip(*rows, strict=True), strict=True):
        field = model._meta.columns[name]
        # A reference is written as what it refers to.
        type_ = getattr(field, "rel_field", field).field_type
        is_shared = type_ in {"UUID", "DATETIME"}
        columns.append([texts[value] for value in values] if is_shared else values)
    return columns


def _insert(database: Database, model: type[Model], columns: Sequence[str], rows: Sequence[Any]) -> None:
    before, after = database.peewee.quote
    names = ", ".join(f"{before}{name}{after}" for name in columns)
    places = ", ".join([database.peewee.param] * len(columns))
    statement = f"INSERT INTO {before}{model._meta.table_name}{after} ({names}) VALUES ({places})"  # noqa: S608
    with __exception_wrapper__, closing(database.peewee.connection().cursor()) as cursor:
        cursor.executemany(statement, rows)


def _copy(
    database: Database, model: type[Model], names: Sequence[str], columns: Iterable[Sequence[Any]]
) -> None:
    shown = ", ".join(f'"{name}"' for name in names)
    rows = zip(*map(_column, columns), strict=True)
    text = "".join([f"{line}\n" for line in map("\t".join, rows)])
    statement = f'COPY "{model._meta.table_name}" ({shown}) FROM STDIN'
    with (
        __exception_wrapper__,
        closing(database.peewee.connection().cursor()) as cursor,
        cursor.copy(statement) as copy,
    ):
        copy.write(text.encode())


def _column(values: Sequence[Any]) -> Sequence[str]:
    """The values of a column in COPY's text format; texts without a special letter are that already."""
    if set(map(type, values)) == {str} and not SPECIAL.search("".join(values)):
        return values
    return [_text(value) for value in values]


def _text(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return str(value)
    text: str = value
    return text.translate(ESCAPES) if SPECIAL.search(text) else text
