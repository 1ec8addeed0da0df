"""Two nodes of a Galera cluster of MariaDB, which are private as the other servers."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.servers.mariadb import MariaDB
from tests.servers.process import free_port
from tests.servers.run import Run

LIBRARY = Path("/usr/lib/galera/libgalera_smm.so")

# A node that vanished is noticed within seconds; no write set is kept to be fetched later.
TIMES = {
    "evs.keepalive_period": "PT0.3S",
    "evs.inactive_check_period": "PT0.3S",
    "evs.suspect_timeout": "PT1S",
    "evs.inactive_timeout": "PT3S",
    "gcache.size": "8M",
    "gcache.page_size": "8M",
}


class GaleraNode(MariaDB):
    """A node; the one without *others* makes the cluster."""

    def __init__(self, run: Run, name: str, *, others: Sequence["GaleraNode"] = ()) -> None:
        super().__init__(run, name)
        self.others = list(others)

    def install(self) -> None:
        """Choose a port for the other nodes, and make the data directory; theirs comes from the first one."""
        if not LIBRARY.exists():
            pytest.skip("galera-4 is not installed (`make test` installs it when run as root)")
        (self.folder / "cluster_port").write_text(str(free_port()))
        if not self.others:
            super().install()
            return
        (self.folder / "account.sql").write_text("SELECT 1;\n")
        (self.folder / "account.sql").chmod(0o644)
        (self.folder / "data").mkdir()
        if self.run_as():
            shutil.chown(self.folder / "data", self.run_as())

    @property
    def address(self) -> str:
        """Where the other nodes find this one."""
        return f"127.0.0.1:{(self.folder / 'cluster_port').read_text()}"

    def command(self) -> Sequence[str]:
        """Return the command."""
        provider = TIMES | {
            "base_port": self.address.rpartition(":")[2],
            "gmcast.listen_addr": f"tcp://{self.address}",
            "ist.recv_addr": f"127.0.0.1:{free_port()}",
        }
        return [
            *super().command(),
            "--wsrep-on=ON",
            f"--wsrep-provider={LIBRARY}",
            f"--wsrep-provider-options={';'.join(f'{name}={value}' for name, value in provider.items())}",
            f"--wsrep-cluster-address=gcomm://{','.join(each.address for each in self.others)}",
            "--wsrep-cluster-name=tests",
            "--wsrep-node-address=127.0.0.1",
            f"--wsrep-node-name={self.folder.name}",
            "--wsrep-sst-method=rsync",
            f"--wsrep-sst-receive-address=127.0.0.1:{free_port()}",
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
            "--innodb-buffer-pool-size=32M",
        ]

    def is_ready(self) -> bool:
        """Whether the node takes queries, and is part of the cluster."""
        return super().is_ready() and self.status("wsrep_ready") == "ON"

    def isolate(self, *, is_alone: bool = True) -> None:
        """Let the node see no other one, or let it see them again."""
        self.execute_as_root(f"SET GLOBAL wsrep_provider_options = 'gmcast.isolate={int(is_alone)}'")

    def status(self, name: str) -> str:
        """The value of a status variable, which a node that is cut off tells, too."""
        connection: Any = pymysql.connect(host="127.0.0.1", port=self.port, user="root", password="")
        with connection, connection.cursor() as cursor:
            cursor.execute(f"SHOW STATUS LIKE '{name}'")
            return str(cursor.fetchone()[1])
