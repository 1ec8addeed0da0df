"""Notes on passkeys."""

import pytest

from hanko_compat.services.passkeys.events import PasskeyEventType
from hanko_compat.storage.models import PasskeyEvent
from tests.backend.ceremonies import NO_USER
from tests.backend.server import problems

UNKNOWN = {("passkeyEventID", "does not exist")}
NOT_VALID = "must be a valid value"


@pytest.fixture
def user_id(backend):
    return backend.user()


def path(user_id, event_id=None):
    return f"/users/{user_id}/passkeyEvents" + (f"/{event_id}" if event_id else "")


def listed(backend, user_id, *filters, **parameters):
    response = backend.get(path(user_id), *filters, **parameters)
    assert response.status_code == 200, response.json
    return response.json["passkeyEvents"]


@pytest.mark.parametrize("type_", PasskeyEventType)
def test_a_note_comes_back_as_it_was_sent(backend, user_id, clock, type_):
    sent = {
        "eventType": type_,
        "expires": 1_800_000_000,
        "processID": "process-0123456789ab",
        "clientEnvID": "cle-17",
        "credentialID": "cre-17",
    }
    made = backend.post(path(user_id), sent | {"challenge": "secret"}).json
    assert made == sent | {
        "passkeyEventID": made["passkeyEventID"],
        "userID": user_id,
        "created": made["created"],
        "createdMs": made["createdMs"],
    }
    assert made["passkeyEventID"].startswith("pke-")
    assert made["created"] == f"{clock():%Y-%m-%dT%H:%M:%S}"
    assert made["createdMs"] // 1000 == int(clock().timestamp())
    assert listed(backend, user_id) == [made]


@pytest.mark.parametrize("others", [{}, {"expires": None, "processID": None, "situation": "x"}])
def test_what_is_left_out_is_absent(backend, user_id, others):
    made = backend.post(path(user_id), {"eventType": "login-error"} | others).json
    assert set(made) == {"passkeyEventID", "userID", "eventType", "created", "createdMs"}
    assert listed(backend, user_id) == [made]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, {("eventType", "cannot be blank")}),
        ({"eventType": ""}, {("eventType", "cannot be blank")}),
        ({"eventType": "login"}, {("eventType", NOT_VALID)}),
        ({"eventType": 7}, {("eventType", NOT_VALID)}),
        ({"expires": "soon"}, {("eventType", "cannot be blank"), ("expires", NOT_VALID)}),
        ({"eventType": "login-error", "expires": "7"}, {("expires", NOT_VALID)}),
        ({"eventType": "login-error", "expires": 1.5}, {("expires", NOT_VALID)}),
        ({"eventType": "login-error", "expires": True}, {("expires", NOT_VALID)}),
        ({"eventType": "login-error", "expires": -1}, {("expires", NOT_VALID)}),
        ({"eventType": "login-error", "expires": 2**63}, {("expires", NOT_VALID)}),
        ({"eventType": "login-error", "processID": 7}, {("processID", NOT_VALID)}),
        (
            {"eventType": "login-error", "credentialID": "x" * 256},
            {("credentialID", "the length must be between 0 and 255")},
        ),
    ],
)
def test_a_note_that_is_refused(backend, user_id, body, told):
    assert problems(backend.post(path(user_id), body)) == told
    assert problems(backend.post(path("usr-17"), body)) == NO_USER
    assert listed(backend, user_id) == []


def test_a_note_on_nobody(backend):
    assert problems(backend.post(path("usr-17"), {"eventType": "login-error"})) == NO_USER
    assert problems(backend.get(path("usr-17"))) == NO_USER
    assert problems(backend.delete(path("usr-17", "pke-17"))) == NO_USER


def test_lists(backend, user_id, clock):
    made = []
    for type_ in ("login-error", "append-error", "login-error"):
        made.append(backend.post(path(user_id), {"eventType": type_}).json)
        clock.advance(seconds=1)
    backend.post(path(backend.user()), {"eventType": "login-error"})
    assert listed(backend, user_id) == made
    assert listed(backend, user_id, sort="created:desc") == made[::-1]
    assert listed(backend, user_id, sort="eventType")[0] == made[1]
    assert listed(backend, user_id, "eventType:eq:login-error") == [made[0], made[2]]
    assert listed(backend, user_id, "eventType:eq:login-error", page=2, pageSize=1) == [made[2]]
    paging = backend.get(path(user_id), pageSize=2).json["paging"]
    assert paging == {"page": 1, "totalPages": 2, "totalItems": 3}
    refused = backend.get(path(user_id), "created:gt:2021-01-01T00:00:00")
    assert problems(refused) == {("created", "not filterable by this column")}


def test_a_note_is_deleted_once(backend, user_id):
    made = backend.post(path(user_id), {"eventType": "login-error"}).json["passkeyEventID"]
    assert problems(backend.delete(path(backend.user(), made))) == UNKNOWN
    assert backend.delete(path(user_id, made)).json["message"] == "OK"
    for unknown in (made, "pke-17", "was-17", "x"):
        assert problems(backend.delete(path(user_id, unknown))) == UNKNOWN
    assert listed(backend, user_id) == []


def test_nothing_stays_of_a_deleted_user(services, backend, user_id):
    backend.post(path(user_id), {"eventType": "login-error"})
    backend.delete(f"/users/{user_id}")
    with services.database.connection():
        assert PasskeyEvent.select().count() == 0
