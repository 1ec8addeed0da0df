"""``email.*``: addresses and passcodes."""

import re
from typing import Any

import pytest

from tests.effects.caller import CONFLICT, NOT_FOUND, Caller, Person, claims_of, refusal, seen, token_of
from tests.effects.conftest import Serve
from tests.effects.rows import differs, shows
from tests.factories import make_email, make_passcode

UNVERIFIED = {"email.require_verification": False}
BOB = "bob@example.test"
NO_PASSCODES = [{"email.enabled": False}, {"email.use_for_authentication": False}]
PASSCODE_PATHS = ("/passcode/login/initialize", "/passcode/login/finalize")


# Passcodes switched off


@shows("email.enabled", "false", "POST /passcode/login/initialize and /finalize")
@shows("email.use_for_authentication", "false")
@pytest.mark.parametrize("changes", NO_PASSCODES, ids=str)
def test_nobody_is_mailed_a_passcode_where_they_are_off(
    serve: Serve, alice: Person, changes: dict[str, bool]
) -> None:
    caller, passcode = serve(changes), make_passcode()
    answers = [
        caller.ask_for_passcode(alice),
        caller.post("/passcode/login/initialize", {"user_id": str(alice.user_id)}, by=alice),
        caller.post("/passcode/login/finalize", {"id": str(passcode.id), "code": "123456"}),
    ]
    assert [seen(answer) for answer in answers] == [NOT_FOUND] * 3
    assert caller.inbox.messages() == []
    assert caller.count_sessions(alice) == 1


@pytest.mark.parametrize("changes", NO_PASSCODES, ids=str)
@pytest.mark.parametrize("path", PASSCODE_PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "request_of", [{}, {"data": "{"}, {"data": "x", "content_type": "text/plain"}, {"json": {}}], ids=str
)
def test_paths_of_passcodes_that_are_off_are_like_any_unknown_one(
    serve: Serve, changes: dict[str, bool], path: str, method: str, request_of: dict[str, Any]
) -> None:
    client = serve(changes).client
    answer, unknown = (client.open(each, method=method, **request_of) for each in (path, "/unknown"))
    assert answer.status_code == 404
    assert answer.data == unknown.data
    assert [name for name, _ in answer.headers] == [name for name, _ in unknown.headers]


@shows(
    "email.enabled",
    "false",
    "POST /users, POST /user, GET /emails, POST /emails, set_primary, DELETE /emails/{id}, GET /me",
)
@pytest.mark.parametrize("changes", NO_PASSCODES, ids=str)
def test_addresses_stay_where_passcodes_are_off(
    serve: Serve, alice: Person, changes: dict[str, bool]
) -> None:
    caller = serve(changes)
    assert caller.sign_up(BOB).status_code == 200
    assert caller.post("/user", {"email": alice.address}).status_code == 200
    assert caller.post("/emails", {"address": "new@example.test"}, by=alice).status_code == 200
    second = make_email(user=alice.user_id)
    assert caller.post(f"/emails/{second.id}/set_primary", by=alice).status_code == 204
    assert caller.call("DELETE", f"/emails/{alice.email_id}", by=alice).status_code == 204
    assert [each["id"] for each in caller.get("/emails", by=alice).json] == [str(second.id)]
    assert caller.get("/me", by=alice).json["emails"][0]["is_primary"] is True
    assert caller.config()["emails"] == {"max_num_of_addresses": 5, "require_verification": True}


# Verification


@shows("email.require_verification", "true (default)", "POST /users new")
@shows("email.require_verification", "true", "POST /users the same unverified address again")
@shows("email.require_verification", "true", "POST /user, unverified address")
def test_an_address_belongs_to_nobody_before_its_verification(base: Caller) -> None:
    first, second = base.sign_up(BOB), base.sign_up(BOB)
    for response in (first, second):
        assert response.status_code == 200
        assert response.json.keys() == {"id", "user_id", "email_id"}
        (cookie,) = response.headers.getlist("Set-Cookie")
        assert cookie.startswith("hanko_email_id=")
        assert "X-Session-Lifetime" not in response.headers
    assert first.json["user_id"] != second.json["user_id"]
    assert seen(base.post("/user", {"email": BOB})) == NOT_FOUND


