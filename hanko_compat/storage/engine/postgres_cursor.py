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

import logging
import re
from collections import OrderedDict
from functools import cache, lru_cache
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple

from peewee import psycopg

from hanko_compat.errors.database import StatementOutdated
from hanko_compat.storage.engine.any_text import readable_rows

logger = logging.getLogger(__name__)

MAX_PREPARED = 200
"""Queries that one connection keeps prepared; our own are fewer, but lists of values vary in length."""

REMEDY = (
    "a pooler in front of PostgreSQL, such as PgBouncer in transaction mode, does not keep prepared"
    " statements: set hanko_compat.database.prepared_statements to false, or use PgBouncer 1.21 or newer with"
    " max_prepared_statements above 0"
)

COMMAND_OK, TUPLES_OK = 1, 2  # of libpq's ExecStatusType
IDLE = 0  # of libpq's PGTransactionStatusType
PLACEHOLDER = re.compile("%[s%]")

CHANGED_RESULT = "0A000"
"""SQLSTATE of "cached plan must not change result type": a table was altered. And of what is unsupported."""
MISPLACED = {"26000", "42P05"}
"""SQLSTATEs: no such prepared statement, and one of this name that exists already."""


class Preparing:
    """Whether the connections to one database may keep queries prepared. Threads share it."""

    def __init__(self) -> None:
        self.is_on = True

    def give_up(self) -> None:
        """Prepare nothing from now on, and say so once."""
        if self.is_on:
            self.is_on = False
            logger.warning("prepared_statements_lost", extra={"reason": REMEDY})


class Prepared(NamedTuple):
    """A query that a connection knows by its name; ``description`` names the columns of its rows."""

    name: bytes
    description: list[tuple[str]]


class PreparedQueries:
    """Those of one connection, the least used of which are forgotten.

    A name is made of its query. So where a pooler hands connections of the server round, and with them what
    others have prepared there, no name ever stands for another query.
    """

    def __init__(
        self, connection: Any, *, preparing: Preparing | None = None, most: int = MAX_PREPARED
    ) -> None:
        """No more than *most* queries are kept prepared, and none where *preparing* is off."""
        self._preparing = preparing or Preparing()
        self._most = most
        self.pgconn = connection.pgconn
        self.adapter = psycopg.adapt.Transformer(connection)
        self._known: OrderedDict[tuple[str, tuple[int, ...]], Prepared] = OrderedDict()
        self._alterations = 0

    def find(self, sql: str, types: tuple[int, ...]) -> Prepared | None:
        """The query, if it was prepared for values of these types (OIDs)."""
        found = self._known.get((sql, types))
        if found is not None:
            self._known.move_to_end((sql, types))
        return found

    def prepare(self, sql: str, types: tuple[int, ...]) -> Prepared | None:
        """Let the server parse the query. None: it is to be run without.

        Raises:
            psycopg.Error: the server refuses.
        """
        if not self._preparing.is_on or not self._make_room():
            return None
        text = _numbered(sql)
        if self._alterations:
            # PgBouncer takes the same text for the same query, and would give back the outdated one.
            text += b" -- %d" % self._alterations
        name = b"hanko_compat_" + sha256(text + repr(types).encode()).hexdigest()[:32].encode()
        _checked(self.pgconn.prepare(name, text, types))
        described = _checked(self.pgconn.describe_prepared(name))
        prepared = Prepared(name, _description(described))
        self._known[sql, types] = prepared
        return prepared

    def forget_after(self, error: Any) -> bool:
        """Forget what an *error* shows to be unusable; False when it is no error of that kind.

        Within a transaction nothing can be run after it, so that is begun again.

        Raises:
            psycopg.Error: within a transaction; its cause is a `StatementOutdated`.
        """
        if error.sqlstate in MISPLACED:
            self._preparing.give_up()
            self._known.clear()
        elif _is_changed_result(error):
            self._forget_all()
        else:
            return False
        if self.pgconn.transaction_status != IDLE:
            raise error from StatementOutdated()
        return True

    def _make_room(self) -> bool:
        """Whether another query may be prepared; the least used one is forgotten for it."""
        if len(self._known) < self._most:
            return True
        if not _may_close():
            return False
        _, forgotten = self._known.popitem(last=False)
        # Not by DEALLOCATE: PgBouncer gives each query a name of its own, and translates only messages.
        _checked(self.pgconn.close_prepared(forgotten.name))
        return True

    def _forget_all(self) -> None:
        """Whoever altered one table may have altered others."""
        self._alterations += 1
        names = [prepared.name for prepared in self._known.values()]
        self._known.clear()
        if _may_close():
            for name in names:
                self.pgconn.close_prepared(name)


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
            self._execute_with_values(sql, parameters)
            return
        text = sql.encode() if parameters is None else _numbered(sql)
        result = _checked(self._queries.pgconn.exec_(text))
        self._take(result, _description(result), sql)

    def _execute_with_values(self, sql: str, parameters: Any) -> None:
        queries = self._queries
        adapter = queries.adapter
        values = adapter.dump_sequence(parameters, _formats(len(parameters)))
        types, formats = adapter.types, adapter.formats
        try:
            prepared = queries.find(sql, types) or queries.prepare(sql, types)
            if prepared is not None:
                result = queries.pgconn.exec_prepared(prepared.name, values, formats)
                self._take(_checked(result), prepared.description, sql)
                return
        except psycopg.Error as error:
            if not queries.forget_after(error):
                raise
        result = _checked(queries.pgconn.exec_params(_numbered(sql), values, types, formats))
        self._take(result, _description(result), sql)

    def _take(self, result: Any, description: list[tuple[str]], sql: str) -> None:
        self._next, self._rows, self.description = 0, [], None
        if result.status == TUPLES_OK:
            self.description = description
            self.rowcount = result.ntuples
            if result.ntuples:
                adapter = self._queries.adapter
                adapter.set_pgresult(result)
                try:
                    self._rows = adapter.load_rows(0, result.ntuples, tuple)
                except UnicodeDecodeError:
                    self._rows = readable_rows(adapter, result, sql)
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


def _is_changed_result(error: Any) -> bool:
    """Whether a prepared query's columns are of other types since a table was altered."""
    # The text is in the server's language; CockroachDB, which has no other, has no such function.
    return bool(
        error.sqlstate == CHANGED_RESULT
        and (
            error.diag.source_function == "RevalidateCachedQuery"
            or "cached plan" in (error.diag.message_primary or "")
        )
    )


@cache
def _may_close() -> bool:
    """Whether libpq can close a prepared query: from version 17."""
    return bool(psycopg.capabilities.has_send_close_prepared())


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
