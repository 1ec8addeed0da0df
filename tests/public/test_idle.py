"""Sessions that were not used for ``session.idle_timeout``, as Hanko 2.7.0 was seen to end them.

All times are ten times as long as the recorded ones, as MySQL's columns have whole seconds.
"""

import csv
import logging
from pathlib import Path
from uuid import UUID

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.sessions import sessions as rows
from tests.calls import CALLER
from tests.sessions import issue_session

EFFECTS = Path(__file__).parent.parent / "data" / "config-effects.tsv"
RECORDED = {
    (row[1], row[2]): row[3:]
    for row in csv.reader(
        EFFECTS.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    if row[0] == "session.idle_timeout"
}
UNVERIFIED = {"email.require_verification": False, "account.allow_deletion": True}
TAKEN_BACK = "hanko=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
ID = "7d0f5b1a-0d6f-4c0e-9d2b-7a8b3c1e5f60"
NEED_A_SESSION = [
    ("GET", "/me"),
    ("POST", "/logout"),
    ("DELETE", "/user"),
    ("GET", f"/users/{ID}"),
    ("GET", "/emails"),
    ("POST", "/emails"),
    ("DELETE", f"/emails/{ID}"),
    ("POST", f"/emails/{ID}/set_primary"),
    ("PUT", "/password"),
    ("GET", "/webauthn/credentials"),
    ("PATCH", "/webauthn/credentials/abc"),
    ("DELETE", "/webauthn/credentials/abc"),
    ("POST", "/webauthn/registration/initialize"),
    ("POST", "/webauthn/registration/finalize"),
]


class Visitor:
    """A caller with a session."""

    def __init__(self, app, clock):
        self.client = app.test_client(use_cookies=False)
        self.clock = clock
        signed_up = self.client.post("/users", json={"email": "alice@example.test"})
        self.user_id = signed_up.json["user_id"]
        self.token = signed_up.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
        self.services = app.extensions["hanko_compat"]

    def ask(self, method, path, *, by="bearer"):
        headers = {
            "bearer": {"Authorization": f"Bearer {self.token}"},
            "cookie": {"Cookie": f"hanko={self.token}"},
        }
        return self.client.open(path, method=method, headers=headers[by])

    def validate(self, method):
        if method == "POST":
            return self.client.post("/sessions/validate", json={"session_token": self.token})
        return self.ask("GET", "/sessions/validate")

    def session_is_stored(self):
        with self.services.database.connection():
            return rows.list_live_ids(user_id=UUID(self.user_id), at=self.clock()) != []


@pytest.fixture
def visitor(make_app, clock):
    return Visitor(make_app(UNVERIFIED | {"session.idle_timeout": "10s"}), clock)


@pytest.mark.parametrize("by", ["bearer", "cookie"])
@pytest.mark.parametrize(("method", "path"), NEED_A_SESSION)
def test_an_idle_session_ends_and_the_cookie_is_taken_back_once(visitor, clock, method, path, by):
    status, message, _ = RECORDED["1s, after 1.3 s unused", "GET /me, POST /logout"]
    clock.advance(seconds=13)
    first, second = visitor.ask(method, path, by=by), visitor.ask(method, path, by=by)
    assert (first.status_code, first.json["message"]) == (int(status), message.partition(";")[0])
    assert first.headers.getlist("Set-Cookie") == [TAKEN_BACK]
    assert (second.status_code, second.json) == (first.status_code, first.json)
    assert "Set-Cookie" not in second.headers
    assert not visitor.session_is_stored()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_check_ends_it_as_well(visitor, clock, method):
    status, message, _ = RECORDED["1s, after 1.3 s unused", "GET and POST /sessions/validate"]
    clock.advance(seconds=13)
    first, second = visitor.validate(method), visitor.validate(method)
    assert message.startswith("is_valid false; Set-Cookie")
    assert (first.status_code, first.json) == (int(status), {"is_valid": False})
    assert first.headers.getlist("Set-Cookie") == [TAKEN_BACK]
    assert (second.json, second.headers.getlist("Set-Cookie")) == ({"is_valid": False}, [])
    assert not visitor.session_is_stored()


@pytest.mark.parametrize("use", ["GET /me", "POST /sessions/validate", "GET /sessions/validate"])
def test_what_prolongs_a_session(visitor, clock, use):
    _, _, note = RECORDED[
        "1s, a request every 0.6 s", "GET /me or POST /sessions/validate / GET /sessions/validate"
    ]
    assert note == "GET /sessions/validate does not prolong, the two others do"
    method, path = use.split()
    for _ in range(4):
        clock.advance(seconds=6)
        answer = visitor.ask(method, path) if path == "/me" else visitor.validate(method)
    is_alive = answer.status_code == 200 and answer.json.get("is_valid", True)
    assert is_alive == (use != "GET /sessions/validate")


@pytest.mark.parametrize(("timeout", "shown"), [("30m", "30m"), ("24h", "expiry")])
def test_until_when_a_session_may_lie_idle_is_shown(make_app, clock, timeout, shown):
    visitor = Visitor(make_app(UNVERIFIED | {"session.idle_timeout": timeout}), clock)
    assert any(value.startswith(timeout) for value, _ in RECORDED)
    answer = visitor.validate("GET").json
    assert (answer["idle_expires_at"] == answer["expiration_time"]) == (shown == "expiry")


def test_a_good_session_beside_an_idle_one_keeps_its_cookie(visitor, clock):
    clock.advance(seconds=13)
    good = issue_session(visitor.services, UUID(visitor.user_id), client=CALLER).token
    headers = {"Authorization": f"Bearer {visitor.token}", "Cookie": f"hanko={good}"}
    answer = visitor.client.get("/me", headers=headers)
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])


def test_a_session_that_is_in_use_is_never_deleted(visitor, clock):
    """Another request has prolonged it between the look at the row and the deletion."""
    services = visitor.services
    seen = clock()
    clock.advance(seconds=9)
    assert visitor.ask("GET", "/me").status_code == 200
    session_id = services.sessions.live.authenticate(visitor.token).session_id
    with services.database.connection():
        assert rows.delete_idle(session_id, since=seen) is False
    assert visitor.session_is_stored()


def test_an_idle_session_is_refused_though_it_can_not_be_deleted(visitor, clock, monkeypatch, caplog):
    def fail(*_, **__):
        raise DatabaseUnavailable(retry_after=1)

    clock.advance(seconds=13)
    monkeypatch.setattr(rows, "delete_idle", fail)
    with caplog.at_level(logging.WARNING):
        assert visitor.ask("GET", "/me").status_code == 401
    assert "idle_session_not_deleted" in [record.message for record in caplog.records]


def test_both_cookies_are_taken_back_where_there_are_two(make_app, clock):
    settings = {
        "session.idle_timeout": "1s",
        "hanko_compat.backend_api.session_token": True,
        "hanko_compat.public_url": "https://auth.example.test",
    }
    visitor = Visitor(make_app(UNVERIFIED | settings), clock)
    clock.advance(seconds=13)
    names = [line.partition("=")[0] for line in visitor.ask("GET", "/me").headers.getlist("Set-Cookie")]
    assert names == ["hanko", "cbo_session_token"]
