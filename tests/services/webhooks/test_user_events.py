"""Which changes of users hooks are told of, at both doors."""

from random import Random
from typing import Any
from uuid import UUID

import pytest

from hanko_compat import base64url
from hanko_compat.app import create_app
from hanko_compat.client import Client
from hanko_compat.public_ids import decode
from hanko_compat.services.events import Event, EventType, UserChange
from hanko_compat.storage.models import Delivery, Email, User
from tests.authenticator import Authenticator
from tests.backend.server import Server, basic
from tests.calls import CALLER
from tests.effects.caller import Caller, Person, token_of
from tests.factories import make_account, make_credential, make_email, make_password
from tests.queries import recorded_queries
from tests.services.identities.visitors import ADDRESS, alice, entered
from tests.services.webhooks.told import HOOKED, names, taken

DELETABLE = {"account.allow_deletion": True}
UNVERIFIED = {"email.require_verification": False}
AGENT = "Werkzeug"


@pytest.fixture
def serve(make_services, inbox, clock):
    """Both doors of an application with a hook: a caller, and a customer's server."""

    def serve(changes: dict[str, Any] | None = None) -> tuple[Caller, Server]:
        services = make_services(HOOKED | DELETABLE | (changes or {}))
        app = create_app(services.config, now=clock, services=services)
        new = services.api_secrets.create()
        client = app.test_client(use_cookies=False)
        return Caller(app, inbox, clock), Server(client, basic(new.project_id, new.secret))

    return serve


@pytest.fixture
def caller(serve):
    return serve()[0]


@pytest.fixture
def backend(serve):
    return serve()[1]


def told(caller: Caller) -> list[tuple[str, dict[str, Any]]]:
    """What of users waits for the hook; mails are for other tests."""
    return [(name, data) for name, data in taken(caller.services) if name != "email.send"]


def told_names(caller: Caller) -> list[str]:
    return [name for name, _ in told(caller)]


def signed_up(caller: Caller, address: str = "jane@example.test") -> Person:
    """Somebody who has signed up and confirmed."""
    user = caller.sign_up(address).json
    answer = confirm(caller, user, address)
    return Person(UUID(user["user_id"]), UUID(user["email_id"]), address, token_of(answer))


def confirm(caller: Caller, user: dict[str, str], address: str, by: Person | None = None):
    """Ask for a passcode and give it back."""
    begun = caller.post("/passcode/login/initialize", user, by=by)
    code = caller.inbox.passcode(address)
    answer = caller.post("/passcode/login/finalize", {"id": begun.json["id"], "code": code}, by=by)
    assert answer.status_code == 200, answer.json
    return answer


def added(caller: Caller, person: Person, address: str = "second@example.test") -> str:
    """A further address that is confirmed: its id."""
    email_id: str = caller.post("/emails", {"address": address}, by=person).json["id"]
    confirm(caller, {"user_id": str(person.user_id), "email_id": email_id}, address, by=person)
    return email_id


def test_a_sign_up_is_told_when_it_is_confirmed(caller):
    user = caller.sign_up("jane@example.test").json
    assert told(caller) == []
    confirm(caller, user, "jane@example.test")
    ((name, data),) = told(caller)
    assert (name, data["id"]) == ("user.create", user["user_id"])
    (email,) = data["emails"]
    assert (email["address"], email["is_verified"], email["is_primary"]) == ("jane@example.test", True, True)
    assert data["ip_address"] == "127.0.0.1"
    assert data["user_agent"].startswith(AGENT)


def test_without_verification_a_sign_up_is_told_at_once(serve):
    caller, _ = serve(UNVERIFIED)
    user = caller.sign_up("jane@example.test").json
    ((name, data),) = told(caller)
    assert (name, data["id"]) == ("user.create", user["user_id"])
    assert data.keys() == {"id", "created_at", "updated_at"}
    confirm(caller, user, "jane@example.test")
    ((name, data),) = told(caller)
    assert (name, data["emails"][0]["is_verified"]) == ("user.update.email.create", True)


