"""Nobody attaches an address to an account that a server made."""

import pytest

from hanko_compat.storage.models import Email, Session
from tests.backend.ceremonies import uuid_of
from tests.factories import make_account
from tests.passkeys import bearer

MINE = "mallory@example.test"


@pytest.fixture
def passcode(backend, inbox):
    """Ask for a session of a user whose ID is known, by an address that belongs to nobody."""

    def ask(user_id):
        client = backend.client
        mine = client.post("/users", json={"email": MINE}).json["email_id"]
        wanted = {"user_id": str(uuid_of(user_id)), "email_id": mine}
        answer = client.post("/passcode/login/initialize", json=wanted)
        if answer.status_code != 200:
            return answer
        return client.post(
            "/passcode/login/finalize", json={"id": answer.json["id"], "code": inbox.passcode(MINE)}
        )

    return ask


@pytest.mark.parametrize(
    "changes", [{}, {"fullName": ""}, {"fullName": "Jane Doe"}, {"explicitWebauthnID": "jane"}]
)
@pytest.mark.parametrize(
    "identifiers", [[], [("+491509123456", "phone")], [("jane", "username"), ("j", "username")]]
)
def test_a_user_that_a_server_made_is_no_sign_up(backend, services, passcode, changes, identifiers):
    user_id = backend.user(**changes)
    for value, type_ in identifiers:
        backend.identifier(user_id, value, type_=type_)
    answer = passcode(user_id)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    with services.database.connection():
        assert Session.select().count() == 0
        assert Email.get().user_id is None


@pytest.mark.parametrize("status", ["active", None])
def test_a_sign_up_that_a_server_has_named_stays_one(backend, inbox, status):
    signed_up = backend.client.post("/users", json={"email": MINE}).json
    changes = {"fullName": "Mallory Doe"} | ({"status": status} if status else {})
    backend.update(f"/users/{signed_up['id']}", changes)
    wanted = {"user_id": signed_up["id"], "email_id": signed_up["email_id"]}
    made = backend.client.post("/passcode/login/initialize", json=wanted).json
    body = {"id": made["id"], "code": inbox.passcode(MINE)}
    assert backend.client.post("/passcode/login/finalize", json=body).status_code == 200


def test_nor_where_a_server_took_its_only_address(backend, client, passcode, services, inbox):
    email = make_account(address="jane@example.test")
    user_id = f"usr-{email.user_id.int}"
    backend.delete(f"/users/{user_id}/identifiers/ide-{email.id.int}")
    assert passcode(user_id).status_code == 403
    backend.identifier(user_id, "jane2@example.test")
    (address,) = [
        each["emailIdentifiers"] for each in backend.get("/users").json["users"] if each["userID"] == user_id
    ]
    assert [each["value"] for each in address] == ["jane2@example.test"]


@pytest.mark.parametrize("changes", [{}, {"fullName": ""}])
def test_a_user_sees_nothing_of_it(backend, services, changes):
    user_id = backend.user(**changes)
    profile = backend.client.get("/me", headers=bearer(services, uuid_of(user_id))).json
    assert "given_name" not in profile
    assert profile.get("name") == changes.get("fullName")


def test_nor_where_a_server_has_given_it_a_number(backend, passcode):
    signed_up = backend.client.post("/users", json={"email": "jane@example.test"}).json
    user_id = backend.get(f"/users/{signed_up['id']}").json["userID"]
    backend.identifier(user_id, "+491509123456", type_="phone")
    assert passcode(user_id).status_code == 403
