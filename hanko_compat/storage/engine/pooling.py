"""Whether a pooler lies between us and PostgreSQL, and keeps what we prepare.

PgBouncer in transaction mode hands out a connection of the server for one transaction. From 1.21 it can
prepare a query again wherever it is run next; before, and with ``max_prepared_statements = 0``, the query is
not there, or somebody else's is.
"""

import select
from contextlib import closing
from typing import Any

from peewee import PeeweeException, __exception_wrapper__

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine.database import Database

NAME = b"hanko_compat_probe"
ROUNDS = 3
PATIENCE = 2000  # milliseconds
PROCESS = b"SELECT pg_backend_pid()"
IS_PREPARED = b"SELECT count(*) FROM pg_catalog.pg_prepared_statements WHERE name = '%s'" % NAME


def loses_prepared_statements(database: Database) -> bool:
    """Whether queries that a connection prepares are not there for its next transaction.

    Two connections are opened for it, and none where nothing is prepared. On a busy pooler that is not always
    found out.

    Raises:
        DatabaseUnavailable: no answer.
    """
    dialect: Any = database.peewee
    if database.dialect != "postgres" or not dialect.preparing.is_on:
        return False
    try:
        with __exception_wrapper__, closing(dialect.open()) as first:
            # A pooler makes up the number that it tells when one connects.
            if _ask(first, PROCESS) in {None, first.pgconn.backend_pid} or not _is_under_its_name(first):
                return False
            with closing(dialect.open()) as second:
                return _share_processes(first, second)
    except PeeweeException as error:
        raise DatabaseUnavailable from error


def _is_under_its_name(connection: Any) -> bool:
    """Whether the server itself has a query under the name that we gave it."""
    pgconn = connection.pgconn
    pgconn.exec_(b"BEGIN")
    pgconn.prepare(NAME, b"SELECT 1")
    is_there = _ask(connection, IS_PREPARED) == 1
    if is_there:
        pgconn.exec_(b"DEALLOCATE " + NAME)
    pgconn.exec_(b"ROLLBACK")
    return is_there


def _share_processes(first: Any, second: Any) -> bool:
    """Whether the two get the same process of the server, or one gets several."""
    seen: tuple[set[int | None], set[int | None]] = (set(), set())
    for _ in range(ROUNDS):
        for connection, processes in zip((first, second), seen, strict=True):
            processes.add(_ask(connection, PROCESS))
    return bool(seen[0] & seen[1] - {None}) or any(len(processes - {None}) > 1 for processes in seen)


def _ask(connection: Any, question: bytes) -> int | None:
    """The number that the server answers; None where it does not, as when a session waits for its turn."""
    pgconn = connection.pgconn
    pgconn.send_query(question)
    pgconn.flush()
    poll = select.poll()
    poll.register(pgconn.socket, select.POLLIN)
    while pgconn.is_busy():
        if not poll.poll(PATIENCE):
            return None
        pgconn.consume_input()
    answer = None
    while (result := pgconn.get_result()) is not None:
        if result.ntuples:
            answer = int(result.get_value(0, 0))
    return answer
