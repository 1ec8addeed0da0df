"""The tables of an installation as a copy sees them: rows in one form, whatever database they lie in.

A table is known here by its names alone, and a row is a tuple of texts, numbers and booleans: what each
database takes, and what is compared.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import Any
from uuid import UUID

import peewee
from peewee import __exception_wrapper__

from hanko_compat.errors.database import CopyRefused
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import ALL_TABLES

Row = tuple[Any, ...]

BATCH = 500
"""Rows that are held in memory at a time."""

DIGEST_SIZE = 16  # bytes


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows, and the sum of their digests: the same in whatever order they come."""

    rows: int = 0
    digest: int = 0

    def plus(self, rows: Sequence[Row]) -> "Tally":
        """The tally with *rows* counted in."""
        digest = sum((_digest(row) for row in rows), self.digest)
        return Tally(self.rows + len(rows), digest % 256**DIGEST_SIZE)

    @property
    def checksum(self) -> str:
        """The digest as 32 hexadecimal digits."""
        return f"{self.digest:0{2 * DIGEST_SIZE}x}"


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table; ``columns`` begins with its primary key, ``converters`` bring values into the one form.

    No more than ``batch`` rows are held in memory at a time.
    """

    name: str
    columns: tuple[str, ...]
    converters: tuple[Callable[[Any], Any], ...]
    batch: int = BATCH

    def read(self, database: Database, *, after: str | None) -> list[Row]:
        """The next rows by primary key, behind *after*, which is one as text; None: the first ones.

        Raises:
            CopyRefused: a value is not of its column's kind, or the account may not read the table.
        """
        table, *columns = self._quoted(database)
        key = columns[0]
        behind = f"WHERE {key} > {database.peewee.param}" if after is not None else ""
        statement = f"SELECT {', '.join(columns)} FROM {table} {behind} ORDER BY {key} LIMIT {self.batch}"  # noqa: S608
        parameters = () if after is None else (self.converters[0](after),)
        try:
            return [self._in_one_form(row) for row in _fetch(database, statement, parameters)]
        except (ValueError, peewee.DatabaseError) as error:
            place = f"behind {after}" if after else "from the first on"
            raise CopyRefused(
                f"{database.name}: rows of {self.name} ({place}) can't be read: {error}"
            ) from error

    def read_all(self, database: Database) -> Iterator[list[Row]]:
        """All rows, a batch at a time."""
        after = None
        while rows := self.read(database, after=after):
            yield rows
            after = str(rows[-1][0])

    def insert(self, database: Database, rows: Sequence[Row]) -> None:
        """Put *rows* in. Needs a connection, and a transaction to be taken back as a whole."""
        table, *columns = self._quoted(database)
        places = ", ".join([database.peewee.param] * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
        with __exception_wrapper__, closing(database.peewee.connection().cursor()) as cursor:
            cursor.executemany(statement, self._in_columns(database, rows))

    def _in_columns(self, database: Database, rows: Sequence[Row]) -> Sequence[Row]:
        """The *rows* as the columns have them: MySQL's may have times of another zone than UTC."""
        if database.peewee.dialect != "mysql" or database.peewee.zone.is_utc:
            return rows
        zone = database.peewee.zone
        return [
            tuple(
                str(zone.write(datetime.fromisoformat(value).replace(tzinfo=UTC)))
                if value is not None and is_moment(convert)
                else value
                for value, convert in zip(row, self.converters, strict=True)
            )
            for row in rows
        ]

    def count(self, database: Database) -> int:
        """How many rows there are.

        Raises:
            CopyRefused: the account may not read the table.
        """
        try:
            return int(_fetch(database, f"SELECT count(*) FROM {self._quoted(database)[0]}")[0][0])  # noqa: S608
        except peewee.DatabaseError as error:
            raise CopyRefused(f"{database.name}: rows of {self.name} can't be counted: {error}") from error

    def _in_one_form(self, row: Row) -> Row:
        return tuple(
            value if value is None else convert(value)
            for value, convert in zip(row, self.converters, strict=True)
        )

    def _quoted(self, database: Database) -> list[str]:
        """The names of table and columns as this database's SQL has them."""
        before, after = database.peewee.quote
        return [f"{before}{name}{after}" for name in (self.name, *self.columns)]


def tables(*, has_whole_seconds: bool, batch: int = BATCH) -> tuple[CopiedTable, ...]:
    """Every table, those that others refer to first; *has_whole_seconds*: times lose their fractions.

    No more than *batch* rows are held in memory at a time.
    """
    return tuple(_table(model, has_whole_seconds=has_whole_seconds, batch=batch) for model in ALL_TABLES)


def _table(model: type[peewee.Model], *, has_whole_seconds: bool, batch: int) -> CopiedTable:
    meta = model._meta
    fields = sorted(meta.sorted_fields, key=lambda field: field is not meta.primary_key)
    kinds = _KINDS | {
        "DATETIME": partial(_moment, timespec="seconds" if has_whole_seconds else "microseconds")
    }
    return CopiedTable(
        name=meta.table_name,
        columns=tuple(field.column_name for field in fields),
        converters=tuple(kinds[field.field_type] for field in fields),
        batch=batch,
    )


def _fetch(database: Database, statement: str, parameters: Row = ()) -> list[Row]:
    with database.connection():
        return list(database.peewee.execute_sql(statement, parameters).fetchall())


def is_moment(convert: Callable[[Any], Any]) -> bool:
    """Whether *convert* is for a column of times."""
    return isinstance(convert, partial) and convert.func is _moment


def _uuid(value: UUID | str) -> str:
    return str(value if isinstance(value, UUID) else UUID(value))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004
    return value


def _moment(value: datetime | str, *, timespec: str) -> str:
    """Naive UTC as text of one width; MySQL would round a fraction up, into the future."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec=timespec)


_KINDS: dict[str, Callable[[Any], Any]] = {
    "AUTO": int,
    "BIGINT": int,
    "BOOL": bool,
    "INT": int,
    "TEXT": _text,
    "UUID": _uuid,
    "VARCHAR": _text,
}


def _digest(row: Row) -> int:
    # The repr of texts, numbers, booleans and None is different for different rows, and made in C.
    return int.from_bytes(blake2b(repr(row).encode(), digest_size=DIGEST_SIZE).digest())
