"""The servers of the tests themselves: they start, survive what they should and end with the run."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.hanko_compat import HankoCompat, wait_until
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.process import Server
from tests.servers.redis import Redis
from tests.servers.run import Run
from tests.settings import settings_on

KINDS = (Postgres, MariaDB, Redis)
STARTER = """
import sys
from tests.servers.redis import Redis
from tests.servers.run import Run
run = Run.begin()
server = Redis(run)
server.start()
print(server.pid, run.folder, flush=True)
sys.stdin.read()
"""

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def server(request: pytest.FixtureRequest, test_run: Run) -> Iterator[Server]:
    server = request.param(test_run, f"own_{request.param.name}_{os.getpid()}")
    server.start()
    yield server
    server.remove()


def test_a_killed_server_starts_again_on_its_port(server: Server) -> None:
    port, pid = server.port, server.pid
    server.kill()
    with pytest.raises(OSError, match="refused"):
        Server.is_ready(server)
    server.start()
    assert server.is_ready()
    assert server.port == port
    assert server.pid != pid


def test_a_stopped_server_has_left(server: Server) -> None:
    pid = server.pid
    server.stop()
    assert not is_running(pid)


def test_rows_survive_a_crash(test_run: Run) -> None:
    server = Postgres(test_run, f"crashing_postgres_{os.getpid()}")
    server.start()
    name = server.create_database("crashing").rpartition("/")[2]
    server.execute("CREATE TABLE kept (id integer)", database=name)
    server.kill()
    server.start()
    server.execute("INSERT INTO kept VALUES (1)", database=name)
    server.remove()
    assert not server.folder.exists()


def test_two_users_share_one_server(test_run: Run) -> None:
    assert Redis(test_run).shared().pid == Redis(test_run).shared().pid


def test_a_killed_test_run_leaves_no_server_behind() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    pid, folder = starter.stdout.readline().split()
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    wait_until(lambda: not is_running(int(pid)), why=lambda: "the server runs on")
    wait_until(lambda: not Path(folder).exists(), why=lambda: "the folder is left")


@pytest.mark.one_database
def test_what_is_forked_has_the_folder_and_environment_of_whoever_asked(
    test_run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes = {"true": 200, "false": 403}
    for allowed, status in wishes.items():
        monkeypatch.setenv("ACCOUNT_ALLOWSIGNUP", allowed)
        server = HankoCompat(test_run, settings_on(database_url), workers=1)
        server.start()
        try:
            assert server.request("POST", "/users", {"email": "jane@example.test"}).status == status
            assert Path(f"/proc/{server.pid}/cwd").readlink() == server.folder
            assert os.getsid(server.pid) == server.pid
        finally:
            server.remove()


@pytest.mark.one_database
def test_what_is_forked_and_fails_has_ended(
    test_run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCOUNT_ALLOW_SIGNUP", "false")
    server = HankoCompat(test_run, settings_on(database_url))
    with pytest.raises(RuntimeError, match="did you mean ACCOUNT_ALLOWSIGNUP"):
        server.start()
    assert server.guard is not None
    assert server.guard.poll() is not None
    server.remove()
