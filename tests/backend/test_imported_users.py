"""Who was imported logs in at the public door, and is at the backend door like everybody else."""

import pytest

from hanko_compat.hashing import bcrypt
from hanko_compat.services.transfer.importing import OnConflict
from tests.authenticator import Authenticator
from tests.passkeys import Browser
from tests.services.transfer.runs import export, import_into
from tests.services.transfer.samples import entry, passkey

GOOD = "correct horse"
HANDLE = b"handle-of-another"


@pytest.fixture
def device():
    return Authenticator(user_handle=HANDLE)


def test_the_user_logs_in_with_the_password(client, services):
    hashed = bcrypt.create(GOOD, cost=4).replace("$2a$", "$2y$")
    import_into(services.database, entry("Jane@Example.test", password={"password": hashed}))
    user_id = client.post("/user", json={"email": "jane@example.test"}).json["id"]
    answers = [
        client.post("/password/login", json={"user_id": user_id, "password": word}).status_code
        for word in (GOOD, "wrong horse")
    ]
    assert answers == [200, 401]


def test_the_user_logs_in_with_a_passkey_and_its_handle_of_another_system(client, services, device):
    key = passkey(id=device.id, public_key=device.public_key, user_handle=HANDLE.decode())
    import_into(services.database, entry(webauthn_credentials=[key]))
    user_id = client.post("/user", json={"email": "jane@example.test"}).json["id"]
    browser = Browser(client)
    answer = browser.log_in(device.get(browser.request_options()))
    assert (answer.status_code, answer.json["user_id"]) == (200, user_id)


def test_servers_see_the_identifiers_of_the_user(backend, services):
    phone = {"type": "phone", "value": "+4915112345678"}
    imported = entry(
        "Jane@Example.test", username="Jane.Doe", name="Jane", backend_api={"identifiers": [phone]}
    )
    assert import_into(services.database, imported, {"username": "joe"}) == []
    (user,) = backend.get("/users", "name:eq:Jane").json["users"]
    listed = backend.get("/identifiers", f"userID:eq:{user['userID']}").json["identifiers"]
    assert {(each["type"], each["value"], each["status"]) for each in listed} == {
        ("email", "jane@example.test", "primary"),
        ("username", "Jane.Doe", "verified"),
        ("phone", "+4915112345678", "pending"),
    }
    for value in ("JANE@example.test", "jane.doe", "+4915112345678"):
        (found,) = backend.get("/identifiers", f"identifierValue:eq:{value}").json["identifiers"]
        assert found["userID"] == user["userID"]
    (joe,) = backend.get("/identifiers", "identifierValue:eq:Joe").json["identifiers"]
    assert (joe["value"], joe["status"], user["status"]) == ("joe", "verified", "active")


@pytest.mark.parametrize(
    ("type_", "value"),
    [("email", "jane@example.test"), ("username", "JANE.DOE"), ("phone", "+4915112345678")],
)
def test_nobody_else_gets_what_the_user_has(backend, services, type_, value):
    phone = {"type": "phone", "value": "+4915112345678"}
    import_into(services.database, entry(username="Jane.Doe", backend_api={"identifiers": [phone]}))
    body = {"identifierType": type_, "identifierValue": value, "status": "verified"}
    assert backend.post(f"/users/{backend.user()}/identifiers", body).status_code == 409


@pytest.mark.usefixtures("hankos_collation")
def test_an_address_that_the_database_takes_for_another_is_left_out_and_named(services):
    database = services.database
    import_into(database, entry("strase@example.test"))
    entries = (entry("a@b.test"), entry("stras\u00e9@example.test"), entry("c@b.test"))
    problems = import_into(database, *entries, on_conflict=OnConflict.SKIP)
    is_left_out = database.dialect == "mysql"
    assert [problem[0] for problem in problems] == ([2] if is_left_out else [])
    assert all("takes it for something that it has" in problem[2] for problem in problems)
    assert len(export(database)) == (3 if is_left_out else 4)


def test_who_is_disabled_does_not_log_in(client, services):
    hashed = bcrypt.create(GOOD, cost=4)
    import_into(services.database, entry(password={"password": hashed}, is_disabled=True))
    found = client.post("/user", json={"email": "jane@example.test"})
    user_id = found.json.get("id", "")
    answer = client.post("/password/login", json={"user_id": user_id, "password": GOOD})
    assert answer.status_code in (400, 401, 403)
