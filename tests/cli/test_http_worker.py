"""What a caller gets from the real server: heads in several lines, too long, or malformed."""

import contextlib
import json
import os
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Config as GunicornConfig
from gunicorn.glogging import Logger

from hanko_compat.cli import http_worker
from hanko_compat.cli.http_worker import Worker
from tests.backend.server import basic
from tests.databases import SqliteMaker
from tests.servers.hanko_compat import HankoCompat
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = pytest.mark.servers

ORIGIN = "http://localhost:8888"
KILOBYTE = 1024


@pytest.fixture(scope="module")
def server(test_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HankoCompat]:
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path_factory.mktemp("database"))
    server = HankoCompat(test_run, settings_on(url, {"email.require_verification": False}), workers=1)
    server.start()
    server.create_secret()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def token(server: HankoCompat) -> str:
    answer = server.request("POST", "/users", {"email": "alice@example.test"})
    return str(answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2])


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(server: HankoCompat, message: bytes) -> Answer:
    """Send bytes, and read the answer up to its end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(message)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(int(first.split()[1]), headers, body)


def get(server: HankoCompat, target: str, *lines: str) -> Answer:
    message = "\r\n".join([f"GET {target} HTTP/1.1", "Host: x", "Connection: close", *lines, "", ""])
    return send(server, message.encode("latin-1"))


# Paths


@pytest.mark.parametrize("target", ["/me", "http://localhost/me", "/me?a=//"])
def test_a_path_as_it_is_written_is_served(server: HankoCompat, token: str, target: str) -> None:
    assert get(server, target, f"Authorization: Bearer {token}").status == 200


@pytest.mark.parametrize(
    "target",
    [
        "//me",
        "/%6De",
        "/%6de",
        "/me/",
        "/./me",
        "/x/../me",
        "/me;a=1",
        "/me%20",
        "/me#x",
        "http://localhost//me",
        "/ME",
    ],
)
def test_another_spelling_of_a_path_is_not(server: HankoCompat, token: str, target: str) -> None:
    answer = get(server, target, f"Authorization: Bearer {token}")
    assert (answer.status, answer.json) == (404, {"code": 404, "message": "Not Found"})


# Headers in several lines. {good} is a token of a session, {old} is none.


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["Cookie: a=1", "Cookie: hanko={good}"], 200),
        (["Cookie: hanko={good}", "Cookie: a=1"], 200),
        (["Cookie: hanko=nonsense", "Cookie: hanko={good}; b=2"], 200),
        (["Cookie: a=1", "cookie: b=2", "COOKIE: hanko={good}"], 200),
        (["Cookie: a=1,hanko={good}"], 401),
        (["Cookie: HANKO={good}"], 401),
        (['Cookie: a="1"; hanko="{good}"'], 200),
        (["Cookie: hanko = {good}"], 200),
        (["Authorization: Bearer {good}", "Authorization: Bearer nonsense"], 200),
        (["Authorization: Bearer nonsense", "Authorization: Bearer {good}"], 200),
        (["Authorization: Basic YTpi", "authorization: bearer {good}"], 200),
        (["Authorization: Bearer nonsense", "Authorization: Bearer nonsense"], 401),
        ([*["Authorization: Bearer nonsense"] * 2, "Authorization: Bearer {good}"], 200),
        ([*["Authorization: Bearer nonsense"] * 3, "Authorization: Bearer {good}"], 401),
        (["Authorization: Bearer nonsense,Bearer {good}"], 401),
        (["Authorization: Bearer nonsense Bearer {good}"], 401),
        (["Authorization: BEARER {good}"], 200),
        (["Authorization: Bearer  {good}"], 200),
        (["Authorization: Bearer {good}="], 200),
        (["Authorization: Bearer {good} "], 200),
        (["Authorization:Bearer {good}"], 200),
        (["Authorization: Bearer{good}"], 401),
        (["Authorization: Bearer"], 401),
        (["Authorization:"], 401),
        (["Cookie: hanko={good}="], 200),
    ],
    ids=repr,
)
def test_lines_count_as_in_the_original(
    server: HankoCompat, token: str, lines: list[str], status: int
) -> None:
    assert get(server, "/me", *(line.format(good=token) for line in lines)).status == status


def test_the_first_of_two_origins_and_of_two_names_counts(server: HankoCompat) -> None:
    answer = get(
        server, "/me", f"Origin: {ORIGIN}", "Origin: https://b.test", "X-Request-Id: a", "X-Request-Id: b"
    )
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["X-Request-Id"] == "a"


def test_a_cookie_in_a_second_line_is_guarded_against_other_sites(server: HankoCompat, token: str) -> None:
    message = (
        f"POST /logout HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: a=1\r\nCookie: hanko={token}\r\n"
    )
    answer = send(server, f"{message}Origin: https://evil.test\r\nContent-Length: 0\r\n\r\n".encode())
    assert answer.status == 403


def test_two_credentials_open_no_door(server: HankoCompat) -> None:
    new = server.create_secret()
    lines = [f"Authorization: {basic(new.project_id, new.secret)['Authorization']}"] * 2
    assert get(server, "/v2/users", *lines[:1]).status == 200
    assert get(server, "/v2/users", *lines).status == 401


# Heads that are too long


@pytest.mark.parametrize("size", [9 * KILOBYTE, 16 * KILOBYTE])
def test_large_cookies_are_taken(server: HankoCompat, token: str, size: int) -> None:
    cookies = f"hanko={token}; a="
    assert get(server, "/me", f"Cookie: {cookies}{'x' * (size - len(cookies))}").status == 200


def test_16_kb_of_headers_are_taken(server: HankoCompat, token: str) -> None:
    lines = [f"X-{number}: {'x' * 1000}" for number in range(14)]
    assert get(server, "/me", *lines, f"Cookie: hanko={token}").status == 200


@pytest.mark.parametrize("where", ["before", "behind"])
@pytest.mark.parametrize("size", [18 * KILOBYTE, 100 * KILOBYTE, 1000 * KILOBYTE])
def test_longer_ones_are_refused_so_that_a_script_can_read_it(
    server: HankoCompat, size: int, where: str
) -> None:
    lines = [f"Cookie: hanko={'x' * size}", f"Origin: {ORIGIN}", "X-Request-Id: my-own"]
    answer = get(server, "/me", *(lines if where == "behind" else lines[::-1]))
    assert (answer.status, answer.json) == (431, {"code": 431, "message": "Request Header Fields Too Large"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert answer.headers["Vary"] == "Origin"
    assert answer.headers["X-Request-Id"] == "my-own"
    assert answer.headers["Connection"] == "close"


def test_other_sites_can_not_read_it(server: HankoCompat) -> None:
    answer = get(server, "/me", "Origin: https://evil.test", f"Cookie: hanko={'x' * 20_000}")
    assert answer.status == 431
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_too_many_headers_are_refused(server: HankoCompat) -> None:
    answer = get(server, "/me", f"Origin: {ORIGIN}", *(f"X-{number}: x" for number in range(200)))
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (431, ORIGIN)


def test_a_target_that_is_too_long_is_refused(server: HankoCompat) -> None:
    answer = get(server, f"/me?a={'x' * 20_000}", f"Origin: {ORIGIN}")
    assert (answer.status, answer.json) == (414, {"code": 414, "message": "Request-URI Too Long"})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


# Heads that are no proper HTTP


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("GET\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        ("get /me HTTP/1.1\r\n\r\n", 400),
        ("GET /me HTTP/3.7\r\n\r\n", 400),
        ("GET /me HTTP/1.1\nHost: x\n\n", 400),
        ("GET me HTTP/1.1\r\n\r\n", 400),
        ("GET /health/alive HTTP/1.1\r\n\r\n", 400),
        ("GET /health/alive HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("GET /health/alive HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        ("GET /me HTTP/1.1\r\nNo colon\r\n\r\n", 400),
        ("GET /me HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /me HTTP/1.1\r\nA b: c\r\n\r\n", 400),
        ("GET /me HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400),
        ("GET /me HTTP/1.1\r\nA: b\x00\r\n\r\n", 400),
        ("GET /me HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        ("GET /me HTTP/1.1\r\nExpect: miracle\r\n\r\n", 417),
        ("GET /me HTTP/1.1\r\nTransfer-Encoding: nonsense\r\n\r\n", 501),
        ("OPTIONS /me HTTP/1.1\r\nNo colon\r\n\r\n", 400),
    ],
    ids=repr,
)
def test_they_are_refused_in_the_form_of_the_api(server: HankoCompat, message: str, status: int) -> None:
    first, end, rest = message.partition("\r\n")
    for sent in (message, f"{first}{end}Origin: {ORIGIN}\r\n{rest}"):
        answer = send(server, sent.encode())
        assert (answer.status, answer.json["code"]) == (status, status)
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Connection"] == "close"
        if sent != message and end:
            assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize(
    "head",
    [
        "GET /health/alive HTTP/1.0\r\n\r\n",
        "GET /health/alive HTTP/1.1\r\nConnection: close\r\nHost:\r\n\r\n",
        "GET /health/alive HTTP/1.1\r\nConnection: close\r\nHost: hanko_compat.internal:8000\r\n\r\n",
        "GET /health/alive HTTP/1.1\r\nConnection: close\r\nHost: [fe80::1%25eth0]:8000\r\n\r\n",
    ],
    ids=repr,
)
def test_hosts_of_any_usual_form_are_taken(server: HankoCompat, head: str) -> None:
    assert send(server, head.encode()).status == 200


def test_the_door_for_servers_refuses_in_its_own_form(server: HankoCompat) -> None:
    answer = get(server, "/v2/users", f"X: {'x' * 20_000}", f"Origin: {ORIGIN}")
    assert (answer.status, answer.json["httpStatusCode"]) == (431, 431)
    assert answer.json["error"]["type"] == "validation_error"
    assert re.fullmatch(r"req-\d+", answer.json["requestData"]["requestID"])
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_body_is_not_read_as_the_next_request(server: HankoCompat) -> None:
    smuggled = "GET /health/alive HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = send(server, f"POST /users HTTP/1.1\r\nNo colon\r\n\r\n{smuggled}".encode())
    assert answer.status == 400
    assert b"HTTP/1.1" not in answer.body


def test_what_was_refused_is_logged_without_its_headers(server: HankoCompat) -> None:
    send(server, b"GET /refused HTTP/1.1\r\nAuthorization Bearer secret-in-a-bad-line\r\n\r\n")
    get(server, "/refused?token=secret-in-a-query", f"Cookie: hanko=secret-in-a-cookie{'x' * 20_000}")
    log = server.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if '"/refused"' in line]
    assert [(line["status"], line["client"]) for line in lines] == [(400, "127.0.0.1"), (431, "127.0.0.1")]
    assert "secret-in" not in log
    assert "Traceback" not in log


# Slow callers


def test_callers_who_keep_their_connections_open_make_nobody_wait(server: HankoCompat) -> None:
    head = b"GET /health/alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        for _ in range(7):  # of eight threads
            address = ("127.0.0.1", server.port)
            connection = stack.enter_context(socket.create_connection(address, timeout=30))
            connection.sendall(head)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        assert send(server, head).status == 200
    assert time.monotonic() - began < 7  # where the main loop waits for each of them: 14 seconds


def test_a_long_head_of_many_headers_costs_little(server: HankoCompat) -> None:
    lines = [f"X-{number}: {'x' * 1000}" for number in range(950)]
    before = processor_time(server)
    for _ in range(10):
        answer = get(server, "/me", *lines, f"Origin: {ORIGIN}")
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (431, ORIGIN)
    taken = processor_time(server) - before
    assert taken < 0.8  # seconds; 1.9 where it is searched through for each part that arrives


def processor_time(server: HankoCompat) -> float:
    """The seconds that the worker has computed (proc(5), stat: utime and stime)."""
    (worker,) = server.worker_pids()
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# What gunicorn does for each request, and we do once


def worker_with(timeout: float) -> Worker:
    settings = GunicornConfig()
    return Worker(1, os.getppid(), [], None, timeout, settings, Logger(settings))


def test_a_sign_of_life_is_not_given_for_each_request(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = worker_with(timeout=30)
    worker.notify()
    os.utime(worker.tmp.fileno(), (1, 1))
    worker.notify()
    assert worker.tmp.last_update() == 1
    monkeypatch.setattr(http_worker, "SIGN_OF_LIFE", 0)
    worker._next_sign = 0.0
    for _ in range(2):
        os.utime(worker.tmp.fileno(), (1, 1))
        worker.notify()
        assert worker.tmp.last_update() > 1
    worker.tmp.close()


def test_signs_of_life_come_in_time_however_short_the_patience_is() -> None:
    worker = worker_with(timeout=1)
    before = time.monotonic()
    worker.notify()
    assert worker._next_sign <= time.monotonic() + 1 / 4
    assert worker._next_sign >= before + 1 / 4
    worker.tmp.close()


def test_settings_that_are_looked_up_once_are_those_of_before() -> None:
    settings, other = GunicornConfig(), GunicornConfig()
    other.set("keepalive", 7)
    names = [*settings.settings, "is_ssl", "address", "worker_class_str"]
    before = {name: getattr(settings, name) for name in names}
    http_worker.look_up_once(settings)
    assert {name: getattr(settings, name) for name in names} == before
    assert other.keepalive == 7
    assert "keepalive" not in vars(other)
    assert vars(settings)["keepalive"] == settings.keepalive
