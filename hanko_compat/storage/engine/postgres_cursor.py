"""Queries of PostgreSQL by the shortest way: libpq waits, and knows each query after its first run.

psycopg's own cursor prepares queries, too, but is made anew for each, looks up its adapters again and waits
in several steps. This one is as much of a cursor (PEP 249) as peewee needs. Values are adapted and errors
raised by psycopg.

What it gains, in CPU time of the server's process per request (microseconds):

========================  =========  =========  ====
                          this       psycopg's
========================  =========  =========  ====
`GET /me`                 1,466      1,796      +23%
`POST /users`             1,520      1,783      +17%
`POST /user`              746        832        +11%
`GET /sessions/validate`  851        891        +5%
========================  =========  =========  ====

Measured with psycopg 3.3 (``prepare_threshold = 0``; 5 is no better) and PostgreSQL 15 on the same two busy
cores, keys for EdDSA, the data of ``make bench``, ``serve --workers 1`` and wrk with four connections:
medians of five rounds of three seconds, both servers in turns. Two servers that were alike differed by up to
4 %. In one process without HTTP, in 40 turns of 100 requests each: +24, +21, +7 and +6 %.
"""

import re
from collections import OrderedDict
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from peewee import psycopg

MAX_PREPARED = 200
"""Queries that one connection keeps prepared; our own are fewer, but lists of values vary in length."""

COMMAND_OK, TUPLES_OK = 1, 2  # of libpq's ExecStatusType
PLACEHOLDER = re.compile("%[s%]")


class Prepared(NamedTuple):
    """A query that a connection knows by its name; ``description`` names the columns of its rows."""

    name: bytes
    description: list[tuple[str]]


class PreparedQueries:
    """Those of one connection, the least used of which are forgotten."""

    def __init__(self, connection: Any, *, most: int = MAX_PREPARED) -> None:
        """No more than *most* queries are kept prepared."""
        self._most = most
        self.pgconn = connection.pgconn
        self.adapter = psycopg.adapt.Transformer(connection)
        self._known: OrderedDict[tuple[str, tuple[int, ...]], Prepared] = OrderedDict()
        self._names = count()

    def find(self, sql: str, types: tuple[int, ...]) -> Prepared | None:
        """The query, if it was prepared for values of these types (OIDs)."""
        found = self._known.get((sql, types))
        if found is not None:
            self._known.move_to_end((sql, types))
        return found

    def prepare(self, sql: str, types: tuple[int, ...]) -> Prepared:
        """Let the server parse the query.

        Raises:
            psycopg.Error: it refuses.
        """
        if len(self._known) >= self._most:
            _, forgotten = self._known.popitem(last=False)
            _checked(self.pgconn.exec_(b'DEALLOCATE "%s"' % forgotten.name))
        name = b"hanko_compat_%d" % next(self._names)
        _checked(self.pgconn.prepare(name, _numbered(sql), types))
        described = _checked(self.pgconn.describe_prepared(name))
        prepared = Prepared(name, _description(described))
        self._known[sql, types] = prepared
        return prepared


class PostgresCursor:
    """One query on a connection that is in the mode autocommit; peewee says ``BEGIN`` where it wants to."""

    def __init__(self, queries: PreparedQueries) -> None:
        self._queries = queries
        self._rows: list[tuple[Any, ...]] = []
        self._next = 0
        self.description: list[tuple[str]] | None = None
        self.rowcount = -1

    def execute(self, sql: str, parameters: Any = None) -> None:
        """Run a query, with ``%s`` where a value of *parameters* goes.

        Raises:
            psycopg.Error: refused, or no longer connected.
        """
        if parameters:
            self._execute_prepared(sql, parameters)
            return
        text = sql.encode() if parameters is None else _numbered(sql)
        result = _checked(self._queries.pgconn.exec_(text))
        self._take(result, _description(result))

    def _execute_prepared(self, sql: str, parameters: Any) -> None:
        queries = self._queries
        adapter = queries.adapter
        values = adapter.dump_sequence(parameters, _formats(len(parameters)))
        types, formats = adapter.types, adapter.formats
        prepared = queries.find(sql, types) or queries.prepare(sql, types)
        result = queries.pgconn.exec_prepared(prepared.name, values, formats)
        self._take(_checked(result), prepared.description)

    def _take(self, result: Any, description: list[tuple[str]]) -> None:
        self._next, self._rows, self.description = 0, [], None
        if result.status == TUPLES_OK:
            self.description = description
            self.rowcount = result.ntuples
            if result.ntuples:
                adapter = self._queries.adapter
                adapter.set_pgresult(result)
                self._rows = adapter.load_rows(0, result.ntuples, tuple)
        else:
            touched = result.command_tuples
            self.rowcount = -1 if touched is None else touched

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row, or None."""
        if self._next >= len(self._rows):
            return None
        self._next += 1
        return self._rows[self._next - 1]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        rows = self._rows[self._next :]
        self._next = len(self._rows)
        return rows

    def close(self) -> None:
        """Nothing is open."""


def _checked(result: Any) -> Any:
    """The *result*, or psycopg's error when it is none."""
    if result.status not in (COMMAND_OK, TUPLES_OK):
        raise psycopg.errors.error_from_result(result)
    return result


def _description(result: Any) -> list[tuple[str]]:
    return [(result.fname(number).decode(),) for number in range(result.nfields)]


@lru_cache(maxsize=1024)
def _numbered(sql: str) -> bytes:
    """The query with ``$1``, ``$2`` … for each ``%s``."""
    numbers = count(1)
    return PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql).encode()


@lru_cache
def _formats(length: int) -> list[Any]:
    return [psycopg.adapt.PyFormat.AUTO] * length
