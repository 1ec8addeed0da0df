"""Users see their sessions, and end them."""

import logging
from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.client import Client
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.models import Session
from hanko_compat.storage.sessions import sessions as rows
from tests.factories import make_account, make_session
from tests.queries import assert_query_count
from tests.sessions import issue_session

NOT_FOUND = (404, {"code": 404, "message": "Not Found"})
BAD_REQUEST = (400, {"code": 400, "message": "Bad Request"})
UNAUTHORIZED = (401, {"code": 401, "message": "Unauthorized"})
TAKEN_BACK = ["hanko=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"]
MEMBERS = [
    "id",
    "user_id",
    "user_agent",
    "ip_address",
    "created_at",
    "updated_at",
    "expires_at",
    "last_used",
    "is_current",
]
HOUR = timedelta(hours=1)


class Caller:
    """A user of the application behind *client*, with a session."""

    def __init__(self, client, user_id=None):
        self.client = client
        self.services = client.application.extensions["hanko_compat"]
        self.user_id = user_id or make_account().user_id
        firefox = Client(ip_address="192.0.2.7", user_agent="Firefox", request_id="request-1")
        self.issued = issue_session(self.services, self.user_id, client=firefox)
        self.id = str(self.issued.session_id)
        self.headers = {"Authorization": f"Bearer {self.issued.token}"}

    def ask(self, method, path, **headers):
        return self.client.open(path, method=method, headers=self.headers | headers)

    def ask_by_cookie(self, method, path, **headers):
        headers["Cookie"] = f"hanko={self.issued.token}"
        return self.client.open(path, method=method, headers=headers)

    def again(self):
        """The same user with another session."""
        return Caller(self.client, self.user_id)

    def seen(self):
        return {each["id"] for each in self.ask("GET", "/sessions").json}

    def is_refused(self):
        """Whether the session counts for nothing, wherever it is shown."""
        validated = [
            self.ask("GET", "/sessions/validate"),
            self.client.post("/sessions/validate", json={"session_token": self.issued.token}),
        ]
        calls = [
            ("GET", "/me"),
            ("GET", "/sessions"),
            ("DELETE", "/sessions"),
            ("DELETE", f"/sessions/{self.id}"),
        ]
        statuses = {self.ask(*call).status_code for call in calls}
        return statuses == {401} and [one.json for one in validated] == [{"is_valid": False}] * 2


@pytest.fixture
def alice(client):
    return Caller(client)


def answered(response):
    return response.status_code, response.json


def stored(caller):
    with caller.services.database.connection():
        return {str(row.id) for row in Session.select(Session.id)}


def test_a_list_has_the_members_of_the_admin_api(alice):
    [shown] = alice.ask("GET", "/sessions").json
    with alice.services.database.connection():
        row = Session.get_by_id(alice.id)
    assert list(shown) == MEMBERS
    assert (shown["id"], shown["user_id"]) == (alice.id, str(alice.user_id))
    assert (shown["ip_address"], shown["user_agent"], shown["is_current"]) == ("192.0.2.7", "Firefox", True)
    times = {"created_at": row.created_at, "updated_at": row.updated_at, "last_used": row.last_used}
    for name, moment in (times | {"expires_at": row.expires_at}).items():
        assert shown[name].startswith(moment.strftime("%Y-%m-%dT%H:%M:%S")), name
        assert shown[name].endswith("Z"), name


def test_what_is_not_stored_is_null(make_app):
    off = {"session.acquire_ip_address": False, "session.acquire_user_agent": False}
    [shown] = Caller(make_app(off).test_client(use_cookies=False)).ask("GET", "/sessions").json
    assert sorted(shown) == sorted(MEMBERS)
    assert (shown["ip_address"], shown["user_agent"]) == (None, None)


def test_the_newest_comes_first_and_that_of_the_request_is_marked(alice):
    older = make_session(user=alice.user_id, created_at=alice.issued.expires_at - 13 * HOUR)
    over = make_session(user=alice.user_id, expires_at=alice.issued.expires_at - 13 * HOUR)
    Caller(alice.client)  # somebody else
    listed = alice.ask_by_cookie("GET", "/sessions").json
    assert [(each["id"], each["is_current"]) for each in listed] == [(alice.id, True), (str(older.id), False)]
    assert str(over.id) in stored(alice)


def test_a_list_takes_two_queries(alice):
    alice.ask("GET", "/sessions")
    with assert_query_count(2):  # session, sessions
        alice.ask("GET", "/sessions")


def test_a_session_is_over_at_once_when_another_one_ends_it(alice):
    phone = alice.again()
    answer = alice.ask("DELETE", f"/sessions/{phone.id}")
    assert (answer.status_code, answer.data, answer.headers.getlist("Set-Cookie")) == (204, b"", [])
    assert phone.is_refused()
    assert alice.seen() == {alice.id}
    assert answered(alice.ask("DELETE", f"/sessions/{phone.id}")) == NOT_FOUND