@shows("email.require_verification", "true", "POST /emails")
def test_an_added_address_is_listed_after_its_verification(base: Caller, alice: Person) -> None:
    added = base.post("/emails", {"address": BOB}, by=alice)
    assert (added.status_code, added.json["verified"], "user_id" in added.json) == (200, False, False)
    assert [each["address"] for each in base.get("/emails", by=alice).json] == [alice.address]


@shows("email.require_verification", "false", "POST /users new")
@shows("email.require_verification", "false", "POST /user, unverified address")
@shows("email.require_verification", "false", "POST /users the same address again")
def test_without_verification_a_sign_up_brings_a_session(serve: Serve) -> None:
    caller = serve(UNVERIFIED)
    response = caller.sign_up(BOB)
    assert (response.status_code, response.headers["X-Session-Lifetime"]) == (200, "43200")
    names = [cookie.split("=")[0] for cookie in response.headers.getlist("Set-Cookie")]
    assert names == ["hanko", "hanko_email_id"]
    found = caller.post("/user", {"email": BOB})
    assert (found.json["id"], found.json["verified"]) == (response.json["user_id"], False)
    assert seen(caller.sign_up(BOB)) == CONFLICT


def test_without_verification_the_session_may_come_in_a_header(serve: Serve) -> None:
    response = serve({**UNVERIFIED, "session.enable_auth_token_header": True}).sign_up(BOB)
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("hanko_email_id=")
    assert response.headers["X-Auth-Token"]


@differs(
    "email.require_verification",
    "false",
    "GET /me with the token of POST /users",
    page="The session made at sign-up works.",
)
def test_that_session_works(serve: Serve) -> None:
    caller = serve(UNVERIFIED)
    headers = {"Authorization": f"Bearer {token_of(caller.sign_up(BOB))}"}
    assert caller.client.get("/me", headers=headers).status_code == 200
    assert caller.client.get("/sessions/validate", headers=headers).json["is_valid"] is True


@shows("email.require_verification", "false", "POST /passcode/login/finalize, first log-in")
def test_a_first_token_does_not_tell_of_the_verification_yet(serve: Serve) -> None:
    caller = serve(UNVERIFIED)
    user = caller.sign_up(BOB).json
    claims = []
    for _ in range(2):
        begun = caller.post("/passcode/login/initialize", {"user_id": user["id"]}).json
        body = {"id": begun["id"], "code": caller.inbox.passcode(BOB)}
        token = token_of(caller.post("/passcode/login/finalize", body))
        claims.append(claims_of(token)["email"]["is_verified"])
        me = caller.client.get("/me", headers={"Authorization": f"Bearer {token}"}).json
        assert me["emails"][0]["is_verified"] is True
    assert claims == [False, True]


@shows("email.require_verification", "false", "POST /emails")
@shows("email.require_verification", "false", "GET /.well-known/config")
def test_without_verification_an_added_address_is_listed_at_once(serve: Serve, alice: Person) -> None:
    caller = serve(UNVERIFIED)
    added = caller.post("/emails", {"address": BOB}, by=alice)
    assert (added.json["user_id"], added.json["verified"]) == (str(alice.user_id), False)
    lists = [
        caller.get("/emails", by=alice).json,
        caller.get("/me", by=alice).json["emails"],
        caller.get(f"/users/{alice.user_id}", by=alice).json["emails"],
    ]
    for emails in lists:
        assert [(each["address"], each["is_verified"]) for each in emails] == [
            (alice.address, True),
            (BOB, False),
        ]
    assert caller.config()["emails"]["require_verification"] is False


# Limits


@shows("email.limit", "N")
@pytest.mark.parametrize("limit", [0, 1, 7])
def test_frontends_learn_the_limit(serve: Serve, limit: int) -> None:
    assert serve({"email.limit": limit}).config()["emails"]["max_num_of_addresses"] == limit


@shows("email.limit", "1 or 2, the user has that many or more")
@pytest.mark.parametrize("limit", [1, 2])
def test_nobody_gets_more_addresses_than_the_limit(serve: Serve, alice: Person, limit: int) -> None:
    caller = serve({"email.limit": limit})
    second = make_email(user=alice.user_id)
    for body in ({"address": BOB}, {}, {"address": alice.address}):
        assert seen(caller.post("/emails", body, by=alice)) == CONFLICT
    malformed = {"data": "{", "content_type": "application/json", "headers": alice.headers}
    assert caller.client.post("/emails", **malformed).status_code == 400
    assert len(caller.get("/emails", by=alice).json) == 2
    assert caller.post(f"/emails/{second.id}/set_primary", by=alice).status_code == 204


