"""A private PgBouncer in transaction mode."""

import shutil
from collections.abc import Sequence

import psycopg

from tests.servers.postgres import Postgres
from tests.servers.process import Server, find_program
from tests.servers.run import Run

INI = """\
[databases]
* = host=127.0.0.1 port={server_port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
admin_users = hanko
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 300
server_round_robin = 1
"""


class PgBouncer(Server):
    """PgBouncer in front of *postgres*.

    The few connections to it are handed out in turns, so that hardly any transaction runs where the one
    before did.
    """

    name = "pgbouncer"
    user = "postgres"

    def __init__(
        self, run: Run, name: str, postgres: Postgres, *, mode: str = "transaction", size: int = 5
    ) -> None:
        super().__init__(run, name)
        self.postgres = postgres
        self.mode = mode
        self.size = size

    def install(self) -> None:
        """Write the configuration."""
        ini = INI.format(
            server_port=self.postgres.port, port=self.port, folder=self.folder, mode=self.mode, size=self.size
        )
        for name, content in (("pgbouncer.ini", ini), ("users.txt", '"hanko" "hanko"\n')):
            (self.folder / name).write_text(content)
            if self.run_as():
                shutil.chown(self.folder / name, self.run_as())

    def command(self) -> Sequence[str]:
        """Return the command."""
        return [find_program("pgbouncer"), str(self.folder / "pgbouncer.ini")]

    def is_ready(self) -> bool:
        """Whether PgBouncer takes connections."""
        try:
            self.version()
        except psycopg.OperationalError:
            return False
        return True

    def version(self) -> str:
        """What it calls itself, such as "PgBouncer 1.18.0"."""
        with psycopg.connect(self.through("postgres", database="pgbouncer"), autocommit=True) as connection:
            result = connection.pgconn.exec_(b"SHOW VERSION")
            return (result.get_value(0, 0) or b"").decode()

    def through(self, url: str, *, database: str | None = None) -> str:
        """The URL of a database of the server behind it, or of *database*, through this pooler."""
        return f"postgres://hanko:hanko@127.0.0.1:{self.port}/{database or url.rpartition('/')[2]}"
