"""A database with an empty, current schema for each test: made once per worker, emptied in between."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import psycopg
import pymysql

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Jwk
from hanko_compat.storage.schema import migrate
from tests import signing_keys
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.process import own_name
from tests.servers.run import Run
from tests.settings import SECRET

NAMES = ("sqlite", "postgres", "mariadb")
KEY_DATA = signing_keys.key_data(SECRET)
MADE_AT = signing_keys.MADE_AT.replace(tzinfo=None)  # as the columns have it


class DatabaseMaker(Protocol):
    """One kind of database, ready for any number of tests."""

    def fresh_url(self, folder: Path) -> str:
        """Return the URL of a database with the current schema, the test key and nothing else."""

    def empty_url(self, folder: Path) -> str:
        """Return the URL of a database without a table."""

    def close(self) -> None:
        """Leave the server, if there is one."""


def prepare(url: str) -> None:
    """Migrate the empty database at *url* and put the signing key of the tests into it."""
    database = open_database(url)
    try:
        with database.connection():
            migrate.up(database)
            Jwk.create(id=1, key_data=KEY_DATA, created_at=signing_keys.MADE_AT)
    finally:
        database.close_all()


class SqliteMaker:
    """A file, copied from one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.sqlite3"

    def fresh_url(self, folder: Path) -> str:
        """Copy the template into *folder*."""
        if not self.template.exists():
            prepare(f"sqlite:///{self.template}")
        path = folder / "hanko_compat.sqlite3"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def empty_url(self, folder: Path) -> str:
        """Make an empty file, for its owner only."""
        path = folder / "empty.sqlite3"
        path.touch(mode=0o600)
        return f"sqlite:///{path}"

    def close(self) -> None:
        """Do nothing: no file is open."""


class ServerMaker:
    """A database of this worker on a shared server; rows are deleted before each test.

    A table that had rows after the migrations keeps them: it is theirs. One connection is kept for all that:
    for a new one the server reads its catalogue again, which takes several times as long as the deletes.
    """

    def __init__(self, server: Postgres | MariaDB) -> None:
        self.server = server
        self.name = own_name("test")
        self.tables: frozenset[str] = frozenset()
        self.filled: frozenset[str] = frozenset()
        self.connection: Any = None

    def fresh_url(self, folder: Path) -> str:
        """Empty the database of this worker, or make it."""
        if self._is_as_it_was():
            self._empty(self.connection)
        else:
            self._make()
        return self.server.url(self.name)

    def empty_url(self, folder: Path) -> str:
        """Make a second database of this worker anew."""
        return self.server.create_database("empty")

    def close(self) -> None:
        """Close the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _is_as_it_was(self) -> bool:
        """Whether the database is there, with its tables and a way to it."""
        if self.connection is None:
            return False
        try:
            return self._tables(self.connection) == self.tables
        except (psycopg.OperationalError, pymysql.OperationalError):  # a test may have ended the connection
            return False

    def _make(self) -> None:
        self.close()
        prepare(self.server.create_database("test"))
        self.connection = self._connect()
        self.tables = self._tables(self.connection)
        self.filled = self._with_rows(self.connection, self.tables)
        if isinstance(self.server, Postgres):
            self.connection.execute("SELECT setval('jwks_id_seq', 1)")

    def _empty(self, connection: Any) -> None:
        self._end_statements(connection)
        cursor = connection.cursor()
        for table in self._with_rows(connection, self.tables - self.filled):
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SELECT id, key_data, created_at FROM jwks")
        if [tuple(row) for row in cursor.fetchall()] != [(1, KEY_DATA, MADE_AT)]:
            self._put_key_back(cursor)

    def _end_statements(self, connection: Any) -> None:
        """End what goes on after the process that asked for it was killed: it would change what comes now."""
        cursor = connection.cursor()
        if isinstance(self.server, Postgres):
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return
        cursor.execute(
            "SELECT id FROM information_schema.processlist"
            " WHERE db = %s AND command = 'Query' AND id <> CONNECTION_ID()",
            [self.name],
        )
        for (number,) in cursor.fetchall():
            with suppress(pymysql.OperationalError):  # it has just ended
                cursor.execute("KILL %s", [number])

    def _put_key_back(self, cursor: Any) -> None:
        cursor.execute("DELETE FROM jwks")
        cursor.execute("INSERT INTO jwks (id, key_data, created_at) VALUES (1, %s, %s)", (KEY_DATA, MADE_AT))
        if isinstance(self.server, Postgres):
            cursor.execute("SELECT setval('jwks_id_seq', 1)")
        else:
            cursor.execute("ALTER TABLE jwks AUTO_INCREMENT = 2")

    def _connect(self) -> Any:
        """Connect without checks of foreign keys, so that the order of deletes does not matter."""
        if isinstance(self.server, Postgres):
            options = "-c session_replication_role=replica -c lock_timeout=10s"
            return psycopg.connect(self.server.url(self.name), autocommit=True, options=options)
        return pymysql.connect(
            host="127.0.0.1",
            port=self.server.port,
            user="hanko",
            password="hanko",
            database=self.name,
            autocommit=True,
            ssl_disabled=True,  # its context takes longer to make than all the rest
            init_command="SET foreign_key_checks = 0, lock_wait_timeout = 10",
        )

    def _tables(self, connection: Any) -> frozenset[str]:
        schema = "public" if isinstance(self.server, Postgres) else self.name
        cursor = connection.cursor()
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (schema,))
        return frozenset(name for (name,) in cursor.fetchall())

    @staticmethod
    def _with_rows(connection: Any, tables: Iterable[str]) -> frozenset[str]:
        questions = [f"(SELECT '{name}' AS name FROM {name} LIMIT 1)" for name in sorted(tables)]
        cursor = connection.cursor()
        cursor.execute(" UNION ALL ".join(questions))
        return frozenset(name for (name,) in cursor.fetchall())


def make(name: str, *, folder: Path, run: Run) -> DatabaseMaker:
    """The maker of the kind *name* for this process of a test run; starts the server it needs."""
    if name == "sqlite":
        return SqliteMaker(folder)
    server = {"postgres": Postgres, "mariadb": MariaDB}[name](run)
    server.shared()
    return ServerMaker(server)
