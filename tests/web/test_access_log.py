"""One line for each request, and no secret in any."""

import io
import json
import logging

import pytest

from hanko_compat import logs

TOKEN = "eyJhbGciOiJSUzI1NiJ9.c2VjcmV0LXBheWxvYWQ.c2VjcmV0LXNpZ25hdHVyZQ"
SECRETS = ("correct-horse-battery", TOKEN, "c2VjcmV0", "314159", "one-time-value", "alice@example.test")


@pytest.fixture
def written():
    """Everything that the process logs, at every level."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(as_text=False, stream=stream, level=logging.DEBUG)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)


def access_lines(stream):
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in lines if line["logger"] == "hanko_compat.access"]


def test_a_line_tells_how_a_request_went(client, written):
    client.post("/users?next=x", json={}, headers={"X-Request-Id": "my-own-request-id"})
    (line,) = access_lines(written)
    assert 0 < line.pop("duration_ms") < 10_000
    assert line.pop("time")
    assert line == {
        "level": "info",
        "event": "request",
        "logger": "hanko_compat.access",
        "method": "POST",
        "path": "/users",
        "status": 400,
        "client": "127.0.0.1",
        "request_id": "my-own-request-id",
    }


@pytest.mark.parametrize("path", ["/health/alive", "/health/ready", "/dev/mailbox", "/playground/main.js"])
def test_what_asks_all_the_time_gets_a_line_only_where_it_is_wanted(make_app, written, path):
    make_app().test_client().get(path)
    assert access_lines(written) == []
    make_app({"log.log_health_and_metrics": True}).test_client().get(path)
    assert [line["path"] for line in access_lines(written)] == [path]


@pytest.mark.parametrize(
    ("method", "path", "arguments"),
    [
        ("POST", "/users", {"json": {"email": "alice@example.test", "password": "correct-horse-battery"}}),
        ("POST", "/users", {"data": b'{"email": "correct-horse-battery', "content_type": "application/json"}),
        ("POST", "/users", {"data": "code=314159"}),
        ("POST", "/user", {"json": {"email": ["alice@example.test"]}}),
        ("GET", "/me", {"headers": {"Cookie": f"hanko={TOKEN}"}}),
        ("GET", "/me", {"headers": {"Authorization": f"Bearer {TOKEN}"}}),
        ("GET", "/me", {"headers": {"Authorization": "Basic correct-horse-battery"}}),
        ("POST", "/sessions/validate", {"json": {"session_token": TOKEN}}),
        ("GET", "/sessions/validate", {"headers": {"X-Auth-Token": TOKEN, "Cookie": f"hanko={TOKEN}"}}),
        ("POST", "/logout", {"headers": {"Cookie": f"hanko={TOKEN}", "Origin": "https://evil.test"}}),
        ("GET", "/nowhere?hanko_token=one-time-value&code=314159", {}),
        ("GET", "/users", {"headers": {"Referer": "https://x.test/?token=one-time-value"}}),
    ],
)
def test_no_secret_is_written(client, written, method, path, arguments):
    client.open(path, method=method, **arguments)
    assert len(access_lines(written)) == 1
    assert [secret for secret in SECRETS if secret in written.getvalue()] == []


def test_a_fault_is_written_without_secrets_too(app, written):
    def fail():
        raise RuntimeError("out of order")

    app.add_url_rule("/fail", view_func=fail, methods=["POST"])
    headers = {"Authorization": f"Bearer {TOKEN}"}
    app.test_client().post("/fail?code=314159", json={"password": "correct-horse-battery"}, headers=headers)
    assert "out of order" in written.getvalue()
    assert [secret for secret in SECRETS if secret in written.getvalue()] == []


@pytest.mark.parametrize("path", ["/x%0d%0aforged", "/x%1b[31m", "/x%00", "/x%e2%80%a8", "/x%ff"])
def test_a_path_writes_no_line_of_its_own(client, written, path):
    client.get(path)
    lines = access_lines(written)
    assert len(lines) == 1
    assert written.getvalue().isascii()
