"""Connect tokens: their secret is told once and stored hashed."""

import re
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from hanko_compat.storage.models import ConnectToken
from tests.backend.server import problems

UNKNOWN = {("connectTokenID", "does not exist")}
BLANK, NOT_VALID = "cannot be blank", "must be a valid value"
JANE = {"identifier": "jane@example.test", "displayName": "Jane Doe"}
TYPES = ["passkey-append", "passkey-delete", "passkey-list", "passkey-login"]


def make(backend, type_="passkey-list", **changes):
    response = backend.post("/connectTokens", {"type": type_, "data": JANE} | changes)
    assert response.status_code == 200, response.json
    return response.json


def listed(backend, *filters, **parameters):
    response = backend.get("/connectTokens", *filters, **parameters)
    assert response.status_code == 200, response.json
    return [each["id"] for each in response.json["connectTokens"]]


def stored(services):
    with services.database.connection():
        return list(ConnectToken.select().order_by(ConnectToken.created_at))


@pytest.mark.parametrize("type_", TYPES)
def test_a_token_is_made(backend, clock, type_):
    made = make(backend, type_)
    assert re.fullmatch(r"ctk-\d{1,39}", made["id"])
    assert re.fullmatch(r"ctk1_[A-Za-z0-9]{30}", made["secret"])
    assert (made["tokenType"], made["connectTokenStatus"]) == (type_, "initial")
    assert made["data"] == (JANE if type_ == "passkey-append" else {"identifier": "jane@example.test"})
    assert made["expires"] == int((clock() + timedelta(hours=1)).timestamp())


@pytest.mark.parametrize("type_", TYPES[1:])
@pytest.mark.parametrize("name", ["", None, "x" * 256])
def test_a_name_that_nobody_needs_is_ignored(backend, type_, name):
    made = make(backend, type_, data=JANE | {"displayName": name})
    assert made["data"] == {"identifier": "jane@example.test"}


def test_its_lifetime_may_be_chosen(backend, clock):
    made = make(backend, maxLifetimeInSeconds=90)
    assert made["expires"] == int((clock() + timedelta(seconds=90)).timestamp())
    assert make(backend, maxLifetimeInSeconds=None)["expires"] > made["expires"]


def test_the_secret_is_told_once_and_stored_hashed(backend, services):
    made = make(backend)
    (row,) = stored(services)
    assert made["secret"] not in str(row.__data__)
    assert row.secret_hash == sha256(made["secret"].encode()).hexdigest()
    (shown,) = backend.get("/connectTokens").json["connectTokens"]
    assert shown == {name: value for name, value in made.items() if name != "secret"}


def test_every_secret_is_another(backend):
    assert len({make(backend)["secret"] for _ in range(10)}) == 10


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, {("type", BLANK), ("data", BLANK)}),
        ({"type": None, "data": None}, {("type", BLANK), ("data", BLANK)}),
        ({"type": "", "data": JANE}, {("type", BLANK)}),
        ({"type": "passkey", "data": JANE}, {("type", NOT_VALID)}),
        ({"type": ["passkey-list"], "data": JANE}, {("type", NOT_VALID)}),
        ({"type": "passkey-list", "data": "jane"}, {("data", NOT_VALID)}),
        ({"type": "passkey-list", "data": [JANE]}, {("data", NOT_VALID)}),
        ({"type": "passkey-list", "data": {}}, {("identifier", BLANK)}),
        ({"type": "passkey-append", "data": {}}, {("identifier", BLANK), ("displayName", BLANK)}),
        ({"type": "passkey-append", "data": {"identifier": "jane"}}, {("displayName", BLANK)}),
        ({"type": "passkey-append", "data": {**JANE, "displayName": ""}}, {("displayName", BLANK)}),
        ({"type": "passkey-append", "data": {**JANE, "displayName": 7}}, {("displayName", NOT_VALID)}),
        ({"type": "passkey-list", "data": {**JANE, "displayName": 7}}, {("displayName", NOT_VALID)}),
        (
            {"type": "passkey-append", "data": {**JANE, "displayName": "x" * 256}},
            {("displayName", "the length must be between 1 and 255")},
        ),
        ({"type": "passkey-list", "data": {"identifier": ""}}, {("identifier", BLANK)}),
        (
            {"type": "passkey-list", "data": {"identifier": "x" * 256}},
            {("identifier", "the length must be between 1 and 255")},
        ),
        (
            {"type": "passkey-list", "data": JANE, "maxLifetimeInSeconds": 0},
            {("maxLifetimeInSeconds", "must be no less than 1")},
        ),
        (
            {"type": "passkey-list", "data": JANE, "maxLifetimeInSeconds": 10**30},
            {("maxLifetimeInSeconds", "must be no greater than 2592000")},
        ),
        (
            {"type": "passkey-list", "data": JANE, "maxLifetimeInSeconds": "60"},
            {("maxLifetimeInSeconds", NOT_VALID)},
        ),
        (
            {"type": "passkey-list", "data": JANE, "maxLifetimeInSeconds": True},
            {("maxLifetimeInSeconds", NOT_VALID)},
        ),
    ],
)
def test_a_token_that_is_refused(backend, services, body, told):
    assert problems(backend.post("/connectTokens", body)) == told
    assert stored(services) == []


