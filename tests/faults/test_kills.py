"""What was acknowledged is there, and nothing is there by half, whatever dies."""

import os
import signal

import pytest

from tests.faults import rows
from tests.faults.conftest import Starter
from tests.faults.load import Load
from tests.servers.hanko_compat import command_line, wait_until

pytestmark = pytest.mark.servers

WITH_SESSION = {"email.require_verification": False}


def check_rows(load: Load, database_url: str) -> None:
    complete = rows.complete_users(database_url)
    counts = rows.count_rows(database_url)
    assert set(load.acknowledged) <= complete
    assert set(counts.values()) == {len(complete)}


def test_killed_worker_is_replaced(start: Starter, database_url: str) -> None:
    server = start(WITH_SESSION)

    with Load(server) as load:
        load.wait_for(20)
        for victim in server.worker_pids()[:2]:
            os.kill(victim, signal.SIGKILL)
            load.wait_for(20)

    check_rows(load, database_url)
    assert not [answer for answer in load.others if not isinstance(answer, Exception)]


def test_killed_server_starts_again(start: Starter, database_url: str) -> None:
    server = start(WITH_SESSION)

    with Load(server) as load:
        load.wait_for(30)
        server.kill_all()
        server.start()
        load.wait_for(30)

    check_rows(load, database_url)
    assert not [answer for answer in load.others if not isinstance(answer, Exception)]


def test_workers_end_with_a_killed_master(start: Starter, database_url: str) -> None:
    server = start(WITH_SESSION, workers=2)
    orphans = server.worker_pids()

    server.kill()
    wait_until(lambda: not any(map(command_line, orphans)), why=lambda: server.log.read_text()[-2000:])

    server.start()
    assert server.request("GET", "/health/ready").status == 200
