"""``passkey.*`` and ``webauthn.*``."""

from typing import Any

import pytest

from tests.authenticator import Authenticator
from tests.effects.caller import NOT_FOUND, Caller, Person, claims_of, refusal, seen, token_of
from tests.effects.conftest import Serve
from tests.effects.rows import differs, shows
from tests.factories import make_credential
from tests.passkeys import ASSERTION, ATTESTATION, make_passkey

OFF = {"passkey.enabled": False}
PATHS = [
    *(
        f"/webauthn/{kind}/{step}"
        for kind in ("registration", "login")
        for step in ("initialize", "finalize")
    ),
    "/webauthn/credentials",
    "/webauthn/credentials/some-id",
]


def public_key(caller: Caller, person: Person | None, *, is_new: bool) -> dict[str, Any]:
    """The options of a registration, or of a log-in."""
    response = caller.creation_options(person) if person and is_new else caller.request_options(person)
    return response.json["publicKey"]


def options_of(caller: Caller, person: Person) -> list[dict[str, Any]]:
    """All three kinds of options: to register, to log a user in, to log anybody in."""
    return [
        public_key(caller, person, is_new=True),
        public_key(caller, person, is_new=False),
        public_key(caller, None, is_new=False),
    ]


def verification(options: dict[str, Any]) -> str:
    """What options say of user verification."""
    return options.get("userVerification") or options["authenticatorSelection"]["userVerification"]


# Passkeys switched off


@shows(
    "passkey.enabled",
    "false",
    "POST /webauthn/registration/*, /webauthn/login/*; GET, PATCH, DELETE /webauthn/credentials",
)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_paths_of_passkeys_that_are_off_do_not_exist(
    serve: Serve, alice: Person, path: str, method: str
) -> None:
    caller = serve(OFF)
    for by in (alice, None):
        assert seen(caller.call(method, path, {}, by=by)) == NOT_FOUND
    assert seen(caller.client.open(path, method=method, data="{")) == NOT_FOUND


@shows("passkey.enabled", "false", "GET /me, GET /users/{id}; user has a passkey")
def test_profiles_hide_passkeys_that_are_off(serve: Serve, base: Caller, alice: Person) -> None:
    make_credential(user=alice.user_id)
    caller, path = serve(OFF), f"/users/{alice.user_id}"
    assert "passkeys" in base.get("/me", by=alice).json
    assert "passkeys" not in caller.get("/me", by=alice).json
    assert "passkeys" not in caller.get(path, by=alice).json
    assert len(caller.get(path, by=alice).json["webauthn_credentials"]) == 1
    found = caller.post("/user", {"email": alice.address})
    assert found.json["has_webauthn_credential"] is True


# What authenticators are asked for


@shows("passkey.attestation_preference", "direct (default); indirect; none")
@pytest.mark.parametrize("value", ["direct", "indirect", "none", "x"])
def test_the_attestation_that_is_asked_for(serve: Serve, alice: Person, value: str) -> None:
    caller = serve({"passkey.attestation_preference": value})
    assert public_key(caller, alice, is_new=True)["attestation"] == value
    assert caller.register(alice, Authenticator()).status_code == 200


@shows("passkey.user_verification", "required", "POST /webauthn/registration/initialize; /login/initialize")
@shows("passkey.user_verification", "x")
@pytest.mark.parametrize("value", ["required", "preferred", "discouraged", "x"])
def test_the_user_verification_that_is_asked_for(serve: Serve, alice: Person, value: str) -> None:
    caller = serve({"passkey.user_verification": value})
    assert [verification(options) for options in options_of(caller, alice)] == [value] * 3


@shows("passkey.user_verification", "discouraged")
@pytest.mark.parametrize("timeouts", [{}, {"login": 60000, "registration": 60000}])
def test_without_user_verification_the_time_is_fixed(
    serve: Serve, alice: Person, timeouts: dict[str, int]
) -> None:
    caller = serve({"passkey.user_verification": "discouraged", "webauthn.timeouts": timeouts})
    assert [options["timeout"] for options in options_of(caller, alice)] == [120000] * 3


@shows(
    "passkey.user_verification",
    "required",
    "POST /webauthn/registration/finalize, UV not set",
)
@shows("passkey.user_verification", "required", "POST /webauthn/login/finalize, UV not set")
def test_user_verification_can_be_required(serve: Serve, alice: Person) -> None:
    caller = serve({"passkey.user_verification": "required"})
    refused = caller.register(alice, Authenticator(), verified=False)
    assert refused.status_code == 422
    device, _ = make_passkey(user=alice.user_id)
    assert seen(caller.log_in_by_passkey(device, alice, verified=False)) == refusal(401, ASSERTION)
    assert caller.log_in_by_passkey(device, alice).status_code == 200


