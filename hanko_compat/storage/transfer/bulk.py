"""Many rows at once: by COPY on PostgreSQL, by INSERT with many rows on MySQL, prepared once on SQLite."""

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from peewee import __exception_wrapper__

from hanko_compat.storage.engine.current import using
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import User
from hanko_compat.storage.transfer.rows import TABLES, Id

Rows = dict[type[Any], list[Any]]
"""Rows by their kind, which is one of `hanko_compat.storage.transfer.rows`."""

# What COPY's text format has another spelling for.
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\b": r"\b", "\f": r"\f"})
ESCAPES[0x0B] = r"\v"
SPECIAL = re.compile(r"[\\\t\n\r\x08\f\v]")
NULL = r"\N"
SQLITE_CACHE = 20 * 1024
"""KiB of pages that SQLite keeps, instead of 2 MiB: random values lie all over each index, and a page that
does not fit is written several times in one transaction. It saves two fifths of the time in the kernel, and
32 MiB would save half of it."""
SQLITE_LOG = 16 * 1024
"""Pages of 4 KiB in SQLite's log before they are copied into the database, instead of 1,000, so those of one
transaction: a page that several transactions change is copied once."""


class Prepared(NamedTuple):
    """Rows of one table in the form in which the database takes them: COPY's text, or else parameters."""

    table: str
    columns: tuple[str, ...]
    rows: bytes | list[tuple[Any, ...]]


def prepare(database: Database, rows: Rows) -> list[Prepared]:
    """Rows for `insert`, tables before those that refer to them. Needs no connection."""
    prepared, texts = list[Prepared](), _Texts()
    with using(database.peewee):
        for kind, model in TABLES.items():
            if found := rows.get(kind):
                columns = _converted(model, kind, found, texts)
                is_text = database.dialect == "postgres"
                form = _copy_text(columns) if is_text else list(zip(*columns, strict=True))
                prepared.append(Prepared(model._meta.table_name, kind._fields, form))
    return prepared


def insert(database: Database, prepared: Iterable[Prepared]) -> None:
    """Put rows in. Needs a transaction.

    Raises:
        IntegrityError: a primary or unique key has one of them, or what one refers to is missing.
    """
    if database.dialect == "sqlite":
        database.peewee.execute_sql(f"PRAGMA cache_size = -{SQLITE_CACHE}")
        database.peewee.execute_sql(f"PRAGMA wal_autocheckpoint = {SQLITE_LOG}")
    before, after = database.peewee.quote
    for table, columns, rows in prepared:
        names = ", ".join(f"{before}{name}{after}" for name in columns)
        with __exception_wrapper__, closing(database.peewee.connection().cursor()) as cursor:
            if isinstance(rows, bytes):
                with cursor.copy(f"COPY {before}{table}{after} ({names}) FROM STDIN") as copy:
                    copy.write(rows)
            else:
                places = ", ".join([database.peewee.param] * len(columns))
                cursor.executemany(f"INSERT INTO {before}{table}{after} ({names}) VALUES ({places})", rows)  # noqa: S608


class _Texts(dict[datetime | Id | None, str | None]):
    """Moments and IDs as the columns of the database have them, each converted once: most are there often."""

    def __missing__(self, value: datetime | Id | None) -> str | None:
        if value is None or isinstance(value, str):
            return value
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
        is_text = type_ not in {"UUID", "DATETIME"} or _are_texts(values)
        columns.append(values if is_text else [texts[value] for value in values])
    return columns


def _copy_text(columns: Iterable[Sequence[Any]]) -> bytes:
    rows = zip(*map(_column, columns), strict=True)
    return "".join([f"{line}\n" for line in map("\t".join, rows)]).encode()


def _column(values: Sequence[Any]) -> Sequence[str]:
    """The values of a column in COPY's text format; texts without a special letter are that already."""
    if _are_texts(values) and not SPECIAL.search("".join(values)):
        return values
    return [_text(value) for value in values]


def _are_texts(values: Iterable[Any]) -> bool:
    return set(map(type, values)) == {str}


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
