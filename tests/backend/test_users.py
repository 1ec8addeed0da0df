"""Users at the backend door, and what their status means at the public one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from uuid import UUID

import pytest
from werkzeug.datastructures import MultiDict

from hanko_compat.backend.paging import read_query
from hanko_compat.backend.users import COLUMNS
from hanko_compat.storage.models import ALL_TABLES, User
from tests.backend.server import problems
from tests.calls import CALLER
from tests.factories import (
    make_account,
    make_credential,
    make_identity,
    make_passcode,
    make_password,
    make_session,
    make_user,
    now,
)
from tests.passkeys import bearer
from tests.queries import assert_query_count, recorded_queries

UNKNOWN = {("userID", "does not exist")}
BLANK = {("status", "cannot be blank")}
LENGTH = {("fullName", "the length must be between 3 and 255")}


def uuid_of(user_id):
    return UUID(int=int(user_id.removeprefix("usr-")))


def ids(response):
    assert response.status_code == 200, response.json
    return [each["userID"] for each in response.json["users"]]


@pytest.mark.parametrize("name", ["Jane Doe", "", "ÄÖ 🙂", "x" * 255])
def test_a_user_is_read_as_it_was_made(backend, name):
    made = backend.post("/users", {"status": "active", "fullName": name}).json
    assert (made["fullName"], made["status"]) == (name, "active")
    assert "created" not in made
    assert backend.get(f"/users/{made['userID']}").json == made


def test_what_is_not_set_is_left_out(backend):
    made = backend.post("/users", {"status": "pending", "fullName": None, "unknown": [1]}).json
    assert made.keys() == {"userID", "status", "updated", "updatedMs"}


def test_times_are_utc_seconds_and_milliseconds(backend, services):
    made = backend.post("/users", {"status": "active"}).json
    with services.database.connection():
        stored = User.get().updated_at
    assert made["updated"] == f"{stored:%Y-%m-%dT%H:%M:%S}"
    assert made["updatedMs"] == int(stored.timestamp() * 1000)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, BLANK),
        ({"status": ""}, BLANK),
        ({"status": None}, BLANK),
        ({"status": "gone"}, {("status", "must be a valid value")}),
        ({"status": 7}, {("status", "must be a valid value")}),
        ({"status": "active", "fullName": "ab"}, LENGTH),
        ({"status": "active", "fullName": "x" * 256}, LENGTH),
        ({"fullName": "ab"}, BLANK | LENGTH),
        ({"status": "active", "fullName": 7}, {("fullName", "must be a valid value")}),
    ],
)
def test_a_user_that_is_refused(backend, services, body, told):
    assert problems(backend.post("/users", body)) == told
    with services.database.connection():
        assert User.select().count() == 0


def test_an_active_user_costs_one_insert(backend):
    backend.user()
    with assert_query_count(1):
        backend.user(fullName="Jane Doe")


@pytest.mark.parametrize(
    ("body", "expected"), [({}, 0), ({"status": "pending"}, 1), ({"explicitWebauthnID": "jane"}, 1)]
)
def test_one_insert_takes_no_transaction(backend, services, monkeypatch, body, expected):
    began, real = [], services.database.transaction

    def transaction(work):
        began.append(work)
        return real(work)

    monkeypatch.setattr(services.database, "transaction", transaction)
    user_id = backend.user(**body)
    assert len(began) == expected
    assert backend.get(f"/users/{user_id}").status_code == 200


def test_a_webauthn_id_is_unique(backend):
    made = backend.post("/users", {"status": "active", "explicitWebauthnID": "jane"}).json
    assert made["explicitWebauthnID"] == "jane"
    refused = backend.post("/users", {"status": "active", "explicitWebauthnID": "jane"})
    assert (refused.status_code, refused.json["error"]["type"]) == (409, "already_exists")
    assert refused.json["error"]["validation"][0]["field"] == "explicitWebauthnID"


def test_an_empty_webauthn_id_is_none(backend):
    for _ in range(2):
        made = backend.post("/users", {"status": "active", "explicitWebauthnID": ""})
        assert (made.status_code, "explicitWebauthnID" in made.json) == (200, False)


@pytest.mark.parametrize(
    ("text", "fits"), [("x" * 64, True), ("x" * 65, False), ("\u00e4" * 32, True), ("\u00e4" * 33, False)]
)
def test_a_webauthn_id_has_64_bytes_at_most(backend, text, fits):
    response = backend.post("/users", {"status": "active", "explicitWebauthnID": text})
    told = set() if fits else {("explicitWebauthnID", "the length must be between 1 and 64")}
    assert (set() if response.status_code == 200 else problems(response)) == told


def test_a_uuid_is_taken_for_an_id(backend):
    user_id = backend.user()
    assert backend.get(f"/users/{uuid_of(user_id)}").json["userID"] == user_id


@pytest.mark.parametrize("path", ["usr-123456789", "usr-1234", "non-existent-id", "usr-" + "9" * 60, "%00"])
@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("PATCH", {"status": 1}), ("PATCH", {}), ("DELETE", None)]
)
def test_an_unknown_user_is_reported_alone(backend, path, method, body):
    assert problems(backend.call(method, f"/users/{path}", body)) == UNKNOWN


def test_broken_json_for_an_unknown_user(backend):
    response = backend.call("PATCH", "/users/usr-1", data="{", content_type="application/json")
    assert problems(response) == UNKNOWN


def test_update(backend, clock):
    user_id = backend.user(fullName="Jane Doe")
    clock.advance(seconds=2)
    changed = backend.update(f"/users/{user_id}", {"fullName": "Jane Roe"}).json
    assert (changed["fullName"], changed["status"]) == ("Jane Roe", "active")
    assert backend.update(f"/users/{user_id}", {"status": "disabled"}).json["fullName"] == "Jane Roe"
    assert problems(backend.update(f"/users/{user_id}", {"fullName": "x" * 256})) == LENGTH
    before = backend.get(f"/users/{user_id}").json
    assert backend.update(f"/users/{user_id}", {}).json == before
    assert before["status"] == "disabled"
    assert backend.update(f"/users/{user_id}", {"status": None, "fullName": None}).json == before
    assert problems(backend.update(f"/users/{user_id}", {"status": "gone"})) == {
        ("status", "must be a valid value")
    }
    assert backend.update(f"/users/{user_id}", {"fullName": ""}).json["fullName"] == ""


@pytest.mark.parametrize("status", ["disabled", "pending"])
def test_a_user_who_is_not_active_loses_its_sessions_and_gets_none(backend, services, client, status):
    email = make_account()
    user_id = f"usr-{email.user_id.int}"
    headers = bearer(services, email.user_id)
    assert client.get("/me", headers=headers).status_code == 200
    backend.update(f"/users/{user_id}", {"status": status})
    assert client.get("/me", headers=headers).status_code == 401
    passcode = make_passcode(email=email)
    body = {"id": str(passcode.id), "code": "123456"}
    assert client.post("/passcode/login/finalize", json=body).status_code == 403
    backend.update(f"/users/{user_id}", {"status": "active"})
    assert client.get("/me", headers=headers).status_code == 401
    assert client.post("/passcode/login/finalize", json=body).status_code == 200


def test_a_session_that_another_server_gives_to_a_disabled_user_is_none(backend, services, client):
    email = make_account()
    headers = bearer(services, email.user_id)
    session = client.get("/sessions/validate", headers=headers).json
    assert session["is_valid"] is True
    backend.update(f"/users/usr-{email.user_id.int}", {"status": "disabled"})
    make_session(id=UUID(session["claims"]["session_id"]), user=email.user_id)
    assert client.get("/sessions/validate", headers=headers).json["is_valid"] is False
    backend.update(f"/users/usr-{email.user_id.int}", {"status": "active"})
    assert client.get("/sessions/validate", headers=headers).json["is_valid"] is False


def test_a_user_who_stays_active_keeps_its_sessions(backend, services, client):
    email = make_account()
    headers = bearer(services, email.user_id)
    backend.update(f"/users/usr-{email.user_id.int}", {"status": "active", "fullName": "Jane Doe"})
    assert client.get("/me", headers=headers).status_code == 200


def test_a_user_made_here_logs_in_at_the_public_door(backend, client, inbox):
    user_id = backend.user()
    backend.identifier(user_id, "Jane@Example.test", status="primary")
    found = client.post("/user", json={"email": "jane@example.test"}).json
    assert found["id"] == str(uuid_of(user_id))
    passcode = client.post("/passcode/login/initialize", json={"user_id": found["id"]}).json
    code = inbox.passcode("jane@example.test")
    logged_in = client.post("/passcode/login/finalize", json={"id": passcode["id"], "code": code})
    assert logged_in.status_code == 200


def test_a_user_made_at_the_public_door_is_listed_here(backend, client):
    client.post("/users", json={"email": "jane@example.test"})
    (user,) = backend.get("/users").json["users"]
    assert (user["status"], user["emailIdentifiers"]) == ("active", [])


def test_delete_takes_everything_along(backend, services):
    email = make_account()
    user = email.user_id
    user_id = f"usr-{user.int}"
    backend.update(f"/users/{user_id}", {"status": "disabled"})
    backend.identifier(user_id, "Jane@example.test", status="primary")
    backend.identifier(user_id, "+491509123456", type_="phone")
    backend.identifier(user_id, "jane", type_="username")
    backend.identifier(user_id, "Jane2", type_="username")
    for make in (make_session, make_password, make_credential):
        make(user=user)
    make_identity(email=email)
    make_passcode(email=email)
    services.passkeys.login.start(str(user), client=CALLER)
    other = backend.user()
    assert backend.delete(f"/users/{user_id}").json["message"] == "OK"
    with services.database.connection():
        left = {table._meta.table_name: table.select().count() for table in ALL_TABLES}
    assert {name: count for name, count in left.items() if count} == {
        "users": 1, "jwks": 1, "hanko_compat_projects": 1, "hanko_compat_api_secrets": 1,
    }  # fmt: skip
    assert problems(backend.delete(f"/users/{user_id}")) == UNKNOWN
    assert problems(backend.get(f"/users/{user_id}")) == UNKNOWN
    assert ids(backend.get("/users")) == [other]


def test_one_of_many_deletes_wins(backend):
    user_id = backend.user()
    with ThreadPoolExecutor(3) as pool:
        statuses = sorted(pool.map(lambda _: backend.delete(f"/users/{user_id}").status_code, range(3)))
    assert statuses == [200, 400, 400]


def test_list_is_in_the_order_of_creation(backend, clock):
    made = []
    for number in range(22):
        made.append(backend.user(fullName=f"user {number:02}"))
        clock.advance(seconds=1)
    pages = [backend.get("/users", page=page) for page in (1, 2, 3, 4)]
    assert [ids(page) for page in pages] == [made[:10], made[10:20], made[20:], []]
    assert [page.json["paging"] for page in pages] == [
        {"page": page, "totalPages": 3, "totalItems": 22} for page in (1, 2, 3, 4)
    ]
    assert ids(backend.get("/users", pageSize=5, sort="fullName:desc")) == made[:-6:-1]
    assert ids(backend.get("/users", pageSize=100, sort="created:desc")) == made[::-1]
    assert ids(backend.get("/users", "fullName:gt:user 19", sort="name")) == made[20:]
    assert ids(backend.get("/users", "fullName:lt:user 02")) == made[:2]


def test_an_empty_list(backend):
    assert backend.get("/users").json == {
        "users": [],
        "paging": {"page": 1, "totalPages": 0, "totalItems": 0},
    }


def test_filter_and_sort_by_status(backend, clock):
    made = {}
    for status in ("pending", "active", "disabled", "active", "pending"):
        made.setdefault(status, []).append(backend.user(status=status))
        clock.advance(seconds=1)
    for status, expected in made.items():
        assert ids(backend.get("/users", f"status:eq:{status}")) == expected
    ordered = made["active"] + made["disabled"] + made["pending"]
    assert ids(backend.get("/users", sort="status")) == ordered
    paged = [ids(backend.get("/users", sort="status:asc", page=page, pageSize=2)) for page in (1, 2, 3)]
    assert list(chain(*paged)) == ordered
    descending = ids(backend.get("/users", sort="status:desc"))
    assert descending == made["pending"][::-1] + made["disabled"] + made["active"][::-1]
    assert ids(backend.get("/users", "status:gt:active")) == sorted(
        made["disabled"] + made["pending"], key=ids(backend.get("/users")).index
    )


def test_those_of_a_status_come_in_the_order_of_creation_whenever_they_got_it(backend, clock):
    made = []
    for _ in range(4):
        made.append(backend.user())
        clock.advance(seconds=1)
    for user_id in reversed(made):
        backend.update(f"/users/{user_id}", {"status": "disabled"})
        clock.advance(seconds=1)
    assert ids(backend.get("/users", "status:eq:disabled")) == made
    assert ids(backend.get("/users", "status:eq:disabled", sort="created:desc")) == made[::-1]
    assert ids(backend.get("/users", "status:eq:disabled", sort="updated")) == made[::-1]


@pytest.mark.parametrize("far", [0, 3])
@pytest.mark.parametrize(
    "sort", ["", "id", "fullName:desc", "created", "updated:desc", "status", "status:desc"]
)
def test_pages_far_from_the_start_go_on_where_others_end(backend, services, clock, far, sort):
    statuses = ("pending", "active", "disabled", "active", "pending", "active", "active")
    for number, given in enumerate(statuses):
        backend.user(status=given, fullName=f"user {number % 4}")
        clock.advance(seconds=1)
    expected = {"eq:active": 4, "eq:pending": 2, "gt:active": 3, "lt:pending": 5, "lt:z": 7, "lt:a": 0}
    for condition, total in expected.items():
        whole = ids(backend.get("/users", f"status:{condition}", sort=sort, pageSize=100))
        wanted = MultiDict({"sort": sort, "filter[]": f"status:{condition}", "pageSize": "2"})
        query = replace(read_query(wanted, COLUMNS), far=far)
        pages = [services.users.records.list(replace(query, page=page)).items for page in (1, 2, 3, 4)]
        assert [f"usr-{each.user.id.int}" for each in chain(*pages)] == whole
        assert len(whole) == total


def test_filter_by_time_counts_whole_seconds(backend):
    moment = now() - timedelta(days=1)
    made = [f"usr-{make_user(created_at=moment + timedelta(seconds=each)).id.int}" for each in range(3)]
    text = f"{moment + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}"
    found = {each: ids(backend.get("/users", f"created:{each}:{text}")) for each in ("lt", "eq", "gt")}
    assert found == {"lt": made[:1], "eq": made[1:2], "gt": made[2:]}


@pytest.mark.parametrize("field", ["id", "userID"])
def test_filter_by_id_with_and_without_prefix(backend, field):
    user_id = backend.user()
    backend.user()
    for value in (user_id, user_id.removeprefix("usr-"), str(uuid_of(user_id))):
        assert ids(backend.get("/users", f"{field}:eq:{value}")) == [user_id]


def test_search_by_a_name_that_a_collation_takes_for_another(hankos_collation, backend):
    made = [backend.user(fullName=name) for name in ("Rene", "Ren\u00e9", "RENE")]
    for user_id, name in zip(made, ("Rene", "Ren\u00e9", "RENE"), strict=True):
        assert ids(backend.get("/users", f"searchValue:eq:{name}")) == [user_id]
        assert ids(backend.get("/users", f"fullName:eq:{name}")) == [user_id]


def test_search_by_name_and_identifiers(backend):
    user_id = backend.user(fullName="Jane Doe")
    backend.user(fullName="John Doe")
    backend.identifier(user_id, "Jane+x@example.test")
    backend.identifier(user_id, "+491509123456", type_="phone")
    backend.identifier(user_id, "jane", type_="username")
    backend.identifier(user_id, "JaneTwo", type_="username")
    for value in ("Jane Doe", "jane+X@example.test", "+491509123456", "jane", "janetwo"):
        assert ids(backend.get("/users", f"searchValue:eq:{value}")) == [user_id], value
    assert ids(backend.get("/users", "searchValue:eq:nobody")) == []


def test_list_tells_all_identifiers(backend):
    user_id = backend.user()
    email = backend.identifier(user_id, "Jane@example.test", status="primary")
    phone = backend.identifier(user_id, "+491509123456", type_="phone", status="primary")
    username = backend.identifier(user_id, "Jane", type_="username", status="pending")
    (user,) = backend.get("/users").json["users"]
    assert [
        (each["identifierID"], each["value"], each["status"])
        for name in ("emailIdentifiers", "phoneNumberIdentifiers", "usernameIdentifiers")
        for each in user[name]
    ] == [
        (email, "Jane@example.test", "primary"),
        (phone, "+491509123456", "primary"),
        (username, "Jane", "pending"),
    ]


def test_list_takes_the_same_queries_however_many_there_are(backend):
    def statements():
        with recorded_queries() as found:
            backend.get("/users", pageSize=100)
        return len(found)

    backend.identifier(backend.user(), "a@example.test")
    once = statements()
    for number in range(5):
        backend.identifier(backend.user(), f"b{number}@example.test")
    assert statements() == once