def test_changes_of_addresses(caller):
    jane = signed_up(caller)
    told(caller)
    email_id = caller.post("/emails", {"address": "second@example.test"}, by=jane).json["id"]
    assert told(caller) == []
    user = {"user_id": str(jane.user_id), "email_id": email_id}
    confirm(caller, user, "second@example.test", by=jane)
    ((name, data),) = told(caller)
    assert name == "user.update.email.create"
    assert {each["address"] for each in data["emails"]} == {jane.address, "second@example.test"}
    path = f"/emails/{email_id}/set_primary"
    for expected in ([("user.update.email.primary", email_id)], []):
        assert caller.post(path, by=jane).status_code == 204
        primary = [
            (name, next(each["id"] for each in data["emails"] if each["is_primary"]))
            for name, data in told(caller)
        ]
        assert primary == expected
    caller.call("DELETE", f"/emails/{jane.email_id}", by=jane)
    ((name, data),) = told(caller)
    assert (name, [each["id"] for each in data["emails"]]) == ("user.update.email.delete", [email_id])
    assert data["user_agent"].startswith(AGENT)


def test_without_verification_a_further_address_is_told_at_once(serve):
    caller, _ = serve(UNVERIFIED)
    jane = caller.person()
    caller.post("/emails", {"address": "second@example.test"}, by=jane)
    ((name, data),) = told(caller)
    assert (name, len(data["emails"])) == ("user.update.email.create", 2)


def test_a_deletion_tells_the_user_as_he_was(caller):
    jane = caller.person(password=True)
    caller.register(jane, Authenticator())
    assert told(caller) == []
    assert caller.call("DELETE", "/user", by=jane).status_code == 204
    ((name, data),) = told(caller)
    assert (name, data["id"], data["emails"][0]["address"]) == (
        "user.delete",
        str(jane.user_id),
        jane.address,
    )
    assert len(data["webauthn_credentials"]) == 1
    assert "password" in data
    assert not {"ip_address", "user_agent"} & data.keys()


def test_nobody_hides_behind_more_passkeys_than_a_column_holds(caller, caplog):
    """Names and keys are what an authenticator of one's own makes of them."""
    jane, random = caller.person(), Random(1)
    with caller.services.database.connection():
        for number in range(100):
            key = base64url.encode(random.randbytes(600))
            make_credential(user=jane.user_id, id=f"{number}", public_key=key)
    assert caller.call("DELETE", "/user", by=jane).status_code == 204
    ((name, data),) = told(caller)
    assert (name, data["id"], data["emails"][0]["address"]) == (
        "user.delete",
        str(jane.user_id),
        jane.address,
    )
    assert "webauthn_credentials" not in data
    assert [each.getMessage() for each in caplog.records].count("hook_event_too_long") == 1


def test_what_is_told_to_nobody(caller):
    """Log-ins, passwords, passkeys, log-outs, and what fails."""
    jane, device = caller.person(password=True), Authenticator()
    caller.set_password(jane, "battery horse")
    caller.log_in_by_password(jane, "battery horse")
    caller.log_in_by_passcode(jane)
    caller.register(jane, device)
    caller.log_in_by_passkey(device)
    caller.call("PATCH", f"/webauthn/credentials/{device.id}", {"name": "mine"}, by=jane)
    caller.call("DELETE", f"/webauthn/credentials/{device.id}", by=jane)
    caller.call("DELETE", f"/emails/{jane.email_id}", by=jane)
    caller.post("/emails", {"address": jane.address}, by=jane)
    caller.post("/logout", by=jane)
    caller.sign_up(jane.address)
    assert told(caller) == []


