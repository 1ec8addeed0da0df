"""What differs between SQLite, PostgreSQL and MySQL: connecting, checking, and reading their errors.

Drivers are optional, so none is imported here: their errors are known by their numbers.
"""

import os
import select
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from enum import Enum, auto
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

import peewee
from peewee import __exception_wrapper__

from hanko_compat.config.mysql_options import MySQLOptions
from hanko_compat.errors.database import DatabaseMissing, StatementOutdated
from hanko_compat.storage.engine.any_text import ask_for_bytes
from hanko_compat.storage.engine.mysql_connection import ColumnZone, connect, converters
from hanko_compat.storage.engine.option_faults import check_refused_option, mysql_clues, postgres_clues
from hanko_compat.storage.engine.postgres_cursor import (
    PostgresCursor,
    PreparedQueries,
    Preparing,
)
from hanko_compat.storage.engine.postgres_options import session_parameters
from hanko_compat.storage.engine.server_errors import (
    DENIED_MYSQL,
    DENIED_POSTGRES,
    LOST_MYSQL,
    LOST_POSTGRES,
    LOST_SQLITE,
    REFUSED_MYSQL,
    REFUSED_POSTGRES,
    REFUSED_SQLITE,
    UNABLE_MYSQL,
    UNABLE_POSTGRES,
    UNSTORABLE_MYSQL,
    UNSTORABLE_POSTGRES,
)

BUSY_TIMEOUT = 5
"""Seconds that SQLite waits for another writer before a transaction counts as refused."""

IN_TRANSACTION = 1  # of MySQL's protocol: SERVER_STATUS_IN_TRANS

# Values that don't fit are errors, not shortened; times are UTC whatever the server's zone is.
MYSQL_MODES = (
    "SET SESSION time_zone = '+00:00', "
    "sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
)
# As PostgreSQL does by default. After a duplicate key the winner's row is visible at once, which a snapshot
# of REPEATABLE READ, MySQL's default, would hide; and there are fewer gap locks to deadlock on.
MYSQL_ISOLATION = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"


class Access(Enum):
    """What a command may do with an SQLite file. A server has accounts with rights instead."""

    READ = auto()
    WRITE = auto()
    CREATE = auto()  # also make a file that is missing


class Sqlite(peewee.SqliteDatabase):
    """An SQLite file, for its owner's eyes only, that several processes may use at once."""

    dialect: ClassVar[str] = "sqlite"
    field_types: ClassVar[dict[str, str]] = peewee.SqliteDatabase.field_types | {"UUID": "CHAR(36)"}

    def __init__(self, path: str, access: Access) -> None:
        # A connection opened with mode=ro would leave the files of the write-ahead log behind; query_only
        # refuses changes, too.
        writing = {"journal_mode": "wal", "synchronous": "normal"}
        super().__init__(
            path,
            pragmas={"foreign_keys": 1} | ({"query_only": 1} if access is Access.READ else writing),
            # A transaction that reads first and writes later could not be waited for.
            lock_type="IMMEDIATE",
            timeout=BUSY_TIMEOUT,
            autoconnect=False,
            check_same_thread=False,
        )
        self._access = access

    @property
    def path(self) -> Path:
        """Where the file is, from the root."""
        return Path(self.database).absolute()

    def open(self) -> Any:
        """A new connection; a missing file and its folder are made where the access allows it.

        Raises:
            DatabaseMissing: the file is missing, and the access does not allow to make it.
            OSError: file or folder can't be made.
        """
        path = self.path
        if not path.exists():
            if self._access is not Access.CREATE:
                raise DatabaseMissing(
                    f"there is no database at {path}: mend database.url, or make a new database with"
                    " `hanko-compat serve` or `hanko-compat migrate up`"
                )
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with __exception_wrapper__:
            return self._connect()

    def unhurried(self, _connection: Any) -> AbstractContextManager[None]:
        """Nothing limits how long a statement may take."""
        return nullcontext()

    def discard(self, connection: Any) -> None:
        """Close *connection*."""
        connection.close()

    def is_suspicious(self, _connection: Any) -> bool:
        """Never: there is no server."""
        return False

    def answers(self, _connection: Any) -> bool:
        """Always: there is no server."""
        return True

    def is_reusable(self, connection: Any) -> bool:
        """Whether *connection* can serve somebody else; ends a transaction that was left open."""
        if connection.in_transaction:
            connection.rollback()
        return True

    def is_lost(self, _connection: Any, cause: Any) -> bool:
        """Whether the file can't be read or written at present."""
        return sqlite_code(cause) & 0xFF in LOST_SQLITE

    def is_refused(self, cause: Any) -> bool:
        """Whether another writer was in the way for longer than the busy timeout."""
        return sqlite_code(cause) & 0xFF in REFUSED_SQLITE

    def is_unable(self, _cause: Any) -> bool:
        """Never: that the disk is full counts as lost."""
        return False

    def is_denied(self, _cause: Any) -> bool:
        """Never: a file has no accounts."""
        return False

    def is_unstorable(self, _cause: Any) -> bool:
        """Never: text is UTF-8."""
        return False


