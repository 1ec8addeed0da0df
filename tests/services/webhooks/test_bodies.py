"""What webhooks tell, of changes at both doors."""

import json
import re
from uuid import UUID

import pytest

from hanko_compat.app import services_of
from hanko_compat.services.events import Event, EventType
from hanko_compat.services.webhooks.bodies import LONGEST, body
from hanko_compat.storage.models import CredentialDetail, Delivery
from tests.authenticator import Authenticator
from tests.backend.ceremonies import INFORMATION, Ceremonies
from tests.backend.server import Server, basic
from tests.calls import CALLER
from tests.factories import make_account, make_credential
from tests.passkeys import Browser, bearer, make_passkey
from tests.services.identities.visitors import ADDRESS, alice, entered

CHROME = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/133.0.0.0 Safari/537.36"
)
ALL = (
    "passkey-login.completed",
    "passkey.created",
    "passkey.deleted",
    "user.created",
    "user.updated",
    "user.deleted",
)


@pytest.fixture
def subscribed(services):
    """Services with an endpoint that wants to hear of everything."""
    endpoints = services.webhooks.endpoints
    endpoints.create(url="http://hooks.example.test/", events=ALL, custom_headers={})
    return services


@pytest.fixture
def backend(client, subscribed):
    new = subscribed.api_secrets.create()
    return Server(client, basic(new.project_id, new.secret))


def told(services, clock):
    """The bodies that wait, and the types of the rows; then none wait any more."""
    with services.database.connection():
        rows = list(Delivery.select().order_by(Delivery.created_at))
        Delivery.delete().execute()
    clock.advance(seconds=2)
    bodies = [json.loads(row.payload) for row in rows]
    assert [each["type"] for each in bodies] == [row.kind for row in rows]
    return bodies


def test_a_user_is_created_updated_and_deleted(backend, services, clock):
    user_id = backend.user(fullName="Jane Ö. Doe")
    (created,) = told(services, clock)
    assert created["data"] == {
        "user": {"id": user_id, "fullName": "Jane Ö. Doe", "status": "active"},
        "identifiers": [],
    }
    assert created["type"] == "user.created"
    identifier_id = backend.identifier(user_id, "Jane@Example.test", status="primary")
    clock.advance(seconds=2)
    phone_id = backend.identifier(user_id, "+491234567890", type_="phone", status="pending")
    last = told(services, clock)[-1]
    assert last["type"] == "user.updated"
    assert last["data"]["identifiers"] == [
        {"id": identifier_id, "type": "email", "value": "Jane@Example.test", "status": "primary"},
        {"id": phone_id, "type": "phone", "value": "+491234567890", "status": "pending"},
    ]
    backend.update(f"/users/{user_id}", {"status": "disabled"})
    clock.advance(seconds=2)
    backend.delete(f"/users/{user_id}/identifiers/{phone_id}")
    disabled, without_phone = told(services, clock)
    assert disabled["data"]["user"]["status"] == "disabled"
    assert [each["id"] for each in without_phone["data"]["identifiers"]] == [identifier_id]
    backend.delete(f"/users/{user_id}")
    (deleted,) = told(services, clock)
    assert (deleted["type"], deleted["data"]) == ("user.deleted", {"userID": user_id})


def test_a_sign_up_at_another_provider_and_an_address_that_changes_there(subscribed, clock):
    user_id = entered(subscribed)
    (created,) = told(subscribed, clock)
    assert (created["type"], created["data"]["identifiers"][0]["value"]) == ("user.created", ADDRESS)
    assert UUID(int=int(created["data"]["user"]["id"].partition("-")[2])) == user_id
    entered(subscribed)
    assert told(subscribed, clock) == []
    entered(subscribed, alice(email="new@example.test"))
    (updated,) = told(subscribed, clock)
    assert updated["type"] == "user.updated"
    assert {each["value"] for each in updated["data"]["identifiers"]} == {ADDRESS, "new@example.test"}


def test_what_is_not_set_is_left_out(backend, services, clock):
    user_id = backend.user()
    (created,) = told(services, clock)
    assert created["data"]["user"] == {"id": user_id, "status": "active"}