def test_a_first_proof_tells_which_addresses_go(serve):
    """A stranger had signed up with the address, and added one of its own."""
    caller, _ = serve(UNVERIFIED)
    stranger = caller.sign_up("jane@example.test")
    user_id = UUID(stranger.json["user_id"])
    with caller.services.database.connection():
        make_email(user=user_id, address="stranger@example.test")
        make_password(user=user_id)
        make_credential(user=user_id)
    told(caller)
    confirm(caller, stranger.json, "jane@example.test")
    events = told(caller)
    assert [name for name, _ in events] == ["user.update.email.delete", "user.update.email.create"]
    for _, data in events:
        assert [each["address"] for each in data["emails"]] == ["jane@example.test"]
        assert not {"password", "webauthn_credentials"} & data.keys()


def test_a_claimed_address_that_its_reader_takes_away(serve):
    """Who owns the account had only claimed it, and somebody else reads its mail."""
    caller, _ = serve()
    jane = caller.person()
    with caller.services.database.connection():
        claimed = make_email(user=jane.user_id, address="claimed@example.test", verified=False)
    user = {"user_id": str(jane.user_id), "email_id": str(claimed.id)}
    begun = caller.post("/passcode/login/initialize", user)
    code = caller.inbox.passcode("claimed@example.test")
    refused = caller.post("/passcode/login/finalize", {"id": begun.json["id"], "code": code})
    assert refused.status_code == 403
    ((name, data),) = told(caller)
    assert (name, data["id"]) == ("user.update.email.delete", str(jane.user_id))
    assert [each["address"] for each in data["emails"]] == [jane.address]


def test_nobody_hears_of_a_sign_up_that_was_abandoned(caller, clock):
    """It is nobody's whose sign-up anybody has heard of."""
    old = UUID(caller.sign_up("jane@example.test").json["id"])
    clock.advance(days=31)
    caller.services.clean_up.runs.run()
    with caller.services.database.connection():
        assert not User.select().where(User.id == old).exists()
    assert told(caller) == []


def test_that_a_user_who_never_verified_an_address_is_gone_is_told(serve, clock):
    caller, _ = serve(UNVERIFIED | {"hanko_compat.cleanup.unverified_sign_ups": "2160h"})
    jane = caller.sign_up("jane@example.test").json["id"]
    clock.advance(days=91)
    caller.services.clean_up.runs.run()
    created, deleted = told(caller)
    assert (created[0], deleted[0]) == ("user.create", "user.delete")
    assert deleted[1]["id"] == jane
    assert [each["address"] for each in deleted[1]["emails"]] == ["jane@example.test"]


def test_a_user_of_a_server(backend, caller):
    user_id = backend.user(fullName="Jane Doe")
    ((name, data),) = told(caller)
    assert (name, data["name"]) == ("user.create", "Jane Doe")
    assert data.keys() == {"id", "created_at", "updated_at", "name"}
    backend.update(f"/users/{user_id}", {"fullName": "Jane Roe"})
    backend.update(f"/users/{user_id}", {"status": "disabled"})
    events = told(caller)
    assert [(name, data["name"]) for name, data in events] == [("user.update", "Jane Roe")] * 2
    assert events[0][1]["user_agent"].startswith(AGENT)
    backend.delete(f"/users/{user_id}")
    ((name, data),) = told(caller)
    assert (name, data["name"]) == ("user.delete", "Jane Roe")
    assert not {"ip_address", "user_agent"} & data.keys()


