"""A private MariaDB."""

import os
import shutil
import subprocess
from collections.abc import Sequence

import pymysql

from tests.servers.certificates import Authority
from tests.servers.process import Server, find_program, own_name

ACCOUNT = """\
CREATE USER IF NOT EXISTS hanko@localhost IDENTIFIED BY 'hanko';
GRANT ALL ON *.* TO hanko@localhost;
"""


class MariaDB(Server):
    """MariaDB with its default settings, but that nothing waits for the disk: a busy one takes many seconds.

    Tests kill servers, and never the machine: what was written is there.
    """

    name = "mariadb"
    user = "mysql"
    options: Sequence[str] = ()  # more of them, on the command line

    def install(self) -> None:
        """Make the data directory."""
        (self.folder / "account.sql").write_text(ACCOUNT)
        (self.folder / "account.sql").chmod(0o644)
        subprocess.run(
            [find_program("mariadb-install-db"), "--no-defaults", f"--datadir={self.folder / 'data'}"]
            + ["--auth-root-authentication-method=normal", "--skip-test-db"]
            + ([f"--user={self.user}"] if self.run_as() else []),
            check=True,
            capture_output=True,
            cwd="/",
            env=os.environ | {"TMPDIR": "/tmp"},
        )

    def command(self) -> Sequence[str]:
        """Return the command; the account is made at each start that lacks it."""
        return [
            find_program("mariadbd"),
            "--no-defaults",
            f"--datadir={self.folder / 'data'}",
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'mariadb.pid'}",
            f"--init-file={self.folder / 'account.sql'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--max-connections=300",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-flush-method=nosync",
            "--sync-frm=0",
            *self.options,
        ]

    def is_ready(self) -> bool:
        """Whether MariaDB takes queries of the tests' account."""
        try:
            self.execute("SELECT 1")
        except pymysql.err.OperationalError:
            return False
        return True

    def execute(self, statement: str, *, database: str | None = None) -> None:
        """Run one *statement*."""
        self._run(statement, user="hanko", password="hanko", database=database)

    def execute_as_root(self, statement: str, *, database: str | None = None) -> None:
        """Run one *statement* with the right to grant rights."""
        self._run(statement, user="root", password="", database=database)

    def _run(self, statement: str, *, user: str, password: str, database: str | None) -> None:
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=user,
            password=password,
            database=database,
            autocommit=True,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def url(self, database: str) -> str:
        """The URL of *database* on this server."""
        return f"mysql://hanko:hanko@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database of this process, instead of one that may be there; return its URL."""
        name = own_name(name)
        self.execute(f"DROP DATABASE IF EXISTS `{name}`")
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        return self.url(name)


class TlsMariaDB(MariaDB):
    """MariaDB with a certificate for ``localhost``, from an authority of its own."""

    def install(self) -> None:
        """Make the data directory and the certificate."""
        super().install()
        self.authority = Authority(self.folder / "tls")
        certificate, key = self.authority.issue("localhost")
        if self.run_as():
            for path in (self.folder / "tls", certificate, key):
                shutil.chown(path, self.run_as(), self.run_as())
        self.options = (f"--ssl-cert={certificate}", f"--ssl-key={key}")
