"""Queries whose SQL is built once: peewee takes longer to build a query than a database to run it.

A statement is written like any query of peewee, with an `argument` wherever a value comes in later. It is
built when it first runs, and once more for each other database.

What it gains, in CPU time of the server's process per request (microseconds):

========================  =====  =====  =====  =====  =====  =====
                          PostgreSQL 15        SQLite
                          -------------------  -------------------
                          this   plain         this   plain
========================  =====  =====  =====  =====  =====  =====
`GET /me`                 1,418  2,776  +96%   1,711  3,386  +98%
`POST /users`             1,512  2,128  +41%   1,511  2,090  +38%
`GET /sessions/validate`  838    1,128  +35%   782    1,018  +30%
`POST /user`              953    1,233  +29%   759    1,026  +35%
========================  =====  =====  =====  =====  =====  =====

Plain are the same queries of peewee 4.5, built and read by peewee each time. Measured on two busy cores with
keys for EdDSA, the data of ``make bench``, ``serve --workers 1`` and wrk with four connections: medians of
four rounds of three seconds, both servers in turns.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import peewee

from hanko_compat.storage.engine.current import CURRENT_DATABASE

_ALIKE = (peewee.ModelTupleCursorWrapper, peewee.ModelObjectCursorWrapper)
"""What peewee reads rows with that it reads one like the other: as tuples, or as rows of one table."""


class _Slot(NamedTuple):
    """The place of a value among a statement's parameters."""

    name: str
    convert: Callable[[Any], Any]


class _Built:
    """A query with its SQL; ``slots`` holds what is no slot as it is. Threads share it."""

    def __init__(self, query: Any) -> None:
        self._query = query
        self.sql, self.slots = query.sql()
        # Known after the first run; put down as a whole, as two threads may find it out at once.
        self._read: Callable[[Any], Any] | None = None

    def rows(self, cursor: Any) -> list[Any]:
        """What the query gives; peewee would find out anew each time which column is converted and how."""
        read = self._read
        if read is None:
            wrapper = self._query.clone()._get_cursor_wrapper(cursor)
            if not isinstance(wrapper, _ALIKE):
                return list(wrapper)
            wrapper.initialize()
            wrapper.cursor = None  # which would keep its connection open
            read = self._read = _reader(wrapper)
        return [read(row) for row in cursor.fetchall()]

    def parameters(self, values: dict[str, Any]) -> tuple[Any, ...]:
        """The values in the order and the form in which the database takes them."""
        return tuple(
            [slot.convert(values[slot.name]) if isinstance(slot, _Slot) else slot for slot in self.slots]
        )


def argument(name: str, field: peewee.Field) -> peewee.Value:
    """Stand for a value that the caller gives as *name* each time; converted as a value of *field*."""
    return peewee.Value(_Slot(name, field.db_value), converter=_as_it_is, unpack=False)


class Statement:
    """A query with arguments, run on the connection of the unit of work that it is part of."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._built: WeakKeyDictionary[peewee.Database, _Built] = WeakKeyDictionary()

    def rows(self, **values: Any) -> list[Any]:
        """Every row that a SELECT finds, as the query itself would give it."""
        built, cursor = self._execute(values)
        return built.rows(cursor)

    def first(self, **values: Any) -> Any:
        """The first row that a SELECT finds, or None."""
        return next(iter(self.rows(**values)), None)

    def count(self, **values: Any) -> int:
        """Run an INSERT, UPDATE or DELETE; return how many rows it touched."""
        _, cursor = self._execute(values)
        touched: int = cursor.rowcount
        return touched

    def cursor(self, **values: Any) -> Any:
        """Run it; return the driver's cursor, for what the other methods don't tell."""
        return self._execute(values)[1]

    def _execute(self, values: dict[str, Any]) -> tuple[_Built, Any]:
        database = CURRENT_DATABASE.resolve()
        built = self._built.get(database)
        if built is None:
            built = self._built[database] = _Built(self._build())
        return built, database.execute_sql(built.sql, built.parameters(values))


def _as_it_is(value: Any) -> Any:
    return value


def _reader(wrapper: Any) -> Callable[[Any], Any]:
    """What makes of a driver's row what *wrapper* makes of it."""
    if not isinstance(wrapper, peewee.ModelTupleCursorWrapper):
        return cast("Callable[[Any], Any]", wrapper.process_row)
    converters = tuple(wrapper.converters)

    def read(row: Any) -> tuple[Any, ...]:
        return tuple(
            [
                value if convert is None else convert(value)
                for value, convert in zip(row, converters, strict=True)
            ]
        )

    return read