def test_addresses_by_a_server(backend, caller):
    user_id = backend.user()
    told(caller)
    first = backend.identifier(user_id, "jane@example.test", status="primary")
    second = backend.identifier(user_id, "second@example.test", status="pending")
    assert told_names(caller) == ["user.update.email.create"] * 2
    changes = [
        (second, "pending", []),
        (second, "verified", ["user.update.email.create"]),
        (second, "verified", []),
        (second, "pending", ["user.update"]),
        (second, "primary", ["user.update.email.primary"]),
        (second, "verified", ["user.update.email.primary"]),
        (first, "primary", ["user.update.email.primary"]),
        (first, "pending", ["user.update.email.primary"]),
    ]
    for identifier_id, status, expected in changes:
        backend.update(f"/users/{user_id}/identifiers/{identifier_id}", {"status": status})
        assert told_names(caller) == expected, status
    backend.delete(f"/users/{user_id}/identifiers/{first}")
    ((name, data),) = told(caller)
    assert (name, [each["address"] for each in data["emails"]]) == (
        "user.update.email.delete",
        ["second@example.test"],
    )


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (
            "username",
            "jane",
            ["user.update.username.create", "user.update.username.update", "user.update.username.delete"],
        ),
        ("phone", "+491234567890", ["user.update"] * 3),
    ],
)
def test_other_identifiers_by_a_server(backend, caller, type_, value, expected):
    user_id = backend.user()
    told(caller)
    identifier_id = backend.identifier(user_id, value, type_=type_)
    path = f"/users/{user_id}/identifiers/{identifier_id}"
    for status in ("verified", "primary"):
        backend.update(path, {"status": status})
    backend.delete(path)
    events = told(caller)
    assert [name for name, _ in events] == expected
    shown = [data.get("username", {}).get("username") for _, data in events]
    assert shown == (["jane", "jane", None] if type_ == "username" else [None] * 3)


def test_an_address_that_a_server_takes_from_a_sign_up(serve):
    caller, backend = serve(UNVERIFIED)
    stranger = caller.sign_up("jane@example.test").json["user_id"]
    user_id = backend.user()
    told(caller)
    backend.identifier(user_id, "jane@example.test")
    # In no order, as they are about two users.
    assert {(name, data["id"], len(data.get("emails", ()))) for name, data in told(caller)} == {
        ("user.update.email.delete", stranger, 0),
        ("user.update.email.create", str(decode("user_id", user_id)), 1),
    }


def test_a_user_of_a_server_is_created_once(backend, caller):
    """Also when somebody confirms his first address."""
    user_id = backend.user()
    backend.identifier(user_id, "jane@example.test", status="pending")
    told(caller)
    found = caller.post("/user", {"email": "jane@example.test"}).json
    confirm(caller, {"user_id": found["id"], "email_id": found["email_id"]}, "jane@example.test")
    assert told_names(caller) == ["user.update.email.create"]


def test_accounts_at_providers_by_a_server_are_told_to_nobody(backend, caller):
    user_id = backend.user()
    told(caller)
    body = {
        "providerType": "google",
        "identifierValue": "jane@example.test",
        "foreignID": "1",
        "avatarURL": "https://a.example.test/1",
        "fullName": "Jane Doe",
    }
    assert backend.post(f"/users/{user_id}/socialAccounts", body).status_code == 200
    assert told(caller) == []


def test_log_ins_at_other_providers(caller, clock):
    """Who it was that signed up is not told, but where; linking is not told at all."""
    services = caller.services
    user_id = entered(services)
    ((name, data),) = told(caller)
    assert (name, data["id"], data["emails"][0]["address"]) == ("user.create", str(user_id), ADDRESS)
    assert [each["provider_name"] for each in data["identities"]] == ["custom_stub"]
    assert not {"ip_address", "user_agent"} & data.keys()
    clock.advance(seconds=1)
    assert entered(services) == user_id
    assert entered(services, alice(subject="alice-2")) == user_id
    assert told(caller) == []
    with services.database.connection():
        make_email(user=None, verified=False, address="waiting@example.test")
    for address, expected in (
        ("free@example.test", "user.update.email.create"),
        ("waiting@example.test", "user.update"),
    ):
        entered(services, alice(email=address))
        ((name, data),) = told(caller)
        assert (name, data["ip_address"]) == (expected, CALLER.ip_address)
        assert address in {each["address"] for each in data["emails"]}


def test_an_account_that_a_verified_address_claims(caller):
    """A stranger had signed up with the address, and added one of its own."""
    services = caller.services
    with services.database.connection():
        email = make_account(address=ADDRESS, verified=False)
        make_email(user=email.user_id, address="stranger@example.test", verified=False)
    assert entered(services) == email.user_id
    events = told(caller)
    assert [name for name, _ in events] == ["user.update.email.delete", "user.update.email.create"]
    assert [each["address"] for each in events[-1][1]["emails"]] == [ADDRESS]
    assert events[-1][1]["emails"][0]["is_verified"] is True


