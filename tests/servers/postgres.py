"""A private PostgreSQL."""

import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import psycopg

from tests.servers.certificates import Authority
from tests.servers.process import Server, find_program, own_name

FOLDERS = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)  # Debian; not in PATH

INITDB_OPTIONS = ("--username=hanko", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")


class Postgres(Server):
    """PostgreSQL, whose commits do not wait for the disk. All on this machine get in without a password."""

    name = "postgres"
    user = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": does not wait for clients to leave
    fsync = "off"  # tests kill servers, and never the machine
    settings: Mapping[str, object] = {}  # more of them, or others

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
        } | self.settings
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


class TlsPostgres(Postgres):
    """PostgreSQL with a certificate for ``localhost``, and a Unix socket in its folder."""

    def install(self) -> None:
        """Make the data directory and the certificate."""
        super().install()
        self.authority = Authority(self.folder / "tls")
        certificate, key = self.authority.issue("localhost")
        self.sockets = self.folder / "sockets"
        self.sockets.mkdir()
        if self.run_as():
            for path in (self.folder / "tls", certificate, key, self.sockets):
                shutil.chown(path, self.run_as(), self.run_as())
        self.settings = {
            "ssl": "on",
            "ssl_cert_file": certificate,
            "ssl_key_file": key,
            "unix_socket_directories": self.sockets,
            "listen_addresses": "127.0.0.1,::1",
        }
