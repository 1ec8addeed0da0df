"""Requests made to break something: documented answers, no 500, nothing stored."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.storage.models import Email, User
from tests.servers.hanko_compat import MOST_MEMORY, HankoCompat, resident
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = pytest.mark.slow

TAKES_A_BODY = ["/users", "/user", "/sessions/validate"]
JSON = "application/json"
MEGABYTE = 1024 * 1024

# Body, content type, status.
BODIES = {
    "broken": (b'{"email": "a@example.test"', JSON, 400),
    "not json": (b"hello", JSON, 400),
    "a list": (b"[]", JSON, 400),
    "a text": (b'"text"', JSON, 400),
    "null": (b"null", JSON, 400),
    "white space": (b" \n", JSON, 400),
    "two objects": (b"{}{}", JSON, 400),
    "duplicate keys": (b'{"email": "a@example.test", "email": "b@example.test"}', JSON, 400),
    "NaN": (b'{"email": NaN}', JSON, 400),
    "infinite": (b'{"email": 1e999}', JSON, 400),
    "long number": (b'{"email": ' + b"1" * 10_000 + b"}", JSON, 400),
    "deep objects": (b'{"email":' * 100_000, JSON, 400),
    "deep lists": (b'{"email": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON, 400),
    "not UTF-8": (b'{"email": "\xff@example.test"}', JSON, 400),
    "UTF-16": ('{"email": "a@example.test"}'.encode("utf-16"), JSON, 400),
    "a byte order mark": (b'\xef\xbb\xbf{"email": "a@example.test"}', JSON, 400),
    "NUL": (b'{"email": "a\\u0000@example.test"}', JSON, 400),
    "raw NUL": (b'{"email": "a\x00@example.test"}', JSON, 400),
    "half a surrogate pair": (b'{"email": "\\ud800@example.test"}', JSON, 400),
    "too large": (b" " * MEGABYTE + b"{}", JSON, 413),
    "10 MB": (b"x" * 10 * MEGABYTE, JSON, 413),
    "a form": (b"email=a%40example.test", "application/x-www-form-urlencoded", 415),
    "plain text": (b'{"email": "a@example.test"}', "text/plain", 415),
    "multipart": (b"--x--", "multipart/form-data; boundary=x", 415),
    "no type": (b'{"email": "a@example.test"}', None, 415),
    "an unknown type": (b'{"email": "a@example.test"}', "application/\u00ff", 415),
}
VALUES = [
    None,
    True,
    5,
    1.5,
    [],
    {},
    ["a@example.test"],
    {"a": 1},
    "",
    "x",
    "a\u0000b",
    "\ud83d\ude00",
    "x" * 100_000,
]


def rows(services) -> int:
    with services.database.connection():
        return User.select().count() + Email.select().count()


@pytest.mark.one_database
@pytest.mark.parametrize("path", TAKES_A_BODY)
@pytest.mark.parametrize("name", BODIES)
def test_bad_bodies(client, services, path, name):
    body, content_type, status = BODIES[name]
    response = client.post(path, data=body, content_type=content_type)
    assert (response.status_code, response.json["code"]) == (status, status)
    assert response.json["message"]
    assert response.headers["X-Request-Id"]
    assert rows(services) == 0


@pytest.mark.parametrize("path", TAKES_A_BODY)
@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_members_of_another_type(client, services, path, value):
    for name in ("email", "session_token"):
        response = client.post(path, json={name: value})
        assert response.status_code < 500
        assert response.is_json
    assert rows(services) == 0


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "x-unknown"])
def test_compressed_bodies(client, services, encoding):
    response = client.post("/users", json={"email": "a@example.test"}, headers={"Content-Encoding": encoding})
    assert response.status_code == 415
    assert rows(services) == 0


@pytest.mark.parametrize(
    "path",
    [
        *("/users/%00", "/users/%ff%fe", "/users/..%2f..%2fetc", "/users/%0d%0aX:y", "/users/" + "a" * 5000),
        *(
            "/users/<script>",
            "/users/%F0%9F%98%80",
            "//users//a//b",
            "/users/\u0660",
            "/users/{}",
            "/%2e%2e/",
        ),
    ],
)
def test_strange_paths(client, path):
    for method in ("GET", "POST", "DELETE"):
        response = client.open(path, method=method)
        assert response.status_code in (401, 404, 405)
        assert response.json["code"] == response.status_code


HEADERS = {
    "Cookie": [
        "hanko=",
        "hanko",
        ";;;",
        "hanko=\x00",
        "=",
        "hanko=" + "a" * 5000,
        'hanko="\\377"',
        "hanko=\u00ff",
    ],
    "Authorization": ["Bearer", "Bearer  ", "Bearer \u00ff", "Basic \u00ff", "Bearer a.b.c", "x" * 5000],
    "Content-Length": ["-1", "abc", "1e3", "99999999999999999999", "+0"],
    "Content-Type": [
        "application/json; charset=utf-16",
        "application/json;;;=",
        ";",
        "application/json; charset=\u00ff",
    ],
    "Origin": ["", "null", "\u00ff", "http://", "://", "http://[::1", "x" * 5000, "http://localhost:8888\t"],
    "X-Request-Id": ["", "\u00ff", "a b", "x" * 5000],
    "User-Agent": ["", "\u00ff\u00fe", "x" * 5000, "\x1b[31m"],
    "X-Forwarded-For": ["", ",,,", "\u00ff", "1.2.3.4" * 500, "[", "::ffff:1"],
    "Accept": ["\u00ff", ",;q=", "text/html;q=x"],
    "Host": ["", "\u00ff", "[::1", "a:b:c", "x" * 5000],
    "Range": ["bytes=0-0", "bytes=x"],
    "If-None-Match": ["*", '"', "\u00ff"],
    "Sec-Fetch-Site": ["same-origin\x00", "\u00ff"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in HEADERS.items() for value in values], ids=repr
)
def test_strange_headers(client, name, value):
    environ = {
        "CONTENT_LENGTH" if name == "Content-Length" else f"HTTP_{name.upper().replace('-', '_')}": value
    }
    if name == "Content-Type":
        environ = {"CONTENT_TYPE": value}
    for method, path in (
        ("GET", "/me"),
        ("GET", "/sessions/validate"),
        ("POST", "/users"),
        ("POST", "/logout"),
    ):
        response = client.open(path, method=method, environ_overrides=environ)
        assert response.status_code < 500
        assert response.is_json


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(
    data=st.binary(max_size=200)
    | st.dictionaries(st.sampled_from(["email", "session_token", "x"]), st.text() | st.integers() | st.none())
    .map(json.dumps)
    .map(str.encode),
    path=st.sampled_from(TAKES_A_BODY),
)
def test_no_body_at_all_is_our_fault(client, data, path):
    assert client.post(path, data=data, content_type=JSON).status_code < 500


@pytest.mark.parametrize("target", ["email", "path", "header"])
def test_what_a_caller_sends_is_never_part_of_a_page(make_app, target):
    client = make_app({"hanko_compat.openapi": True}).test_client()
    script = "<script>alert(1)</script>"
    answers = {
        "email": [client.post("/users", json={"email": script})],
        "path": [client.get(f"/{script}"), client.get(f"/docs?{script}"), client.get(f"/?{script}")],
        "header": [
            client.get("/docs", headers={"Host": script}),
            client.get("/", headers={"Referer": script}),
        ],
    }
    for response in answers[target]:
        assert response.is_json or script not in response.text
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.fixture(scope="module")
def server(test_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HankoCompat]:
    """The real server, behind nothing."""
    database = f"sqlite:///{tmp_path_factory.mktemp('hostile')}/data.sqlite3"
    running = HankoCompat(test_run, settings_on(database, {"hanko_compat.jwk.algorithm": "ES256"}), workers=1)
    running.start()
    yield running
    running.remove()


def exchange(connection: http.client.HTTPConnection, method: str, path: str, **arguments: Any) -> int:
    connection.request(method, path, **arguments)
    response = connection.getresponse()
    response.read()
    return response.status


@pytest.mark.servers
@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize(
    ("path", "status"), [("/users", 413), ("/nowhere", 404), ("/logout", 401), ("/health/alive", 405)]
)
def test_10_mb_are_answered_on_a_connection_that_lives_on(server, path, status, is_chunked):
    body: Any = iter([bytes(MEGABYTE)] * 10) if is_chunked else bytes(10 * MEGABYTE)
    arguments = {"body": body, "headers": {"Content-Type": JSON}, "encode_chunked": is_chunked}
    if is_chunked:
        arguments["headers"]["Transfer-Encoding"] = "chunked"
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        assert exchange(connection, "POST", path, **arguments) == status
        kept = connection.sock
        assert kept is not None
        assert exchange(connection, "GET", "/health/alive") == 200
        assert connection.sock is kept
    assert max(map(resident, server.worker_pids())) < MOST_MEMORY


def raw(server: HankoCompat, message: bytes) -> tuple[int, bytes]:
    """Send bytes, end the sending side, and read the answer up to its end."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return int(answer.split(b" ", 2)[1]), answer


