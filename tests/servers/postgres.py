"""A private PostgreSQL."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import psycopg

from tests.servers.process import Server, find_program, own_name

FOLDERS = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)  # Debian; not in PATH

INITDB_OPTIONS = ("--username=hanko", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")


class Postgres(Server):
    """PostgreSQL, whose commits do not wait for the disk. All on this machine get in without a password."""

    name = "postgres"
    user = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": does not wait for clients to leave
    fsync = "off"  # tests kill servers, and never the machine

    def install(self) -> None:
        """Make the data directory."""
        as_user = {"user": self.user, "group": self.user} if self.run_as() else {}
        subprocess.run(
            [find_program("initdb", *FOLDERS), f"--pgdata={self.folder / 'data'}", *INITDB_OPTIONS],
            check=True,
            capture_output=True,
            cwd="/",
            **as_user,
        )

    def command(self) -> Sequence[str]:
        """Return the command, with room for many workers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 300,
            "fsync": self.fsync,
        }
        return [
            find_program("postgres", *FOLDERS),
            "-D",
            str(self.folder / "data"),
            *[part for name, value in settings.items() for part in ("-c", f"{name}={value}")],
        ]

    def is_ready(self) -> bool:
        """Whether PostgreSQL takes queries."""
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run one *statement* outside a transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def url(self, database: str) -> str:
        """The URL of *database* on this server."""
        return f"postgres://hanko:hanko@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database of this process, instead of one that may be there; return its URL."""
        name = own_name(name)
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)


class DurablePostgres(Postgres):
    """PostgreSQL with its default settings, to be measured."""

    fsync = "on"