def test_a_caller_that_says_nothing_of_itself(caller):
    nobody = Client(ip_address="", user_agent="", request_id="")
    event = Event(
        type=EventType.USER_UPDATED, client=nobody, user_id=caller.person().user_id, change=UserChange.UPDATED
    )
    caller.services.database.transaction(lambda: caller.services.events.record(event))
    ((_, data),) = told(caller)
    assert not {"ip_address", "user_agent"} & data.keys()


def test_what_is_rolled_back_is_not_told(caller):
    person = caller.person()
    event = Event(
        type=EventType.USER_UPDATED, client=CALLER, user_id=person.user_id, change=UserChange.UPDATED
    )

    def work() -> None:
        caller.services.events.record(event)
        raise KeyError

    with pytest.raises(KeyError):
        caller.services.database.transaction(work)
    assert told(caller) == []


def test_a_user_who_is_not_there_is_not_deleted(backend, caller):
    user_id = backend.user()
    backend.delete(f"/users/{user_id}")
    told(caller)
    backend.delete(f"/users/{user_id}")
    assert told(caller) == []


SUBSCRIPTIONS = [
    (["user"], ["user.create", "user.update.email.create", "user.delete"]),
    (["user.update"], ["user.update.email.create"]),
    (["user.update.email.create"], ["user.update.email.create"]),
    (["user.create", "user.delete"], ["user.create", "user.delete"]),
    (["user.login", "email.send"], []),
]


@pytest.mark.parametrize(("events", "expected"), SUBSCRIPTIONS, ids=str)
def test_a_hook_gets_what_it_subscribes_to(serve, events, expected):
    hook = {"callback": "http://127.0.0.1:9/", "events": events}
    caller, _ = serve({"webhooks": {"enabled": True, "hooks": [hook]}})
    jane = signed_up(caller)
    added(caller, jane)
    assert caller.call("DELETE", "/user", by=jane).status_code == 204
    assert told_names(caller) == expected


def a_life(caller: Caller) -> None:
    """Everything that hooks could be told."""
    jane = signed_up(caller)
    email_id = added(caller, jane)
    caller.post(f"/emails/{email_id}/set_primary", by=jane)
    caller.call("DELETE", f"/emails/{jane.email_id}", by=jane)
    caller.call("DELETE", "/user", by=jane)


OFF = {"webhooks": {**HOOKED["webhooks"], "enabled": False}}
ELSEWHERE = {
    "webhooks": {"enabled": True, "hooks": [{"callback": "http://127.0.0.1:9/", "events": ["user.login"]}]}
}


@pytest.mark.parametrize("hooks", [OFF, ELSEWHERE], ids=["off", "elsewhere"])
def test_while_no_hook_wants_it_nothing_is_asked(serve, hooks):
    """The same statements as without hooks, but for a look at their table every two seconds."""
    statements = []
    for settings in ({"webhooks": {"enabled": False}}, hooks):
        caller, _ = serve(settings)
        a_life(caller)  # what is read once is read
        with recorded_queries() as asked:
            a_life(caller)
        elsewhere = ("webhook", "hanko_compat_deliveries")  # which whoever delivers asks, too
        statements.append([text for text in asked if not any(table in text for table in elsewhere)])
        with caller.services.database.connection():
            assert Delivery.select().where(Delivery.channel == "hook").count() == 0
            assert Email.select().where(Email.user.is_null(False)).count() == 0
    assert len(statements[0]) == len(statements[1])
    assert sorted(statements[0]) == sorted(statements[1])


def test_a_log_in_asks_nothing_for_hooks(caller):
    jane = caller.person(password=True)
    caller.log_in_by_password(jane)
    with recorded_queries() as asked:
        caller.log_in_by_password(jane)
    assert [text for text in asked if "hanko_compat_deliveries" in text] == []
    assert names(caller.services) == []
