"""A server under test to which other hosts are those of the tests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.servers.hanko_compat import UnderGunicorn
from tests.servers.run import Run

PREAMBLE = """\
import json, os, runpy, socket, sys
ports, os.environ["SSL_CERT_FILE"] = json.loads(sys.argv[1]), sys.argv[2]
look_up = socket.getaddrinfo
def getaddrinfo(host, port, *arguments, **options):
    if host in ports:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", ports[host]))]
    return look_up(host, port, *arguments, **options)
socket.getaddrinfo = getaddrinfo
sys.argv[1:3] = []
runpy.run_module("gunicorn", run_name="__main__", alter_sys=True)
"""


class AmongPeers(UnderGunicorn):
    """``gunicorn -c gunicorn.conf.py wsgi:application``, which trusts one authority.

    *hosts* are names and the port of the loopback interface that stands for port 443 of each: a look-up of
    one of these names gives that, as the host's own resolver would give another address.
    """

    def __init__(
        self,
        run: Run,
        settings: Mapping[str, Any],
        *,
        trusts: Path,
        hosts: Mapping[str, int],
        workers: int = 1,
    ) -> None:
        super().__init__(run, settings, workers=workers)
        self._trusts = trusts
        self._hosts = hosts

    def command(self) -> Sequence[str]:
        """Return the command."""
        python, _, _, *arguments = super().command()
        return [python, "-c", PREAMBLE, json.dumps(dict(self._hosts)), str(self._trusts), *arguments]