@pytest.mark.parametrize("status", ["consumed", "initial"])
def test_update(backend, status):
    made = make(backend)
    for _ in range(2):
        response = backend.update(f"/connectTokens/{made['id']}", {"status": status})
        assert (response.status_code, response.json["message"]) == (200, "OK")
    (shown,) = backend.get("/connectTokens").json["connectTokens"]
    assert shown["connectTokenStatus"] == status


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, BLANK),
        ({"status": None}, BLANK),
        ({"status": "used"}, NOT_VALID),
        ({"connectTokenStatus": "consumed"}, BLANK),
    ],
)
def test_an_update_that_is_refused(backend, body, told):
    made = make(backend)
    assert problems(backend.update(f"/connectTokens/{made['id']}", body)) == {("status", told)}
    assert backend.get("/connectTokens").json["connectTokens"][0]["connectTokenStatus"] == "initial"


def test_delete(backend):
    made, other = make(backend), make(backend)
    assert backend.delete(f"/connectTokens/{made['id']}").json["message"] == "OK"
    assert listed(backend) == [other["id"]]
    assert problems(backend.delete(f"/connectTokens/{made['id']}")) == UNKNOWN


@pytest.mark.parametrize("text", ["ctk-1", "ctk-" + "9" * 60, "usr-1", "non-existent-id"])
def test_an_unknown_token(backend, text):
    make(backend)
    assert problems(backend.update(f"/connectTokens/{text}", {"status": "consumed"})) == UNKNOWN
    assert problems(backend.delete(f"/connectTokens/{text}")) == UNKNOWN
    assert len(listed(backend)) == 1


@pytest.fixture
def four(backend, clock):
    """A token of each type, each living longer than the one before; the last two are consumed."""
    made = []
    for number, type_ in enumerate(TYPES):
        made.append(make(backend, type_, maxLifetimeInSeconds=3600 * (number + 1)))
        clock.advance(seconds=2)
    for each in made[2:]:
        backend.update(f"/connectTokens/{each['id']}", {"status": "consumed"})
    return made


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", [0, 1, 2, 3]),
        ("tokenType", [0, 1, 2, 3]),
        ("tokenType:desc", [3, 2, 1, 0]),
        ("expires:desc", [3, 2, 1, 0]),
        ("status:asc", [2, 3, 0, 1]),
    ],
)
def test_sorted(backend, four, sort, order):
    assert listed(backend, sort=sort) == [four[number]["id"] for number in order]


def test_sorted_by_id(backend, four):
    wanted = sorted((each["id"] for each in four), key=lambda text: int(text.removeprefix("ctk-")))
    assert listed(backend, sort="token") == wanted


def test_filtered(backend, four):
    ids = [each["id"] for each in four]
    assert listed(backend, f"token:eq:{ids[1]}") == listed(backend, f"token:eq:{ids[1][4:]}") == [ids[1]]
    assert listed(backend, f"token:eq:{UUID(int=int(ids[2][4:]))}") == [ids[2]]
    assert listed(backend, "tokenType:eq:passkey-list") == [ids[2]]
    assert listed(backend, "tokenType:gt:passkey-delete") == ids[2:]
    assert listed(backend, "status:eq:consumed", "tokenType:eq:passkey-login") == [ids[3]]
    assert listed(backend, "status:eq:consumed") == ids[2:]
    assert listed(backend, f"expires:gt:{four[1]['expires']}") == ids[2:]
    assert listed(backend, f"expires:eq:{four[0]['expires']}") == [ids[0]]
    assert listed(backend, "expires:lt:2021-01-01T00:00:00") == []


@pytest.mark.parametrize(
    ("filters", "parameters", "told"),
    [
        (["secret:eq:ctk1_x"], {}, ("secret", "not filterable by this column")),
        (["token:eq:ctk1_x"], {}, ("token", NOT_VALID)),
        (["expires:eq:soon"], {}, ("expires", NOT_VALID)),
        ([], {"sort": "created"}, ("created", "not sortable by this column")),
    ],
)
def test_a_list_that_is_refused(backend, filters, parameters, told):
    assert problems(backend.get("/connectTokens", *filters, **parameters)) == {told}


def test_pages(backend, four):
    ids = [each["id"] for each in four]
    assert listed(backend, pageSize=3) + listed(backend, pageSize=3, page=2) == ids
    paging = backend.get("/connectTokens", "status:eq:consumed", pageSize=1).json["paging"]
    assert paging == {"page": 1, "totalPages": 2, "totalItems": 2}
