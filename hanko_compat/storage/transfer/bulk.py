"""Many rows at once: by COPY on PostgreSQL, by INSERT with many rows on MySQL, prepared once on SQLite."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from peewee import Model, __exception_wrapper__

from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import User
from hanko_compat.storage.transfer.rows import TABLES

Rows = dict[type[Any], list[Any]]
"""Rows by their kind, which is one of `hanko_compat.storage.transfer.rows`."""

# What COPY's text format has another spelling for.
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\b": r"\b", "\f": r"\f"})
ESCAPES[0x0B] = r"\v"
NULL = r"\N"
SQLITE_CACHE = 32 * 1024
"""KiB of pages that SQLite keeps, instead of 2 MiB: random values lie all over each index, and a page that
does not fit is written several times in one transaction. It halves the time in the kernel."""


def insert(database: Database, rows: Rows) -> None:
    """Put *rows* in, tables before those that refer to them. Needs a transaction.

    Raises:
        IntegrityError: a primary or unique key has one of them, or what one refers to is missing.
    """
    if database.dialect == "sqlite":
        database.peewee.execute_sql(f"PRAGMA cache_size = -{SQLITE_CACHE}")
    moments = _Moments()  # most are there many times
    for kind, model in TABLES.items():
        found = rows.get(kind)
        if found:
            columns = _converted(model, kind, found, moments)
            if database.dialect == "postgres":
                _copy(database, model, kind._fields, zip(*columns, strict=True))
            else:
                _insert(database, model, kind._fields, list(zip(*columns, strict=True)))


class _Moments(dict[datetime, str]):
    """Moments as the columns of the database have them, each converted once."""

    def __missing__(self, moment: datetime) -> str:
        self[moment] = text = str(User.created_at.db_value(moment))
        return text


def _converted(model: Any, kind: Any, rows: Sequence[Any], moments: _Moments) -> list[Sequence[Any]]:
    """The columns of *rows* in the form in which the database takes them."""
    columns: list[Sequence[Any]] = []
    for name, values in zip(kind._fields, zip(*rows, strict=True), strict=True):
        field = model._meta.columns[name]
        # A reference is written as what it refers to.
        type_ = getattr(field, "rel_field", field).field_type
        if type_ == "UUID":
            columns.append([None if value is None else str(value) for value in values])
        elif type_ == "DATETIME":
            columns.append([None if value is None else moments[value] for value in values])
        else:
            columns.append(values)
    return columns


def _insert(database: Database, model: type[Model], columns: Sequence[str], rows: Sequence[Any]) -> None:
    before, after = database.peewee.quote
    names = ", ".join(f"{before}{name}{after}" for name in columns)
    places = ", ".join([database.peewee.param] * len(columns))
    statement = f"INSERT INTO {before}{model._meta.table_name}{after} ({names}) VALUES ({places})"  # noqa: S608
    with __exception_wrapper__, closing(database.peewee.connection().cursor()) as cursor:
        cursor.executemany(statement, rows)


def _copy(database: Database, model: type[Model], columns: Sequence[str], rows: Iterable[Any]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    text = "".join(["\t".join([_text(value) for value in row]) + "\n" for row in rows])
    statement = f'COPY "{model._meta.table_name}" ({names}) FROM STDIN'
    with (
        __exception_wrapper__,
        closing(database.peewee.connection().cursor()) as cursor,
        cursor.copy(statement) as copy,
    ):
        copy.write(text.encode())


def _text(value: Any) -> str:
    """A value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return str(value)
    text: str = value
    return text if text.isalnum() else text.translate(ESCAPES)