def test_to_end_the_session_of_the_request_takes_the_cookie_back(alice):
    phone = alice.again()
    answer = alice.ask_by_cookie("DELETE", f"/sessions/{alice.issued.session_id.hex.upper()}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert [line.replace("Secure; ", "") for line in answer.headers.getlist("Set-Cookie")] == TAKEN_BACK
    assert alice.is_refused()
    assert phone.seen() == {phone.id}


def test_all_others_end_and_this_one_stays(alice):
    others, bob = [alice.again() for _ in range(3)], Caller(alice.client)
    answer = alice.ask("DELETE", "/sessions")
    assert (answer.status_code, answer.data, answer.headers.getlist("Set-Cookie")) == (204, b"", [])
    assert all(each.is_refused() for each in others)
    assert alice.seen() == {alice.id}
    assert bob.seen() == {bob.id}
    assert alice.ask("DELETE", "/sessions").status_code == 204


def test_sessions_of_others_can_neither_be_seen_nor_ended(alice):
    bob = Caller(alice.client)
    assert answered(alice.ask("DELETE", f"/sessions/{bob.id}")) == NOT_FOUND
    assert answered(alice.ask("DELETE", f"/sessions/{uuid4()}")) == NOT_FOUND
    # Neither query, body nor headers say whose they are.
    query = f"?user_id={bob.user_id}&id={bob.id}"
    alice.ask("DELETE", f"/sessions{query}", **{"X-User-Id": str(bob.user_id)})
    body = {"user_id": str(bob.user_id), "id": bob.id}
    alice.client.delete("/sessions", json=body, headers=alice.headers)
    assert [each["id"] for each in alice.ask("GET", f"/sessions{query}").json] == [alice.id]
    assert stored(alice) == {alice.id, bob.id}


@pytest.mark.parametrize(
    "segment", ["nonsense", "validate", "{id}x", "{id}%00", "%7B{id}", "URN:UUID:{id}", "*"]
)
def test_what_is_no_id_is_a_bad_request(alice, segment):
    phone = alice.again()
    answer = alice.ask("DELETE", f"/sessions/{segment.format(id=phone.id)}")
    assert answered(answer) == BAD_REQUEST
    assert alice.seen() == {alice.id, phone.id}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/sessions"), ("DELETE", "/sessions"), ("DELETE", "/sessions/{id}"), ("DELETE", "/sessions/x")],
)
def test_everything_needs_a_session(alice, method, path):
    path = path.format(id=alice.id)
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "hanko=nonsense"}):
        assert answered(alice.client.open(path, method=method, headers=headers)) == UNAUTHORIZED
    assert stored(alice) == {alice.id}


@pytest.mark.parametrize("suffix", ["", "/{id}"])
def test_another_site_can_not_use_the_cookie(alice, suffix):
    phone = alice.again()
    path = f"/sessions{suffix.format(id=phone.id)}"
    assert alice.ask_by_cookie("DELETE", path, Origin="https://evil.example").status_code == 403
    assert stored(alice) == {alice.id, phone.id}
    assert alice.ask_by_cookie("DELETE", path, Origin="http://localhost:8888").status_code == 204


def test_frontends_of_other_origins_may_read_and_end(alice):
    origin = {"Origin": "http://localhost:8888"}
    assert alice.ask_by_cookie("GET", "/sessions", **origin).headers["Access-Control-Allow-Origin"]
    wanted = origin | {"Access-Control-Request-Method": "DELETE"}
    preflight = alice.client.options(f"/sessions/{alice.id}", headers=wanted)
    assert "DELETE" in preflight.headers["Access-Control-Allow-Methods"]
    evil = alice.ask_by_cookie("GET", "/sessions", Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in evil.headers


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/sessions", {"GET", "HEAD", "DELETE"}),
        ("GET", "/sessions/{id}", {"DELETE"}),
        ("PUT", "/sessions/{id}", {"DELETE"}),
    ],
)
def test_other_methods(alice, method, path, allowed):
    answer = alice.ask(method, path.format(id=alice.id))
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_head_is_answered_as_get(alice):
    answer = alice.ask("HEAD", "/sessions")
    assert (answer.status_code, answer.data, answer.content_type) == (200, b"", "application/json")


def test_the_list_can_be_switched_off(make_app):
    alice = Caller(make_app({"session.show_on_profile": False}).test_client(use_cookies=False))
    assert answered(alice.ask("GET", "/sessions")) == NOT_FOUND
    assert alice.ask("DELETE", "/sessions").status_code == 204


def test_the_ends_can_be_switched_off(make_app):
    alice = Caller(make_app({"session.allow_revocation": False}).test_client(use_cookies=False))
    phone = alice.again()
    for path in ("/sessions", f"/sessions/{phone.id}", f"/sessions/{alice.id}"):
        assert answered(alice.ask("DELETE", path)) == NOT_FOUND
    assert alice.seen() == {alice.id, phone.id}
    assert phone.ask("POST", "/logout").status_code == 204


def test_a_token_without_a_stored_session_sees_and_ends_nothing(alice):
    """As other servers with the same keys may make them."""
    phone = alice.again()
    with alice.services.database.connection():
        Session.delete_by_id(alice.id)
    assert alice.is_refused()
    assert stored(alice) == {phone.id}


@pytest.mark.parametrize(("is_current", "cookies"), [(True, TAKEN_BACK), (False, [])])
def test_a_browser_forgets_its_session_when_the_end_fails(alice, monkeypatch, is_current, cookies):
    phone = alice.again()

    def fail(_session_ids):
        raise DatabaseUnavailable(retry_after=1)

    monkeypatch.setattr(rows, "delete", fail)
    answer = alice.ask_by_cookie("DELETE", f"/sessions/{alice.id if is_current else phone.id}")
    assert answer.status_code == 503
    assert [line.replace("Secure; ", "") for line in answer.headers.getlist("Set-Cookie")] == cookies
    assert stored(alice) == {alice.id, phone.id}


def test_no_log_line_tells_of_the_sessions(alice, caplog):
    phone = alice.again()
    with caplog.at_level(logging.INFO, "hanko_compat"):
        alice.ask("GET", "/sessions")
        alice.ask("DELETE", f"/sessions/{phone.id}")
        alice.ask("DELETE", "/sessions")
    text = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert [
        word for word in ("Firefox", "192.0.2.7", phone.issued.token, alice.issued.token) if word in text
    ] == []