HEAD = b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BODY = b'{"email": "raw@example.test"}'  # of 29 bytes, 1d in hexadecimal


@pytest.mark.servers
@pytest.mark.parametrize(
    ("message", "status"),
    [
        (HEAD + b"Content-Length: 29\r\n\r\n" + BODY, 200),
        (CHUNKED + b"1d\r\n" + BODY + b"\r\n0\r\n\r\n", 200),
        (CHUNKED + b"ZZZ\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
        (CHUNKED + b"-1d\r\n" + BODY + b"\r\n0\r\n\r\n", 400),
        (CHUNKED + b"1d\r\n" + BODY + b"\r\n", 400),
        (CHUNKED + b"1d\r\n" + BODY + b"XX0\r\n\r\n", 400),
        (CHUNKED + b"1d\r\n" + BODY[:20], 400),
        (HEAD + b"Content-Length: 100\r\n\r\n" + BODY, 400),
        (HEAD + b"Content-Length: -1\r\n\r\n" + BODY, 400),
        (HEAD + b"Content-Length: x\r\n\r\n" + BODY, 400),
        (HEAD + b"Content-Length: 29\r\nContent-Length: 30\r\n\r\n" + BODY, 400),
        (HEAD + b"Content-Length: 29\r\nTransfer-Encoding: chunked\r\n\r\n" + BODY, 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 404),
        (b"GET \xff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET http://evil.test HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ],
)
def test_messages_that_are_no_proper_http(server, message, status):
    received, answer = raw(server, message)
    assert received == status
    assert b"evil" not in answer
    assert b"Traceback" not in answer
