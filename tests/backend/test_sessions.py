"""Sessions at the backend door: listed with what became of them, and ended at both doors."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest

from hanko_compat import public_ids
from hanko_compat.app import services_of
from hanko_compat.storage.models import AuditLog
from hanko_compat.storage.sessions import sessions as rows
from tests.backend.server import Server, basic, problems
from tests.calls import CALLER
from tests.factories import make_account, make_email, make_session, make_user, make_username
from tests.passkeys import bearer
from tests.sessions import issue_session

UNKNOWN = {("sessionID", "does not exist")}


def listed(backend, *filters, **parameters):
    response = backend.get("/sessions", *filters, **parameters)
    assert response.status_code == 200, response.json
    return [each["sessionID"] for each in response.json["sessions"]]


def session_id(row):
    return public_ids.encode("session_id", row.id)


def milliseconds(moment):
    return int(moment.timestamp()) * 1000


def test_no_session(backend):
    answer = backend.get("/sessions").json
    assert answer == {"sessions": [], "paging": {"page": 1, "totalPages": 0, "totalItems": 0}}


def test_a_log_in_at_the_public_door_is_listed(backend, services):
    email = make_account(address="jane@example.test")
    issued = issue_session(services, email.user_id, client=CALLER)
    (shown,) = backend.get("/sessions").json["sessions"]
    assert public_ids.decode("session_id", shown["sessionID"]) == issued.session_id
    assert len(shown["sessionID"]) == 30
    assert shown["userID"] == f"usr-{email.user_id.int}"
    assert (shown["identifierValue"], shown["status"]) == ("jane@example.test", "active")
    assert shown["expiresMs"] - shown["createdMs"] == 12 * 60 * 60 * 1000
    assert shown["lastActionMs"] == shown["createdMs"]


def test_times_are_milliseconds(backend):
    row = make_session()
    (shown,) = backend.get("/sessions").json["sessions"]
    assert shown["createdMs"] == shown["lastActionMs"] == milliseconds(row.created_at)
    assert shown["expiresMs"] == milliseconds(row.expires_at)


def test_a_user_is_known_by_what_it_is_best_known_by(backend):
    nobody, named, both = make_user(), make_user(), make_user()
    make_username(user=named, username="jane")
    make_username(user=both, username="john")
    make_email(user=both, address="john@example.test")
    for user in (nobody, named, both):
        make_session(user=user)
    shown = backend.get("/sessions").json["sessions"]
    values = {each["userID"]: each["identifierValue"] for each in shown}
    assert values == {
        f"usr-{nobody.id.int}": "",
        f"usr-{named.id.int}": "jane",
        f"usr-{both.id.int}": "john@example.test",
    }


def test_the_primary_address_stands_for_its_user(backend):
    user_id = backend.user()
    backend.identifier(user_id, "first@example.test")
    backend.identifier(user_id, "Second@Example.test", status="primary")
    make_session(user=UUID(int=int(user_id.removeprefix("usr-"))))
    (shown,) = backend.get("/sessions").json["sessions"]
    assert shown["identifierValue"] == "Second@Example.test"


def test_what_became_of_sessions(make_app, clock):
    app = make_app({"session.idle_timeout": "30m"})
    services = services_of(app)
    backend = server_of(app, services)
    now = clock().replace(microsecond=0)
    old = now - timedelta(hours=1)
    active = make_session(last_used=now)
    expired = make_session(created_at=old, expires_at=now - timedelta(seconds=1), last_used=now)
    idle = make_session(created_at=old, last_used=old)
    forgotten = make_session(created_at=old, last_used=None)
    statuses = {each["sessionID"]: each["status"] for each in backend.get("/sessions").json["sessions"]}
    assert statuses == {
        session_id(active): "active",
        session_id(expired): "expired",
        session_id(idle): "inactivity_reached",
        session_id(forgotten): "inactivity_reached",
    }
    for status in ("active", "expired", "inactivity_reached", "revoked"):
        wanted = {each for each, what in statuses.items() if what == status}
        assert {*listed(backend, f"status:eq:{status}")} == wanted
    order = listed(backend, sort="status")
    assert [statuses[each] for each in order] == sorted(statuses.values())
    ends = milliseconds(expired.expires_at)
    assert listed(backend, f"expires:eq:{ends}", sort="status") == [session_id(expired)]
    assert listed(backend, f"expires:gt:{ends}", sort="status") == [
        each for each in order if each != session_id(expired)
    ]
    assert listed(backend, f"expires:gt:{ends - 5000}", sort="status") == order
    assert listed(backend, sort="status:desc")[-1] == session_id(active)


def server_of(app, services):
    new = services.api_secrets.create()
    return Server(app.test_client(use_cookies=False), basic(new.project_id, new.secret))


def test_a_session_without_an_end_ends_when_its_token_does(backend, services):
    row = make_session(expires_at=None)
    (shown,) = backend.get("/sessions").json["sessions"]
    lifespan = services.config.session.lifespan
    assert (shown["status"], shown["expiresMs"]) == ("active", milliseconds(row.created_at + lifespan))


def test_a_row_of_nobody_is_not_listed(backend):
    row = make_session(user=None)
    assert listed(backend) == []
    assert problems(backend.post(f"/sessions/{session_id(row)}/revoke")) == UNKNOWN


@pytest.fixture
def three(clock):
    """Three sessions of three users, each a minute younger than the one before."""
    start = clock().replace(microsecond=0) - timedelta(minutes=10)
    return [
        make_session(
            created_at=start + timedelta(minutes=number),
            last_used=start + timedelta(minutes=5 - number),
            expires_at=start + timedelta(hours=12, minutes=number),
        )
        for number in range(3)
    ]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", [0, 1, 2]),
        ("created", [0, 1, 2]),
        ("created:desc", [2, 1, 0]),
        ("expires:desc", [2, 1, 0]),
        ("lastAction", [2, 1, 0]),
        ("updated:asc", [2, 1, 0]),
    ],
)
def test_sorted(backend, three, sort, order):
    assert listed(backend, sort=sort) == [session_id(three[number]) for number in order]


@pytest.mark.parametrize(("sort", "name"), [("ID", "id"), ("userID", "user_id")])
def test_sorted_by_ids(backend, three, sort, name):
    wanted = [session_id(row) for row in sorted(three, key=lambda row: getattr(row, name).int)]
    assert listed(backend, sort=sort) == wanted
    assert listed(backend, sort=f"{sort}:desc") == wanted[::-1]


def test_filtered(backend, three):
    first, second, third = map(session_id, three)
    user_id = three[1].user_id.int
    assert listed(backend, f"userID:eq:{user_id}") == listed(backend, f"userID:eq:usr-{user_id}") == [second]
    assert listed(backend, f"ID:eq:{third}") == [third]
    created = three[1].created_at
    assert listed(backend, f"created:gt:{created:%Y-%m-%dT%H:%M:%S}") == [third]
    assert listed(backend, f"created:lt:{milliseconds(created)}") == [first]
    assert listed(backend, f"expires:eq:{milliseconds(three[0].expires_at)}") == [first]
    assert listed(backend, f"lastAction:gt:{milliseconds(three[1].last_used)}") == [first]
    assert listed(backend, f"updated:lt:{milliseconds(three[1].last_used)}") == [third]
    assert listed(backend, "status:eq:active", f"userID:eq:{user_id}") == [second]
    assert listed(backend, "status:eq:expired") == []


@pytest.mark.parametrize(
    ("filters", "parameters", "told"),
    [
        (["ID:eq:short"], {}, ("ID", "must be a valid value")),
        (["created:eq:yesterday"], {}, ("created", "must be a valid value")),
        (["expires:gt:99999999999999999999"], {}, ("expires", "must be a valid value")),
        (["token:eq:1"], {}, ("token", "not filterable by this column")),
        ([], {"sort": "identifierValue"}, ("identifierValue", "not sortable by this column")),
    ],
)
def test_a_list_that_is_refused(backend, filters, parameters, told):
    assert problems(backend.get("/sessions", *filters, **parameters)) == {told}


def test_pages(backend, three):
    assert listed(backend, pageSize=2) + listed(backend, pageSize=2, page=2) == [*map(session_id, three)]
    answer = backend.get("/sessions", pageSize=2, page=9).json
    assert answer == {"sessions": [], "paging": {"page": 9, "totalPages": 2, "totalItems": 3}}


def test_revoke_ends_the_session_at_the_public_door(backend, services, client):
    email = make_account()
    headers, others = bearer(services, email.user_id), bearer(services, email.user_id)
    inner = client.get("/sessions/validate", headers=headers).json["claims"]["session_id"]
    response = backend.post(f"/sessions/{public_ids.encode('session_id', UUID(inner))}/revoke")
    assert (response.status_code, response.json["message"]) == (200, "OK")
    assert client.get("/me", headers=headers).status_code == 401
    assert client.get("/sessions/validate", headers=headers).json["is_valid"] is False
    assert client.get("/me", headers=others).status_code == 200


def test_a_session_that_logged_out_is_not_kept(backend, services, client):
    email = make_account()
    headers = bearer(services, email.user_id)
    assert len(listed(backend)) == 1
    assert client.post("/logout", headers=headers).status_code == 204
    assert listed(backend) == []


def test_revoke_takes_a_uuid_too(backend):
    row = make_session()
    assert backend.post(f"/sessions/{row.id}/revoke").status_code == 200
    assert listed(backend) == []


def test_a_session_that_was_ended_does_not_exist(backend):
    path = f"/sessions/{session_id(make_session())}/revoke"
    backend.post(path)
    assert problems(backend.post(path)) == UNKNOWN


@pytest.mark.parametrize(
    "text", ["x", "0" * 29, "0" * 31, "Z" * 30, public_ids.encode("session_id", UUID(int=17)), "usr-1"]
)
def test_an_unknown_session(backend, text):
    make_session()
    assert problems(backend.post(f"/sessions/{text}/revoke")) == UNKNOWN
    assert len(listed(backend)) == 1


@pytest.fixture
def audited(make_app):
    """A server that calls one which keeps its audit log in the database."""
    app = make_app({"audit_log.storage.enabled": True})
    return server_of(app, services_of(app))


def revocations(backend):
    with services_of(backend.client.application).database.connection():
        return list(AuditLog.select().where(AuditLog.type == "session_revoked"))


@pytest.mark.parametrize(
    ("status", "column"), [("expired", "expires_at"), ("inactivity_reached", "last_used")]
)
def test_a_session_that_is_over_stays_as_it_is(make_app, clock, status, column):
    app = make_app({"audit_log.storage.enabled": True, "session.idle_timeout": "30m"})
    audited = server_of(app, services_of(app))
    row = make_session(**{"last_used": clock(), column: clock() - timedelta(hours=1)})
    assert audited.post(f"/sessions/{session_id(row)}/revoke").json["message"] == "OK"
    assert listed(audited, f"status:eq:{status}") == [session_id(row)]
    assert revocations(audited) == []


def test_revoke_is_in_the_audit_log(audited):
    row = make_session()
    audited.post(f"/sessions/{session_id(row)}/revoke")
    (entry,) = revocations(audited)
    assert entry.actor_user_id == row.user_id
    assert str(row.id) in entry.details


def test_two_who_revoke_at_once_both_get_what_they_asked_for(audited, monkeypatch):
    row = make_session()
    gate, real = Barrier(2), rows.delete

    def delete_together(session_ids):
        gate.wait(60)
        return real(session_ids)

    if services_of(audited.client.application).database.dialect == "sqlite":
        gate = Barrier(1)  # there the second one waits for the whole transaction of the first
    monkeypatch.setattr(rows, "delete", delete_together)

    def revoke(_):
        return audited.post(f"/sessions/{session_id(row)}/revoke").status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(revoke, range(2)))
    assert answers in ([200, 200], [200, 400])
    assert (listed(audited), len(revocations(audited))) == ([], 1)
