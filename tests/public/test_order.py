"""In which order each endpoint refuses: the first reason counts, whatever else is wrong with the request.

First the session where one is needed, then the form of the body and of its members, then rights, then state;
some recorded answers say otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.factories import make_passcode, make_session, make_token, now
from tests.public.world import GOOD, Call, World

LIMITED = {
    "rate_limiter.enabled": True,
    "rate_limiter.passcode_limits.tokens": 1,
    "rate_limiter.password_limits.tokens": 1,
    "rate_limiter.token_limits.tokens": 1,
    "hanko_compat.limits.lookup.tokens": 1,
    "hanko_compat.limits.signup.tokens": 1,
}


@dataclass(frozen=True)
class Check:
    """One reason to refuse: the answer, and how to bring it about."""

    status: int
    message: str  # or how it begins, where it ends in three dots
    spoil: Callable[[World, Call], Any] = lambda _world, _call: None
    settings: dict[str, Any] = field(default_factory=dict)

    def matches(self, answer: TestResponse) -> bool:
        told, is_whole = answer.json["message"], not self.message.endswith("...")
        return answer.status_code == self.status and (
            told == self.message if is_whole else told.startswith(self.message[:-3])
        )


def body(content: Any) -> Callable[[World, Call], None]:
    def spoil(_world: World, call: Call) -> None:
        call.body = content

    return spoil


def member(name: str, value: Any) -> Callable[[World, Call], None]:
    def spoil(world: World, call: Call) -> None:
        call.body = call.body | {name: value(world) if callable(value) else value}

    return spoil


def path(template: str) -> Callable[[World, Call], None]:
    def spoil(world: World, call: Call) -> None:
        call.path = template.format(world=world, unknown=uuid4())

    return spoil


def wrong_type(name: str) -> Check:
    text = f"Unmarshal type error: expected=string, got=number, field={name}, offset=..."
    return Check(400, text, member(name, 5))


def session_of(user: str) -> Callable[[World, Call], None]:
    def spoil(world: World, call: Call) -> None:
        call.headers = world.session_of(getattr(world, user))

    return spoil


def spent(world: World, call: Call) -> None:
    """The one token of the limit is gone."""
    assert call.send(world.client).status_code < 429


def off(key: str, status: int = 404, message: str = "Not Found") -> Check:
    return Check(status, message, settings={key: False})


NO_SESSION = Check(401, "Unauthorized", lambda _world, call: call.headers.clear())
NOT_JSON = Check(
    415, "Unsupported Media Type", lambda _world, call: setattr(call, "content_type", "text/plain")
)
CUT_SHORT = Check(400, "unexpected EOF", body(b"{"))
NO_OBJECT = Check(400, "Unmarshal type error: expected=object, got=array...", body([]))
FORM = (NOT_JSON, CUT_SHORT, NO_OBJECT)
TOO_MANY = Check(429, "Too Many Requests", spent, LIMITED)
NO_PASSWORDS, NO_PASSKEYS = off("password.enabled"), off("passkey.enabled")
BOTH_PASSWORD = "user_id is a required field and password is a required field"
BAD_USER_ID = "user_id must be a valid uuid"


def missing(message: str) -> Check:
    return Check(400, message, body({}))


def expired(world: World, call: Call) -> None:
    old = make_passcode(user=world.alice, email=world.email, created_at=now() - timedelta(hours=1))
    call.body = call.body | {"id": str(old.id)}


EMAIL_FORM = (
    *FORM,
    wrong_type("email"),
    missing("email is a required field"),
    Check(400, "email must be a valid email address", member("email", "alice")),
)
PASSWORD_FORM = (
    *FORM,
    wrong_type("password"),
    missing(BOTH_PASSWORD),
    # Both are judged together.
    Check(400, f"{BAD_USER_ID} and password is a required field", body({"user_id": "x"})),
    Check(400, BAD_USER_ID, member("user_id", lambda world: str(world.alice).upper())),
)
PASSKEY = {"id": "AA", "rawId": "AA", "type": "public-key"}
CLIENT_DATA = "e30"  # {}


def passkey(**response: str) -> dict[str, Any]:
    return PASSKEY | {"response": {"clientDataJSON": CLIENT_DATA, **response}}


def too_late(_world: World, call: Call) -> None:
    call.body = call.body | {"value": make_token(created_at=now() - timedelta(hours=1)).value}


# For each endpoint a request that is answered with a success, and what can be wrong with it, in order.
ENDPOINTS: dict[str, tuple[Callable[[World], Call], tuple[Check, ...]]] = {
    "POST /users": (
        lambda _world: Call("POST", "/users", {"email": "new@example.test"}),
        (
            off("account.allow_signup", 403, "Forbidden"),
            *EMAIL_FORM,
            Check(400, "email must be a maximum of 120 ...", member("email", "x" * 120 + "@example.test")),
            TOO_MANY,
            Check(409, "Conflict", member("email", lambda world: world.bobs.address)),
        ),
    ),
    "POST /user": (
        lambda world: Call("POST", "/user", {"email": world.email.address}),
        (*EMAIL_FORM, TOO_MANY, Check(404, "Not Found", member("email", "nobody@example.test"))),
    ),
    "PUT /password": (
        lambda world: Call("PUT", "/password", credentials(world), world.headers),
        (
            NO_PASSWORDS,
            NO_SESSION,
            *PASSWORD_FORM,
            Check(400, "password must be at least 8 characters long", member("password", "ä" * 7)),
            Check(400, "password must not be longer than 72 bytes", member("password", "x" * 73)),
            Check(401, "Unauthorized", member("user_id", lambda _world: str(uuid4()))),
            Check(403, "Forbidden", member("user_id", lambda world: str(world.bob))),
        ),
    ),
    "POST /token": (
        lambda _world: Call("POST", "/token", {"value": make_token().value}),
        (
            # As Hanko 2.7.0: before anything is read.
            TOO_MANY,
            *FORM,
            wrong_type("value"),
            missing("value is a required field"),
            Check(404, "token not found", member("value", "unknown")),
            Check(422, "token has expired", too_late),
        ),
    ),
    "POST /password/login": (
        lambda world: Call("POST", "/password/login", credentials(world)),
        (
            NO_PASSWORDS,
            *PASSWORD_FORM,
            TOO_MANY,
            Check(400, "password must not be longer than 72 bytes", member("password", "x" * 73)),
            Check(401, "Unauthorized", member("password", "wrong")),
        ),
    ),
    "POST /passcode/login/initialize": (
        lambda world: Call("POST", "/passcode/login/initialize", {"user_id": str(world.alice)}),
        (
            *FORM,
            wrong_type("email_id"),
            missing("user_id is a required field"),
            Check(400, BAD_USER_ID, member("user_id", lambda world: world.alice.hex)),
            Check(400, "Bad Request", member("user_id", lambda _world: str(uuid4()))),
            TOO_MANY,
            Check(400, "failed to parse emailId as uuid", member("email_id", "x")),
            Check(400, "the specified emailId is not available", member("email_id", lambda _: str(uuid4()))),
            Check(403, "Forbidden", session_of("bob")),
        ),
    ),
    "POST /passcode/login/finalize": (
        lambda world: Call("POST", "/passcode/login/finalize", passcode(world)),
        (
            *FORM,
            wrong_type("code"),
            missing("id is a required field and code is a required field"),
            Check(400, "id must be a valid uuid4", member("id", "2c1d5b6e-8f3a-11ee-b9d1-0242ac120002")),
            Check(401, "passcode not found", member("id", lambda _world: str(uuid4()))),
            Check(408, "passcode request timed out", expired),
            Check(403, "Forbidden", session_of("bob")),
            Check(401, "Unauthorized", member("code", "000000")),
        ),
    ),
    "GET /emails": (lambda world: Call("GET", "/emails", headers=world.headers), (NO_SESSION,)),
    "POST /emails": (
        lambda world: Call("POST", "/emails", {"address": "new@example.test"}, world.headers),
        (
            NO_SESSION,
            *FORM,
            wrong_type("address"),
            Check(409, "Conflict", settings={"email.limit": 2}),
            missing("address is a required field"),
            Check(400, "address must be a valid email address", member("address", "x")),
            Check(
                400, "address must be a maximum of 120 ...", member("address", "x" * 120 + "@example.test")
            ),
            Check(400, "Bad Request", member("address", lambda world: world.bobs.address)),
        ),
    ),
    "DELETE /emails/<id>": (
        lambda world: Call("DELETE", f"/emails/{world.second.id}", headers=world.headers),
        (
            NO_SESSION,
            Check(400, "Bad Request", path("/emails/nonsense")),
            Check(404, "Not Found", path("/emails/{world.bobs.id}")),
            Check(409, "Conflict", path("/emails/{world.email.id}")),
        ),
    ),
    "POST /emails/<id>/set_primary": (
        lambda world: Call("POST", f"/emails/{world.second.id}/set_primary", headers=world.headers),
        (
            NO_SESSION,
            Check(400, "Bad Request", path("/emails/nonsense/set_primary")),
            Check(404, "Not Found", path("/emails/{world.bobs.id}/set_primary")),
        ),
    ),
    "GET /users/<id>": (
        lambda world: Call("GET", f"/users/{world.alice}", headers=world.headers),
        (NO_SESSION, Check(403, "Forbidden", path("/users/nonsense"))),
    ),
    "GET /me": (lambda world: Call("GET", "/me", headers=world.headers), (NO_SESSION,)),
    "POST /logout": (lambda world: Call("POST", "/logout", headers=world.headers), (NO_SESSION,)),
    "DELETE /user": (
        lambda world: Call("DELETE", "/user", headers=world.headers),
        (off("account.allow_deletion"), NO_SESSION),
    ),
    "GET /sessions": (
        lambda world: Call("GET", "/sessions", headers=world.headers),
        (off("session.show_on_profile"), NO_SESSION),
    ),
    "DELETE /sessions": (
        lambda world: Call("DELETE", "/sessions", headers=world.headers),
        (off("session.allow_revocation"), NO_SESSION),
    ),
    "DELETE /sessions/<id>": (
        lambda world: Call("DELETE", f"/sessions/{make_session(user=world.alice).id}", headers=world.headers),
        (
            off("session.allow_revocation"),
            NO_SESSION,
            Check(400, "Bad Request", path("/sessions/nonsense")),
            Check(404, "Not Found", path("/sessions/{unknown}")),
        ),
    ),
    "POST /sessions/validate": (
        lambda _world: Call("POST", "/sessions/validate", {"session_token": "nonsense"}),
        (
            *FORM,
            wrong_type("session_token"),
            missing("code=400, message=session_token is a required field"),
        ),
    ),
    "POST /webauthn/registration/initialize": (
        lambda world: Call("POST", "/webauthn/registration/initialize", {}, world.headers),
        (
            NO_PASSKEYS,
            NO_SESSION,
            *FORM,
            Check(409, "the user has as many passkeys as are allowed", settings={"passkey.limit": 1}),
        ),
    ),
    "POST /webauthn/registration/finalize": (
        lambda world: Call(
            "POST", "/webauthn/registration/finalize", passkey(attestationObject="AA"), world.headers
        ),
        (NO_PASSKEYS, NO_SESSION, *FORM, wrong_type("id"), Check(400, "...", body({}))),
    ),
    "POST /webauthn/login/initialize": (
        lambda world: Call("POST", "/webauthn/login/initialize", {"user_id": str(world.alice)}),
        (
            NO_PASSKEYS,
            *FORM,
            wrong_type("user_id"),
            Check(400, "user not found", member("user_id", lambda _world: str(uuid4()))),
        ),
    ),
    "POST /webauthn/login/finalize": (
        lambda _world: Call(
            "POST", "/webauthn/login/finalize", passkey(authenticatorData="AA", signature="AA")
        ),
        (NO_PASSKEYS, *FORM, wrong_type("type"), Check(400, "...", body({}))),
    ),
    "GET /webauthn/credentials": (
        lambda world: Call("GET", "/webauthn/credentials", headers=world.headers),
        (NO_PASSKEYS, NO_SESSION),
    ),
    "PATCH /webauthn/credentials/<credential>": (
        lambda world: Call(
            "PATCH", f"/webauthn/credentials/{world.credential.id}", {"name": "Key"}, world.headers
        ),
        (
            NO_PASSKEYS,
            NO_SESSION,
            *FORM,
            wrong_type("name"),
            Check(404, "Not Found", path("/webauthn/credentials/nonsense")),
        ),
    ),
    "DELETE /webauthn/credentials/<credential>": (
        lambda world: Call("DELETE", f"/webauthn/credentials/{world.credential.id}", headers=world.headers),
        (NO_PASSKEYS, NO_SESSION, Check(404, "Not Found", path("/webauthn/credentials/nonsense"))),
    ),
}
# Served to anybody, and without a body.
OPEN = ("/", "/.well-known/", "/health/", "/sessions/validate", "/openapi.json", "/docs")
# Browsers are told by a redirect what is wrong; in which order, their own tests show.
REDIRECTING = ("/thirdparty/", "/saml/")
# Nothing but an authenticator makes a body that these take; test_webauthn_registration.py and others do.
NEED_A_DEVICE = ("POST /webauthn/registration/finalize", "POST /webauthn/login/finalize")


def credentials(world: World) -> dict[str, str]:
    return {"user_id": str(world.alice), "password": GOOD}


def passcode(world: World) -> dict[str, str]:
    return {"id": str(make_passcode(user=world.alice, email=world.email).id), "code": "123456"}


CASES = [(name, number) for name, (_, checks) in ENDPOINTS.items() for number in range(len(checks))]


@pytest.mark.parametrize(("name", "number"), CASES, ids=lambda value: str(value))
def test_the_first_reason_counts(make_app, name, number):
    make_call, checks = ENDPOINTS[name]
    wrong = checks[number:]
    settings = {"account.allow_deletion": True} | {
        key: value for check in reversed(wrong) for key, value in check.settings.items()
    }
    world = World(make_app(settings))
    call = make_call(world)
    for check in reversed(wrong):
        check.spoil(world, call)
    answer = call.send(world.client)
    assert wrong[0].matches(answer), (wrong[0], answer.status_code, answer.json)


@pytest.mark.parametrize("name", sorted(ENDPOINTS.keys() - set(NEED_A_DEVICE)))
def test_without_a_reason_nothing_is_refused(make_app, name):
    world = World(make_app({"account.allow_deletion": True}))
    assert ENDPOINTS[name][0](world).send(world.client).status_code in (200, 201, 204)


def test_every_endpoint_is_in_the_table(app):
    served = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("public.") and not rule.rule.startswith(REDIRECTING)
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if not (method == "GET" and any(rule.rule == each or rule.rule.startswith(each) for each in OPEN[1:]))
    }
    assert served - {"GET /"} == ENDPOINTS.keys()