class Postgres(peewee.PostgresqlDatabase):
    """PostgreSQL, and what speaks its protocol, through psycopg 3."""

    dialect: ClassVar[str] = "postgres"

    def __init__(
        self, name: str, options: Mapping[str, Any], given: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """*given* are the options as the URL has them, for an error that one of them causes."""
        # Without a limit a host that vanished would hold a thread for a quarter of an hour.
        defaults = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "application_name": "hanko_compat"}
        # Text is sent as UTF-8, whatever the database, the account or the URL says.
        fixed = {"client_encoding": "UTF8"}
        super().__init__(name, prefer_psycopg3=True, autoconnect=False, **(defaults | dict(options) | fixed))
        self._clues = postgres_clues(options, given)
        self._session = session_parameters(given)
        self.preparing = Preparing()

    def open(self) -> Any:
        """A new connection.

        Raises:
            DatabaseUnavailable: for a reason that an option of the URL has to do with.
        """
        try:
            with __exception_wrapper__:
                connection = self._connect()
        except peewee.PeeweeException as error:
            check_refused_option(error, self._clues)
            raise
        self._set_server_version(connection)
        return connection

    def _connect(self) -> Any:
        connection = super()._connect()
        connection.prepare_threshold = None  # psycopg prepares nothing by itself
        with closed_on_failure(connection):
            for name, value in self._session.items():
                connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            ask_for_bytes(connection)
        connection.prepared_queries = PreparedQueries(connection, preparing=self.preparing)
        return connection

    def cursor(self, named_cursor: str | None = None) -> Any:
        """What runs a query on the connection in use; a *named_cursor* leaves its rows at the server."""
        if named_cursor is not None or self.is_closed():
            return super().cursor(named_cursor)
        return PostgresCursor(self._state.conn.prepared_queries)

    def unhurried(self, _connection: Any) -> AbstractContextManager[None]:
        """Nothing of ours limits how long a statement may take."""
        return nullcontext()

    def discard(self, connection: Any) -> None:
        """Close *connection*, be it lost or not."""
        connection.close()

    def is_suspicious(self, connection: Any) -> bool:
        """Whether something waits to be read: a server speaks unasked only to say good-bye."""
        return connection.closed or has_input(connection.fileno())

    def answers(self, connection: Any) -> bool:
        """Whether the server answers a query."""
        try:
            with __exception_wrapper__:
                connection.execute("SELECT 1")
        except peewee.PeeweeException:
            return False
        return True

    def is_reusable(self, connection: Any) -> bool:
        """Whether *connection* can serve somebody else; ends a transaction that was left open."""
        return self._adapter.is_connection_reusable(connection)

    def is_lost(self, connection: Any, cause: Any) -> bool:
        """Whether the server is gone, going or not yet there."""
        return connection.closed or (getattr(cause, "sqlstate", None) or "").startswith(LOST_POSTGRES)

    def is_refused(self, cause: Any) -> bool:
        """Whether the server gave up on serialising the transaction, or a table was altered meanwhile."""
        return isinstance(cause, StatementOutdated) or getattr(cause, "sqlstate", None) in REFUSED_POSTGRES

    def is_unable(self, cause: Any) -> bool:
        """Whether the server had not enough time, memory or room; at once again would be no better."""
        return (getattr(cause, "sqlstate", None) or "").startswith(UNABLE_POSTGRES)

    def is_denied(self, cause: Any) -> bool:
        """Whether the account lacks a right."""
        return getattr(cause, "sqlstate", None) == DENIED_POSTGRES

    def is_unstorable(self, cause: Any) -> bool:
        """Whether text has characters that the database's encoding lacks."""
        return getattr(cause, "sqlstate", None) in UNSTORABLE_POSTGRES


