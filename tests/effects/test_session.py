"""``session.*`` but for its cookie; idle sessions are shown by the tests of `elsewhere`."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from hanko_compat.storage.models import Session
from tests.authenticator import Authenticator
from tests.effects.caller import (
    HASH,
    ORIGIN,
    Caller,
    Person,
    claims_of,
    refusal,
    seen,
    token_of,
)
from tests.effects.conftest import Serve
from tests.effects.rows import shows
from tests.factories import make_password, make_token

IN_HEADER = {"session.enable_auth_token_header": True}


def log_in(caller: Caller, person: Person, times: int) -> list[str]:
    """The tokens of so many log-ins, a second apart; the user has no other session."""
    with caller.services.database.connection():
        Session.delete().where(Session.user == person.user_id).execute()
    tokens = []
    for _ in range(times):
        caller.clock.advance(seconds=1)
        tokens.append(token_of(caller.log_in_by_passcode(person)))
    return tokens


def log_in_each_way(caller: Caller, person: Person) -> list[TestResponse]:
    """The answers to a log-in by passcode, by password, by passkey and by a one-time token."""
    device = Authenticator()
    caller.register(person, device)
    make_password(user=person.user_id, password=HASH)
    return [
        caller.log_in_by_passcode(person),
        caller.log_in_by_password(person),
        caller.log_in_by_passkey(device, person),
        caller.post("/token", {"value": make_token().value}),
    ]


def are_valid(caller: Caller, tokens: list[str]) -> list[bool]:
    """What ``GET /sessions/validate`` says of each."""
    return [
        caller.client.get("/sessions/validate", headers={"Authorization": f"Bearer {token}"}).json["is_valid"]
        for token in tokens
    ]


# How many, how long


@shows("session.limit", "2, seven log-ins")
@shows("session.server_side.enabled + .limit", "true + 2")
@pytest.mark.parametrize(
    ("changes", "remain"),
    [
        ({}, 5),
        ({"session.limit": 2}, 2),
        ({"session.server_side": {"enabled": True, "limit": 2}}, 2),
        ({"session.server_side": {"enabled": True, "limit": 2}, "session.limit": 4}, 2),
    ],
    ids=str,
)
def test_the_oldest_sessions_end(serve: Serve, alice: Person, changes: dict[str, Any], remain: int) -> None:
    caller = serve(changes)
    tokens = log_in(caller, alice, 7)
    assert are_valid(caller, tokens) == [False] * (7 - remain) + [True] * remain
    assert caller.count_sessions(alice) == remain


def test_sessions_in_the_database_note_who_used_them(serve: Serve, alice: Person) -> None:
    off = {"session.acquire_ip_address": False, "session.acquire_user_agent": False}
    caller = serve({**off, "session.server_side": {"enabled": True, "limit": 2}})
    log_in(caller, alice, 1)
    with caller.services.database.connection():
        row = Session.get(Session.user == alice.user_id)
    assert row.ip_address is not None
    assert row.user_agent is not None


@shows("session.limit", "1, three log-ins")
def test_one_session_at_a_time(serve: Serve, alice: Person) -> None:
    caller = serve({"session.limit": 1})
    statuses = [
        caller.client.get("/me", headers={"Authorization": f"Bearer {token}"}).status_code
        for token in log_in(caller, alice, 3)
    ]
    assert statuses == [401, 401, 200]


@shows("session.limit", "1, the earlier session has expired")
def test_sessions_that_have_expired_do_not_count(serve: Serve, alice: Person) -> None:
    caller = serve({"session.limit": 1, "session.lifespan": "1h"})
    log_in(caller, alice, 1)
    caller.clock.advance(hours=2)
    assert caller.log_in_by_passcode(alice).status_code == 200
    assert caller.count_sessions(alice) == 2


@shows("session.lifespan", "1h")
def test_how_long_a_session_lives(serve: Serve, alice: Person) -> None:
    caller = serve({"session.lifespan": "1h"})
    for answer in log_in_each_way(caller, alice):
        assert answer.headers["X-Session-Lifetime"] == "3600"
        assert "Max-Age=3600" in answer.headers["Set-Cookie"]
        claims = claims_of(token_of(answer))
        assert claims["exp"] - claims["iat"] == 3600
        with caller.services.database.connection():
            row = Session.get_by_id(claims["session_id"])
        assert (row.expires_at - row.created_at).total_seconds() == 3600


@shows("session.lifespan", "1s, after two seconds")
def test_a_session_that_has_expired_is_none(serve: Serve, alice: Person) -> None:
    caller = serve({"session.lifespan": "1s"})
    (token,) = log_in(caller, alice, 1)
    caller.clock.advance(seconds=2)
    headers = {"Authorization": f"Bearer {token}"}
    assert seen(caller.client.get("/me", headers=headers)) == refusal(401, "Unauthorized")
    assert seen(caller.client.get("/sessions/validate", headers=headers)) == (200, {"is_valid": False})
    assert seen(caller.post("/sessions/validate", {"session_token": token})) == (200, {"is_valid": False})
    assert caller.count_sessions(alice) == 1


@shows("session.lifespan", "1500ms", "POST /token")
def test_seconds_are_whole(serve: Serve) -> None:
    answer = serve({"session.lifespan": "1500ms"}).post("/token", {"value": make_token().value})
    assert answer.headers["X-Session-Lifetime"] == "1"
    assert "Max-Age=1;" in answer.headers["Set-Cookie"]


# The token in a header


@shows(
    "session.enable_auth_token_header",
    "true",
    "passcode, password, passkey log-in, POST /token (and POST /users without verification)",
)
def test_the_token_may_come_in_a_header(serve: Serve, alice: Person) -> None:
    caller = serve({**IN_HEADER, "email.require_verification": False})
    answers = [*log_in_each_way(caller, alice), caller.sign_up("bob@example.test")]
    for answer in answers:
        assert claims_of(answer.headers["X-Auth-Token"])["sub"]
        assert answer.headers["X-Session-Lifetime"] == "43200"
        assert not [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("hanko=")]
    assert answers[-1].headers["Set-Cookie"].startswith("hanko_email_id=")


@shows("session.enable_auth_token_header", "true", "any request with an allowed Origin")
@pytest.mark.parametrize("path", ["/health/alive", "/me", "/unknown"])
def test_other_sites_may_read_that_header(serve: Serve, base: Caller, path: str) -> None:
    exposed = [
        caller.client.get(path, headers={"Origin": ORIGIN}).headers["Access-Control-Expose-Headers"]
        for caller in (base, serve(IN_HEADER))
    ]
    assert exposed[1] == f"{exposed[0]},X-Auth-Token"


@shows("session.enable_auth_token_header", "true", "GET /me with the session cookie; POST /logout")
def test_the_cookie_is_taken_all_the_same(serve: Serve, alice: Person) -> None:
    caller = serve(IN_HEADER)
    headers = {"Cookie": f"hanko={alice.token}"}
    assert caller.client.get("/me", headers=headers).status_code == 200
    response = caller.client.post("/logout", headers=headers)
    assert response.status_code == 204
    assert response.headers["Set-Cookie"].startswith("hanko=; Path=/; Max-Age=0")


# What is stored and what is said


@shows("session.acquire_ip_address", "false")
@shows("session.acquire_user_agent", "false")
@pytest.mark.parametrize("column", ["ip_address", "user_agent"])
def test_what_is_stored_of_a_client(serve: Serve, base: Caller, alice: Person, column: str) -> None:
    without = serve({f"session.acquire_{column}": False})
    for caller, is_stored in ((base, True), (without, False)):
        session_id = claims_of(token_of(caller.log_in_by_passcode(alice)))["session_id"]
        with caller.services.database.connection():
            assert (getattr(Session.get_by_id(session_id), column) is not None) is is_stored


@shows("session.audience", "[a, b]")
@shows("session.issuer", "a URL")
@pytest.mark.parametrize(
    ("changes", "audience", "issuer"),
    [
        ({}, ["localhost"], None),
        ({"session.audience": ["a", "b"]}, ["a", "b"], None),
        ({"session.issuer": "https://auth.example.test"}, ["localhost"], "https://auth.example.test"),
    ],
)
def test_audience_and_issuer(
    serve: Serve, alice: Person, changes: dict[str, Any], audience: list[str], issuer: str | None
) -> None:
    caller = serve(changes)
    token = token_of(caller.log_in_by_passcode(alice))
    claims = claims_of(token)
    assert (claims["aud"], claims.get("iss")) == (audience, issuer)
    assert ("iss" in claims) is (issuer is not None)
    validated = caller.post("/sessions/validate", {"session_token": token}).json["claims"]
    assert (validated["audience"], validated.get("issuer")) == (audience, issuer)


# No end before its time


@shows("session.idle_timeout", "x")
def test_what_is_no_timeout_is_none(serve: Serve, alice: Person) -> None:
    caller = serve({"session.idle_timeout": "x"})
    answer = caller.get("/sessions/validate", by=alice).json
    assert answer["is_valid"] is True
    assert "idle_expires_at" not in answer