def test_when_and_where(client, subscribed, clock):
    headers = {"User-Agent": CHROME}
    client.post("/users", json={"email": "jane@example.test"}, headers=headers)
    (created,) = told(subscribed, clock)
    assert created["metadata"] == {
        "ip": "127.0.0.1",
        "os": "macOS 10.15.7",
        "browser": "Chrome 133.0.0.0",
        "customHeaders": {},
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", created["timestamp"])
    assert created["timestamp"].endswith("123456000Z")
    assert list(created) == ["type", "timestamp", "metadata", "data"]


def test_a_sign_up_and_a_log_in_at_the_public_door(client, subscribed, clock, inbox):
    user = client.post("/users", json={"email": "jane@example.test"}).json
    (created,) = told(subscribed, clock)
    assert (created["type"], created["data"]["identifiers"]) == ("user.created", [])
    passcode = client.post("/passcode/login/initialize", json=user).json
    code = inbox.passcode("jane@example.test")
    client.post("/passcode/login/finalize", json={"id": passcode["id"], "code": code})
    bodies = told(subscribed, clock)
    assert {each["type"] for each in bodies} == {"user.updated"}
    (identifier,) = bodies[-1]["data"]["identifiers"]
    assert (identifier["value"], identifier["status"]) == ("jane@example.test", "primary")
    assert bodies[-1]["data"]["user"]["id"] == f"usr-{UUID(user['user_id']).int}"


def test_a_passkey_of_the_public_door(client, subscribed, clock):
    account = make_account()
    browser = Browser(client, bearer(subscribed, account.user_id) | {"User-Agent": CHROME})
    device = Authenticator()
    made = browser.register(device.create(browser.creation_options()))
    assert made.status_code == 200, made.json
    (created,) = told(subscribed, clock)
    user_id = f"usr-{account.user_id.int}"
    with subscribed.database.connection():
        detail = CredentialDetail.get(CredentialDetail.credential == device.id)
    assert (created["type"], created["data"]["userID"]) == ("passkey.created", user_id)
    credential = created["data"]["credential"]
    assert credential == {
        "id": f"cre-{detail.id.int}",
        "webAuthnID": device.id,
        "os": detail.source_os,
        "browser": detail.source_browser,
    }
    browser.log_in(device.get(browser.request_options()))
    (completed,) = told(subscribed, clock)
    assert (completed["type"], completed["data"]) == ("passkey-login.completed", created["data"])
    assert client.delete(f"/webauthn/credentials/{device.id}", headers=browser.headers).status_code == 204
    (deleted,) = told(subscribed, clock)
    assert (deleted["type"], deleted["data"]) == ("passkey.deleted", created["data"])


def test_a_sign_up_without_a_verification(make_app, clock):
    app = make_app({"email.require_verification": False, "account.allow_deletion": True})
    services = services_of(app)
    services.webhooks.endpoints.create(url="http://hooks.example.test/", events=ALL, custom_headers={})
    client = app.test_client()
    user = client.post("/users", json={"email": "jane@example.test"}).json
    (created,) = told(services, clock)
    (identifier,) = created["data"]["identifiers"]
    assert (created["type"], identifier["value"]) == ("user.created", "jane@example.test")
    assert identifier["status"] == "primary"
    user_id = UUID(user["user_id"])
    assert client.delete("/user", headers=bearer(services, user_id)).status_code == 204
    (deleted,) = told(services, clock)
    assert (deleted["type"], deleted["data"]) == ("user.deleted", {"userID": f"usr-{user_id.int}"})


def test_a_passkey_of_the_door_for_servers(backend, services, clock):
    """It tells of the browser of whom the server acts for."""
    user_id, passkeys = backend.user(), Ceremonies(backend)
    told(services, clock)
    device = passkeys.append(user_id)
    (created,) = told(services, clock)
    (credential,) = passkeys.credentials(user_id)
    data = {
        "userID": user_id,
        "credential": {
            "id": credential["id"],
            "webAuthnID": device.id,
            "os": "macOS 15.0.1",
            "browser": "Chrome 133.0.0",
        },
    }
    assert (created["type"], created["data"]) == ("passkey.created", data)
    assert created["metadata"]["ip"] == INFORMATION["remoteAddress"]
    assert created["metadata"]["browser"] == "Chrome 133.0.0.0"
    passkeys.log_in(user_id, device)
    passkeys.finish_mediation(device.get(passkeys.mediation_options()))
    first, second = told(services, clock)
    for completed in (first, second):
        assert (completed["type"], completed["data"]) == ("passkey-login.completed", data)
        assert completed["metadata"] == created["metadata"]
    backend.delete(f"/users/{user_id}/credentials/{credential['id']}")
    (deleted,) = told(services, clock)
    assert (deleted["type"], deleted["data"]) == ("passkey.deleted", data)


def test_a_passkey_that_nobody_asked_for_before_gets_its_id(client, subscribed, clock):
    device, row = make_passkey()
    browser = Browser(client, bearer(subscribed, row.user_id))
    for _ in range(2):
        browser.log_in(device.get(browser.request_options()))
    first, second = told(subscribed, clock)
    assert first["data"] == second["data"]
    assert first["data"]["credential"]["id"].startswith("cre-")


def test_a_deleted_passkey_that_no_server_has_seen(client, subscribed, clock):
    row = make_credential()
    client.delete(f"/webauthn/credentials/{row.id}", headers=bearer(subscribed, row.user_id))
    (deleted,) = told(subscribed, clock)
    assert deleted["data"]["credential"]["webAuthnID"] == row.id


@pytest.mark.slow
def test_more_identifiers_than_a_column_holds(backend, services, clock):
    user_id = backend.user()
    for number in range(150):
        backend.identifier(user_id, f"{number:03}" + "ä" * 252, type_="username", status="verified")
    told(services, clock)
    event = Event(type=EventType.USER_UPDATED, client=CALLER, user_id=UUID(int=int(user_id[4:])))
    with services.database.connection():
        text = body(event, services.database, now=clock())
    assert 10_000 < len(text.encode()) <= LONGEST
    assert 20 < len(json.loads(text)["data"]["identifiers"]) < 150


def test_an_event_without_a_user_tells_nothing(subscribed, clock):
    event = Event(type=EventType.USER_UPDATED, client=CALLER)
    assert body(event, subscribed.database, now=clock()) is None