class MySQL(peewee.MySQLDatabase):
    """MySQL and MariaDB, through PyMySQL."""

    dialect: ClassVar[str] = "mysql"
    field_types: ClassVar[dict[str, str]] = peewee.MySQLDatabase.field_types | {"UUID": "CHAR(36)"}

    def __init__(self, name: str, server: Mapping[str, Any], options: MySQLOptions | None = None) -> None:
        super().__init__(name, autoconnect=False, **server)
        self._server = tuple(server)
        self._options = options or MySQLOptions()
        self.zone = ColumnZone(self._options.zone)

    def open(self) -> Any:
        """A new connection with UTC, strict values and READ COMMITTED.

        Raises:
            DatabaseUnavailable: for a reason that an option of the URL has to do with.
        """
        try:
            with __exception_wrapper__:
                connection = self._connect()
                with closed_on_failure(connection), connection.cursor() as cursor:
                    for statement in self._statements():
                        cursor.execute(statement)
        except peewee.PeeweeException as error:
            check_refused_option(error, mysql_clues(self._options))
            raise
        self._set_server_version(connection)
        return connection

    def _connect(self) -> Any:
        if peewee.mysql is None:
            return super()._connect()  # says that there is no driver
        # What peewee adds by itself, a charset and an sql_mode, is set otherwise here.
        arguments = {name: self.connect_params[name] for name in self._server}
        if not self.zone.is_utc:
            arguments["conv"] = converters(self.zone)
        # As bytes: PyMySQL would take the text for Latin-1, and Go's driver sends UTF-8.
        password = arguments.pop("password", "").encode()
        return connect(self._options, database=self.database, password=password, autocommit=True, **arguments)

    def _statements(self) -> Iterator[str]:
        """What makes a connection ready; what the server's own work depends on comes last."""
        yield from (f"SET {name} = {value}" for name, value in self._options.variables.items())
        yield MYSQL_MODES
        yield MYSQL_ISOLATION

    @contextmanager
    def unhurried(self, connection: Any) -> Iterator[None]:
        """Let statements on *connection* take as long as they do; requests don't wait for so long."""
        limit, connection._read_timeout = connection._read_timeout, None
        try:
            yield
        finally:
            connection._read_timeout = limit

    def discard(self, connection: Any) -> None:
        """Close *connection*, be it lost or not."""
        if connection.open:
            connection.close()

    def is_suspicious(self, connection: Any) -> bool:
        """Whether something waits to be read: a server speaks unasked only to say good-bye."""
        return not connection.open or has_input(connection._sock.fileno())

    def answers(self, connection: Any) -> bool:
        """Whether the server answers."""
        if not connection.open:
            return False
        try:
            with __exception_wrapper__:
                connection.ping(reconnect=False)
        except peewee.PeeweeException:
            return False
        return True

    def is_reusable(self, connection: Any) -> bool:
        """Whether *connection* can serve somebody else: no transaction is left open."""
        return connection.open and not connection.server_status & IN_TRANSACTION

    def is_lost(self, connection: Any, cause: Any) -> bool:
        """Whether the server is gone or going."""
        return not connection.open or error_number(cause) in LOST_MYSQL

    def is_refused(self, cause: Any) -> bool:
        """Whether the server gave up on serialising the transaction."""
        return error_number(cause) in REFUSED_MYSQL

    def is_unable(self, cause: Any) -> bool:
        """Whether the server had not enough time, memory or room; at once again would be no better."""
        return error_number(cause) in UNABLE_MYSQL

    def is_denied(self, cause: Any) -> bool:
        """Whether the account lacks a right."""
        return error_number(cause) in DENIED_MYSQL

    def is_unstorable(self, cause: Any) -> bool:
        """Whether text has characters that the column's encoding lacks."""
        return error_number(cause) in UNSTORABLE_MYSQL


Dialect = Sqlite | Postgres | MySQL


def is_mysql(model: type[peewee.Model]) -> bool:
    """Whether the table lies in MySQL or MariaDB, which lacks ``RETURNING`` and fractions of seconds."""
    return bool(model._meta.database.dialect == "mysql")


def is_postgres(model: type[peewee.Model]) -> bool:
    """Whether the table lies in PostgreSQL."""
    return bool(model._meta.database.dialect == "postgres")


def sqlite_code(cause: Any) -> int:
    """The extended result code of an SQLite error, 0 for anything else."""
    return getattr(cause, "sqlite_errorcode", 0)


def error_number(cause: Any) -> int | None:
    """The number of a MySQL error."""
    args = getattr(cause, "args", ())
    return args[0] if args and isinstance(args[0], int) else None


@contextmanager
def closed_on_failure(connection: Any) -> Iterator[None]:
    """Close a new connection that can't be made ready."""
    with ExitStack() as failed:
        failed.callback(connection.close)
        yield
        failed.pop_all()


def has_input(descriptor: int) -> bool:
    """Whether the socket has something to read, or is closed. Never waits."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
