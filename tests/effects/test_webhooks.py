"""``webhooks.*``, and ``email_delivery.enabled`` as far as hooks are concerned."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.effects.caller import Caller, claims_of, token_of
from tests.effects.conftest import Serve
from tests.effects.rows import shows
from tests.receiver import Receiver

DELETABLE = {"account.allow_deletion": True}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def hooked(receiver: Receiver, *, enabled: bool = True) -> dict[str, Any]:
    """The settings of a hook for everything."""
    hook = {"callback": receiver.url, "events": ["user", "email.send"]}
    return {"webhooks": {"enabled": enabled, "hooks": [hook]}}


def delivered(caller: Caller, receiver: Receiver) -> list[dict[str, Any]]:
    """The claims of what has been posted since the last time."""
    caller.services.delivery.threads.deliver_due()
    bodies = [json.loads(post.body) for post in receiver.received]
    receiver.received = []
    claims = [claims_of(body["token"]) for body in bodies]
    assert [set(body) for body in bodies] == [{"token", "event"}] * len(bodies)
    assert [body["event"] for body in bodies] == [each["evt"] for each in claims]
    return claims


def events_of(caller: Caller, receiver: Receiver) -> list[str]:
    """The events that have been posted since the last time."""
    return [claims["evt"] for claims in delivered(caller, receiver)]


def confirm(caller: Caller, user: dict[str, str], code: str | None = None) -> str:
    """Ask for a passcode and give it back; the token."""
    begun = caller.post("/passcode/login/initialize", user)
    code = code or caller.inbox.passcode("jane@example.test")
    answer = caller.post("/passcode/login/finalize", {"id": begun.json["id"], "code": code})
    return token_of(answer)


@shows("webhooks.enabled", "false, hooks configured")
def test_hooks_that_are_off(serve: Serve, receiver: Receiver) -> None:
    caller = serve({**hooked(receiver, enabled=False), **DELETABLE})
    user = caller.sign_up("jane@example.test").json
    token = confirm(caller, user)
    deleted = caller.client.delete("/user", headers={"Authorization": f"Bearer {token}"})
    assert deleted.status_code == 204
    assert events_of(caller, receiver) == []


@shows("webhooks.enabled", "true, events user and email.send")
def test_a_mail_and_a_confirmed_sign_up(serve: Serve, receiver: Receiver) -> None:
    caller = serve(hooked(receiver))
    user = caller.sign_up("jane@example.test").json
    assert events_of(caller, receiver) == []
    confirm(caller, user)
    assert events_of(caller, receiver) == ["email.send", "user.create"]
    person = caller.person()
    caller.post("/emails", {"address": "second@example.test"}, by=person)
    assert events_of(caller, receiver) == []


@shows("webhooks.enabled", "true, email.require_verification=false")
def test_without_verification(serve: Serve, receiver: Receiver) -> None:
    caller = serve({**hooked(receiver), **DELETABLE, "email.require_verification": False})
    created = caller.sign_up("jane@example.test")
    headers = {"Authorization": f"Bearer {token_of(created)}"}
    assert events_of(caller, receiver) == ["user.create"]
    added = caller.client.post("/emails", json={"address": "second@example.test"}, headers=headers)
    assert added.status_code == 200
    assert events_of(caller, receiver) == ["user.update.email.create"]
    assert caller.client.delete("/user", headers=headers).status_code == 204
    assert events_of(caller, receiver) == ["user.delete"]
    confirm(caller, caller.sign_up("jane@example.test").json)
    # Mails wait for nothing, so that theirs may come before or after the sign-up's.
    assert sorted(events_of(caller, receiver)) == ["email.send", "user.create", "user.update.email.create"]


@shows("email_delivery.enabled", "false", "POST /passcode/login/initialize")
def test_a_passcode_by_a_hook_alone(serve: Serve, receiver: Receiver) -> None:
    caller = serve({**hooked(receiver), "email_delivery.enabled": False})
    person = caller.person()
    begun = caller.ask_for_passcode(person)
    (claims,) = delivered(caller, receiver)
    assert caller.inbox.messages() == []
    assert claims["data"]["delivered_by_hanko"] is False
    body = {"id": begun.json["id"], "code": claims["data"]["data"]["otp_code"]}
    assert caller.post("/passcode/login/finalize", body).status_code == 200
