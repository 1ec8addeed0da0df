"""Text of a PostgreSQL database of encoding SQL_ASCII, which stores any bytes and converts none.

Asked for UTF-8, such a server refuses a whole answer for one text in it that is none. So it is asked for the
bytes as they are, and what is no UTF-8 is read with U+FFFD, as Go writes such text into JSON.
"""

import logging
import re
from functools import cache
from typing import Any

from peewee import psycopg

logger = logging.getLogger(__name__)

SQL_ASCII = "SQL_ASCII"
# What psycopg reads as text; 0 stands for types that it does not know.
TYPES = (0, "bpchar", "name", "text", "varchar", '"char"')
TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE) "(\w+)"')
REMEDY = "text in this table is not UTF-8, in a database of encoding SQL_ASCII: see docs/deployment.md"


def ask_for_bytes(connection: Any) -> None:
    """Let a new *connection* take text that is no UTF-8, where its database may have such.

    Raises:
        psycopg.Error: no longer connected.
    """
    # A parameter that the server tells at the start, and so does a pooler.
    if connection.info.parameter_status("server_encoding") == SQL_ASCII:
        # Unlike Hanko 2.7.0: no request fails for it.
        connection.execute("SET client_encoding TO SQL_ASCII")
        for type_ in TYPES:
            connection.adapters.register_loader(type_, _strict_loader())


def readable_rows(adapter: Any, result: Any, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a *result* with text that is no UTF-8; a warning tells which table *sql* has them from."""
    found = TABLE.search(sql)
    _warn(found[1] if found else sql)
    return [
        tuple(_readable(adapter, result, row, column) for column in range(result.nfields))
        for row in range(result.ntuples)
    ]


def _readable(adapter: Any, result: Any, row: int, column: int) -> Any:
    stored = result.get_value(row, column)
    if stored is None:
        return None
    load = adapter.get_loader(result.ftype(column), result.fformat(column)).load
    try:
        return load(stored)
    except UnicodeDecodeError:
        return load(bytes(stored).decode(errors="replace").encode())


@cache
def _strict_loader() -> Any:
    class UTF8Loader(psycopg.adapt.Loader):
        """Reads text as UTF-8; psycopg would leave it as bytes."""

        def load(self, data: Any) -> str:
            """The text.

            Raises:
                UnicodeDecodeError: it is none.
            """
            return bytes(data).decode()

    return UTF8Loader


@cache
def _warn(table: str) -> None:
    """Say it once for each table."""
    logger.warning("text_not_utf8", extra={"table": table, "reason": REMEDY})
