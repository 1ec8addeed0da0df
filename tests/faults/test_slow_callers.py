"""Callers who send slowly, read slowly or never hang up: others are served, without a proxy too."""

import contextlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.databases import SqliteMaker
from tests.faults.conftest import Starter
from tests.servers.hanko_compat import HankoCompat, UnderGunicorn, wait_until
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = pytest.mark.servers

CALLERS = 100  # four workers have 32 threads
HEAD = b"%b %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
ALIVE = b"GET /health/alive HTTP/1.1\r\nHost: x\r\n"


class Impatient(UnderGunicorn):
    """A server that waits a second for a request, where it is twenty by default, and has few connections."""

    def install(self) -> None:
        """Put the files into one folder."""
        super().install()
        file = self.folder / "gunicorn.conf.py"
        changes = (
            "from hanko_compat.cli import http_worker",
            "http_worker.PATIENCE = 1.0",
            "worker_connections = 60",
        )
        file.write_text("\n".join([file.read_text(), *changes, ""]))


@pytest.fixture(scope="module")
def serve(
    test_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[type[HankoCompat]], HankoCompat]]:
    """Start one server of a kind."""
    servers: dict[type[HankoCompat], HankoCompat] = {}

    def start_one(kind: type[HankoCompat]) -> HankoCompat:
        if kind not in servers:
            template = SqliteMaker(tmp_path_factory.mktemp("template"))
            settings = settings_on(template.fresh_url(tmp_path_factory.mktemp("database")))
            servers[kind] = kind(test_run, settings)
            servers[kind].start()
        return servers[kind]

    yield start_one
    for server in servers.values():
        server.remove()


@pytest.fixture
def patient(serve: Callable[[type[HankoCompat]], HankoCompat]) -> HankoCompat:
    return serve(HankoCompat)


@pytest.fixture
def impatient(serve: Callable[[type[HankoCompat]], HankoCompat]) -> HankoCompat:
    return serve(Impatient)


@contextlib.contextmanager
def callers(server: HankoCompat, *, sent: bytes, number: int = CALLERS) -> Iterator[list[socket.socket]]:
    """So many connections that have *sent* something, and go on holding them."""
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(number):
            address = ("127.0.0.1", server.port)
            connections.append(stack.enter_context(socket.create_connection(address, timeout=30)))
            connections[-1].sendall(sent)
        yield connections


def head(method: bytes, path: bytes, *lines: bytes) -> bytes:
    return HEAD % (method, path) + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def longest_wait(server: HankoCompat) -> float:
    """The seconds that the slowest of twenty others waits."""
    taken = []
    for _ in range(20):
        began = time.monotonic()
        assert server.request("POST", "/user", {"email": "nobody@example.com"}).status == 404
        taken.append(time.monotonic() - began)
    return max(taken)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"G", id="nearly nothing"),
        pytest.param(HEAD % (b"POST", b"/users"), id="half a head"),
        pytest.param(head(b"POST", b"/users", b"Content-Length: 1000") + b"{", id="a byte of a body"),
        pytest.param(
            head(b"POST", b"/users", b"Transfer-Encoding: chunked") + b"400\r\n{", id="a byte of a chunk"
        ),
        pytest.param(
            head(b"POST", b"/users", b"Transfer-Encoding: chunked") + b"9\r\n0\r\n\r\n",
            id="a false last chunk",
        ),
        pytest.param(
            head(b"POST", b"/users", b"Content-Length: 9", b"Expect: 100-continue"), id="asked to go on"
        ),
        pytest.param(head(b"POST", b"/v2/users", b"Content-Length: 1000") + b"{", id="the other door"),
        pytest.param(head(b"POST", b"/users", b"Content-Length: 30000000") + b"{", id="far too much"),
        pytest.param(ALIVE + b"\r\n" + head(b"POST", b"/users", b"Content-Length: 9"), id="a second one"),
        pytest.param(ALIVE + b"Connection: close\r\n\r\n", id="all of it, and never hangs up"),
    ],
)
def test_others_are_served(patient: HankoCompat, sent: bytes) -> None:
    with callers(patient, sent=sent):
        assert longest_wait(patient) < 1.5  # seconds; where they hold threads it is twenty


def test_slow_bodies_keep_nobody_from_logging_in(start: Starter, on_redis: dict[str, Any]) -> None:
    limited = {"rate_limiter.enabled": True}
    for changes in (limited, {**limited, **on_redis}):
        server = start({**changes, "email.require_verification": False})
        with callers(server, sent=head(b"POST", b"/users", b"Content-Length: 1000") + b"{"):
            began = time.monotonic()
            signed_up = server.request("POST", "/users", {"email": f"{uuid4()}@example.com"})
            cookie = signed_up.headers["Set-Cookie"].partition(";")[0]
            assert server.request("GET", "/me", Cookie=cookie).status == 200
            assert time.monotonic() - began < 3  # seconds; where the bodies hold threads it is twenty