@shows("email.limit", "2, verification on, the user has 1")
@shows("email.limit", "2, verification off, the user has 1")
@pytest.mark.parametrize(("verification", "statuses"), [(True, [200] * 3), (False, [200, 409, 409])])
def test_only_addresses_that_have_a_user_are_counted(
    serve: Serve, alice: Person, verification: bool, statuses: list[int]
) -> None:
    caller = serve({"email.limit": 2, "email.require_verification": verification})
    answers = [caller.post("/emails", {"address": f"{n}@example.test"}, by=alice) for n in range(3)]
    assert [answer.status_code for answer in answers] == statuses


@shows("email.limit", "0")
def test_a_limit_of_zero_does_not_limit_sign_up(serve: Serve, alice: Person) -> None:
    caller = serve({"email.limit": 0})
    assert caller.sign_up(BOB).status_code == 200
    assert seen(caller.post("/emails", {"address": "x@example.test"}, by=alice)) == CONFLICT


@differs(
    "email.max_length",
    "10; 120 (default)",
    page="`email.max_length` holds here, too",
)
def test_no_address_is_longer_than_the_limit(serve: Serve, alice: Person) -> None:
    caller = serve({"email.max_length": 20})
    refused = caller.sign_up(f"{'x' * 20}@example.test")
    assert seen(refused) == refusal(400, "email must be a maximum of 20 characters in length")
    refused = caller.post("/emails", {"address": f"{'x' * 20}@example.test"}, by=alice)
    assert seen(refused) == refusal(400, "address must be a maximum of 20 characters in length")
    assert caller.log_in_by_passcode(alice).status_code == 200


# Passcodes


@differs("email.passcode_ttl", "60", page="A mail has a `Message-ID`")
@differs("email.passcode_ttl", "90; 1", page="A mail has a `Message-ID`")
@pytest.mark.parametrize(
    ("ttl", "minutes"), [(60, "one minute"), (90, "2 minutes"), (1, "less than a minute")]
)
def test_the_mail_says_how_long_a_passcode_is_good(
    serve: Serve, alice: Person, ttl: int, minutes: str
) -> None:
    caller = serve({"email.passcode_ttl": ttl})
    assert caller.ask_for_passcode(alice).json["ttl"] == ttl
    (mail,) = caller.inbox.messages(alice.address)
    for part in mail.iter_parts():
        assert minutes in part.get_content()
    if ttl > 1:
        assert caller.log_in_by_passcode(alice).json["ttl"] == ttl


@shows("email.passcode_ttl", "1, more than a second later")
@shows("email.passcode_ttl", "0")
def test_a_passcode_that_is_too_old_is_not_even_compared(serve: Serve, base: Caller) -> None:
    too_old = refusal(408, "passcode request timed out")
    for ttl, code in ((1, "123456"), (1, "000000"), (0, "123456")):
        caller, passcode = serve({"email.passcode_ttl": ttl}), make_passcode(ttl=ttl, created_at=base.clock())
        caller.clock.advance(seconds=2 if ttl else 0)
        body = {"id": str(passcode.id), "code": code}
        assert seen(caller.post("/passcode/login/finalize", body)) == too_old
        with caller.services.database.connection():
            assert type(passcode).get_by_id(passcode.id).try_count == 0
    kept = make_passcode(ttl=300, created_at=base.clock())
    caller = serve({"email.passcode_ttl": 1})
    caller.clock.advance(seconds=2)
    body = {"id": str(kept.id), "code": "123456"}
    assert caller.post("/passcode/login/finalize", body).status_code == 200


@shows("email.passcode_charset", "alphanumeric")
def test_passcodes_are_digits(serve: Serve, alice: Person) -> None:
    caller = serve({"email.passcode_charset": "alphanumeric"})
    assert caller.log_in_by_passcode(alice).status_code == 200
    (mail,) = caller.inbox.messages(alice.address)
    assert re.match(r"\d{6}\b", mail["Subject"])
