"""A receiver of Hanko's webhooks, written as docs/webhooks.md says, and what its tokens are good for."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from flask import Flask

from tests.clock import FakeClock
from tests.effects.caller import Caller, Person
from tests.gateway import HttpGateway
from tests.inbox import Inbox
from tests.markdown import page
from tests.receiver import Receiver

JWKS = "https://auth.example.com/.well-known/jwks.json"
AUDIENCE = 'audience="example.com"'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def caller(make_app: Callable[..., Flask], inbox: Inbox, clock: FakeClock, receiver: Receiver) -> Caller:
    """A caller of an application with a hook."""
    hook = {"callback": receiver.url, "events": ["user"]}
    settings = {"webhooks": {"enabled": True, "hooks": [hook]}, "account.allow_deletion": True}
    return Caller(make_app(settings), inbox, clock)


@pytest.fixture
def jane(caller: Caller) -> Person:
    return caller.person()


@pytest.fixture
def delivered(caller: Caller, jane: Person, receiver: Receiver) -> str:
    """The token of an event: another user was deleted."""
    assert caller.call("DELETE", "/user", by=caller.person()).status_code == 204
    caller.services.delivery.threads.deliver_due()
    (post,) = receiver.received
    return str(json.loads(post.body)["token"])


@pytest.fixture
def read(caller: Caller) -> Iterator[Callable[[str], tuple[str, dict[str, Any]]]]:
    """The example of the page, with our keys and our audience."""
    (example,) = page("docs/webhooks.md").blocks("python")
    assert (example.count(JWKS), example.count(AUDIENCE)) == (1, 1)
    with HttpGateway(body=caller.get("/.well-known/jwks.json").data) as keys:
        code = example.replace(JWKS, keys.url).replace(AUDIENCE, 'audience="localhost"')
        names: dict[str, Any] = {}
        exec(compile(code, "docs/webhooks.md", "exec"), names)
        yield names["read"]


def test_the_example_of_the_page_takes_events(
    read: Callable[[str], tuple[str, dict[str, Any]]], delivered: str
) -> None:
    event, data = read(delivered)
    assert event == "user.delete"
    assert data["emails"][0]["is_primary"] is True


def test_it_takes_no_session_and_nothing_forged(
    read: Callable[[str], tuple[str, dict[str, Any]]], jane: Person, delivered: str
) -> None:
    head, body, signature = delivered.split(".")
    names = {"kid": jwt.get_unverified_header(delivered)["kid"]}
    forged = jwt.encode({"sub": "hanko webhooks", "aud": "localhost"}, "secret" * 8, headers=names)
    for token in (jane.token, forged, f"{head}.{body}.{signature[:-4]}AAAA"):
        with pytest.raises(jwt.InvalidTokenError):
            read(token)


def test_no_token_of_an_event_is_a_session(caller: Caller, jane: Person, delivered: str) -> None:
    """Neither as a bearer token nor as a cookie, at any endpoint that asks for a session."""
    for token, status in ((jane.token, 200), (delivered, 401)):
        for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"hanko={token}"}):
            assert caller.client.get("/me", headers=headers).status_code == status
        validated = caller.post("/sessions/validate", {"session_token": token})
        assert validated.json["is_valid"] is (status == 200)
    body = {"user_id": str(jane.user_id), "password": "correct horse"}
    refused = caller.client.put("/password", json=body, headers={"Authorization": f"Bearer {delivered}"})
    assert refused.status_code == 401