def test_one_byte_a_moment_holds_nobody_up(patient: HankoCompat) -> None:
    with callers(patient, sent=head(b"POST", b"/users", b"Content-Length: 1000")) as connections:
        for _ in range(5):
            for connection in connections:
                connection.send(b" ")
            assert longest_wait(patient) < 1.5


def test_who_asks_and_asks_and_reads_no_answer_is_cut_off(patient: HankoCompat) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(5)  # seconds; where the answers are waited for it takes ten
        connection.connect(("127.0.0.1", patient.port))
        with pytest.raises(ConnectionError):
            ask_on_and_on(connection)


def ask_on_and_on(connection: socket.socket) -> None:
    for _ in range(100_000):
        connection.sendall(head(b"GET", b"/.well-known/jwks.json"))


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (HEAD % (b"POST", b"/users"), "code"),
        (head(b"POST", b"/users", b"Content-Length: 1000") + b"{", "code"),
        (head(b"POST", b"/users", b"Transfer-Encoding: chunked") + b"5\r\n{", "code"),
        (head(b"POST", b"/v2/users", b"Content-Length: 1000") + b"{", "httpStatusCode"),
    ],
    ids=repr,
)
def test_what_is_not_there_in_time_is_408_and_the_connection_ends(
    impatient: HankoCompat, sent: bytes, code: str
) -> None:
    with callers(impatient, sent=sent, number=40) as connections:
        for connection in connections:
            answer, _, body = read_all(connection).partition(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"Connection: close" in answer
            assert b"Content-Type: application/json" in answer
            assert json.loads(body)[code] == 408


def test_a_body_that_is_far_too_long_is_413_even_if_it_is_slow(impatient: HankoCompat) -> None:
    sent = head(b"POST", b"/users", b"Content-Length: 30000000") + b" " * 3_000_000
    with callers(impatient, sent=sent, number=1) as (connection,):
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"Connection: close" in answer


def test_a_caller_who_waits_to_be_asked_for_a_body_is_asked(patient: HankoCompat) -> None:
    sent = head(b"POST", b"/user", b"Content-Length: 28", b"Expect: 100-continue", b"Connection: close")
    with callers(patient, sent=sent, number=1) as (connection,):
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b'{"email": "nobody@test.org"}')
        assert read_all(connection).startswith(b"HTTP/1.1 404 ")


def test_who_has_sent_that_behind_another_request_is_asked_too(patient: HankoCompat) -> None:
    sent = head(b"POST", b"/user", b"Content-Length: 28", b"Expect: 100-continue", b"Connection: close")
    with callers(patient, sent=ALIVE + b"\r\n" + sent, number=1) as (connection,):
        received = b""
        while not received.endswith(b"HTTP/1.1 100 Continue\r\n\r\n"):
            received += connection.recv(1000)
            assert b"HTTP/1.1 408" not in received
        connection.sendall(b'{"email": "nobody@test.org"}')
        assert read_all(connection).startswith(b"HTTP/1.1 404 ")


def test_nobody_is_asked_for_a_body_that_is_too_long(patient: HankoCompat) -> None:
    sent = head(b"POST", b"/user", b"Content-Length: 9000000", b"Expect: 100-continue")
    with callers(patient, sent=sent, number=1) as (connection,):
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")


def test_requests_one_behind_the_other_are_all_answered(patient: HankoCompat) -> None:
    body = b'{"email": "nobody@test.org"}'
    one = head(b"POST", b"/user", b"Content-Length: %d" % len(body)) + body
    with callers(patient, sent=one * 3 + ALIVE + b"Connection: close\r\n\r\n", number=1) as (connection,):
        answers = read_all(connection)
    assert (answers.count(b"HTTP/1.1 404 "), answers.count(b"HTTP/1.1 200 ")) == (3, 1)


@pytest.mark.parametrize("sent", [b"", ALIVE + b"\r\n"], ids=["silent", "kept alive"])
def test_idle_connections_make_room_for_others(impatient: HankoCompat, sent: bytes) -> None:
    with callers(impatient, sent=sent, number=60 * 4 + 100):
        assert longest_wait(impatient) < 1.5  # seconds; where they keep their places it is 75


def test_a_stopping_server_waits_for_what_is_arriving(
    test_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path_factory.mktemp("database"))
    server = HankoCompat(test_run, settings_on(url), workers=1)
    server.start()
    try:
        with callers(server, sent=head(b"POST", b"/user", b"Content-Length: 28"), number=3) as connections:
            assert server.request("GET", "/health/alive").status == 200  # so the others have arrived before
            os.kill(server.pid, signal.SIGTERM)
            wait_until(lambda: "Handling signal: term" in server.log.read_text(), why=server.log.read_text)
            for connection in connections:
                connection.sendall(b'{"email": "nobody@test.org"}')
                assert read_all(connection).startswith(b"HTTP/1.1 404 ")
    finally:
        server.remove()