@shows("passkey.user_verification", "preferred (default); discouraged")
@pytest.mark.parametrize("value", ["preferred", "discouraged"])
def test_otherwise_it_is_not_needed(serve: Serve, alice: Person, value: str) -> None:
    caller, device = serve({"passkey.user_verification": value}), Authenticator()
    assert caller.register(alice, device, verified=False).status_code == 200
    assert caller.log_in_by_passkey(device, alice, verified=False).status_code == 200


@differs("passkey.limit", "0; 1", page="`passkey.limit` holds here, too")
@pytest.mark.parametrize("limit", [0, 1])
def test_nobody_registers_more_passkeys_than_the_limit(serve: Serve, alice: Person, limit: int) -> None:
    caller = serve({"passkey.limit": limit})
    for number in range(limit):
        make_credential(user=alice.user_id, id=f"passkey-{number}")
    assert caller.creation_options(alice).status_code == 409


# The relying party


@shows(
    "webauthn.relying_party.id", "example.test", "POST /webauthn/registration/initialize; /login/initialize"
)
@shows("webauthn.relying_party.id", "example.test, session.audience unset")
@shows("webauthn.relying_party.display_name", "Shop")
def test_the_relying_party(serve: Serve, alice: Person) -> None:
    party = {"id": "example.test", "display_name": "Shop", "origins": ["https://example.test"]}
    caller = serve({"webauthn.relying_party": party, "service.name": "Another"})
    creation, *requests = options_of(caller, alice)
    assert creation["rp"] == {"id": "example.test", "name": "Shop"}
    assert [options["rpId"] for options in requests] == ["example.test"] * 2
    token = token_of(caller.log_in_by_passcode(alice))
    assert claims_of(token)["aud"] == ["example.test"]
    posted = caller.post("/sessions/validate", {"session_token": token}).json
    got = caller.client.get("/sessions/validate", headers={"Authorization": f"Bearer {token}"}).json
    assert posted["claims"]["audience"] == got["claims"]["audience"] == ["example.test"]


@shows("webauthn.relying_party.origins", "other than the client's", "POST /webauthn/registration/finalize")
@shows("webauthn.relying_party.origins", "other than the client's", "POST /webauthn/login/finalize")
def test_passkeys_work_at_the_origins_only(serve: Serve, alice: Person) -> None:
    caller = serve({"webauthn.relying_party.origins": ["http://localhost:9999"]})
    device, _ = make_passkey(user=alice.user_id)
    assert seen(caller.register(alice, Authenticator())) == refusal(400, ATTESTATION)
    assert seen(caller.log_in_by_passkey(device, alice)) == refusal(401, ASSERTION)


# Time


@shows("webauthn.timeouts.registration", "120000")
@shows("webauthn.timeouts.login", "60000")
def test_the_time_for_each_ceremony(serve: Serve, alice: Person) -> None:
    caller = serve({"webauthn.timeouts": {"registration": 120000, "login": 60000}})
    assert [options["timeout"] for options in options_of(caller, alice)] == [120000, 60000, 60000]


def test_without_a_time_there_are_five_minutes(serve: Serve, alice: Person) -> None:
    caller = serve({"webauthn.timeouts": {"registration": 0, "login": 0}})
    assert [options["timeout"] for options in options_of(caller, alice)] == [300000] * 3


@shows("webauthn.timeouts.*", "300, finalize after 600 ms")
@pytest.mark.parametrize("wait", [2, 6])
def test_an_answer_may_come_too_late(serve: Serve, alice: Person, wait: int) -> None:
    # Ten times as long as recorded, as MySQL's columns have whole seconds.
    caller = serve({"webauthn.timeouts": {"registration": 3000, "login": 3000}})
    device, _ = make_passkey(user=alice.user_id)
    creation, request = caller.creation_options(alice).json, caller.request_options(alice).json
    caller.clock.advance(seconds=wait)
    registered = caller.post("/webauthn/registration/finalize", Authenticator().create(creation), by=alice)
    logged_in = caller.post("/webauthn/login/finalize", device.get(request))
    if wait < 3:
        assert (registered.status_code, logged_in.status_code) == (200, 200)
    else:
        assert seen(registered) == refusal(400, ATTESTATION)
        assert seen(logged_in) == refusal(401, ASSERTION)
