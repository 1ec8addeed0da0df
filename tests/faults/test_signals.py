"""HUP changes the configuration and TERM ends the server without losing a request."""

import http.client
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.databases import SqliteMaker
from tests.faults.conftest import Starter
from tests.faults.load import Load
from tests.servers.hanko_compat import HankoCompat, UnderGunicorn, wait_until
from tests.servers.process import PATIENCE
from tests.settings import merged

pytestmark = pytest.mark.servers

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
WITH_SESSION = {"email.require_verification": False}
LONGEST_STOP = 25  # seconds; a worker that has forgotten the signal is killed after 30


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The same for every database: one is enough."""
    return SqliteMaker(tmp_path).fresh_url(tmp_path)


def wait_for_log(server: HankoCompat, text: str) -> None:
    wait_until(lambda: text in server.log.read_text(), why=lambda: server.log.read_text()[-2000:])


def wait_for_other_workers(server: HankoCompat, old: list[int]) -> None:
    wait_until(lambda: not set(old) & set(server.worker_pids()), why=lambda: "the old workers do not end")


@pytest.mark.parametrize("kind", [HankoCompat, UnderGunicorn])
@pytest.mark.parametrize("keep_alive", [False, True])
def test_hang_up_switches_sign_up_off(start: Starter, *, kind: type[HankoCompat], keep_alive: bool) -> None:
    server = start(WITH_SESSION, kind=kind)
    old = server.worker_pids()

    with Load(server, keep_alive=keep_alive) as load:
        load.wait_for(20)
        server.configure(merged(server.settings, {"account.allow_signup": False}))
        server.hang_up()
        wait_for_other_workers(server, old)

    assert {getattr(answer, "status", answer) for answer in load.others} <= {403}
    assert server.request("POST", "/users", {"email": "late@example.com"}).status == 403


@pytest.mark.parametrize("kind", [HankoCompat, UnderGunicorn])
def test_broken_configuration_is_refused(start: Starter, kind: type[HankoCompat]) -> None:
    server = start(WITH_SESSION, kind=kind)
    old = server.worker_pids()

    with Load(server, clients=2) as load:
        load.wait_for(5)
        server.configure(merged(server.settings, {"account.allow_signup": False, "session.limt": 3}))
        server.hang_up()
        wait_for_log(server, "reload_refused")
        wait_for_other_workers(server, old)
        load.wait_for(10)

    assert load.others == []
    assert "session.limt" in server.log.read_text()


def test_unreachable_database_is_refused(start: Starter) -> None:
    server = start(WITH_SESSION)
    old = server.worker_pids()

    server.configure(merged(server.settings, {"database.url": "postgres://hanko@127.0.0.1:1/hanko"}))
    server.hang_up()
    wait_for_log(server, "reload_refused")
    wait_for_other_workers(server, old)

    assert server.request("POST", "/users", {"email": "alice@example.com"}).status == 200


def test_terminated_server_answers_what_it_has_begun(start: Starter) -> None:
    server = start(WITH_SESSION, workers=1)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    body = b'{"email": "alice@example.com"}'
    connection.putrequest("POST", "/users")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(len(body)))
    connection.putheader("Expect", "100-continue")
    connection.endheaders()
    assert connection.sock.recv(len(CONTINUE), socket.MSG_WAITALL) == CONTINUE  # a worker has the request
    connection.send(body[:10])

    server.guard.terminate()
    wait_for_log(server, "Handling signal: term")
    connection.send(body[10:])

    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("kind", [HankoCompat, UnderGunicorn])
def test_worker_forgets_no_signal_while_it_starts(start: Starter, kind: type[HankoCompat]) -> None:
    server = start(WITH_SESSION, kind=kind, workers=1)
    (worker,) = server.worker_pids()

    for _ in range(20):
        os.kill(worker, signal.SIGTERM)
        worker = successor(server, worker)
    server.guard.terminate()

    assert server.guard.wait(LONGEST_STOP) == 0


def successor(server: HankoCompat, worker: int) -> int:
    """The process that replaces *worker*, as soon as it is there."""
    until = time.monotonic() + PATIENCE
    while not (others := set(server.worker_pids()) - {worker}):
        assert time.monotonic() < until, f"{worker} does not end:\n{server.log.read_text()[-2000:]}"
    return others.pop()
