"""``convert_legacy_config``: old keys replace new ones, whether they are given or not."""

from collections.abc import Callable
from typing import Any

import pytest

from hanko_compat.config import Config
from tests.authenticator import Authenticator
from tests.effects.caller import CONFLICT, Caller, Person, refusal, seen
from tests.effects.conftest import Serve
from tests.effects.rows import shows
from tests.factories import make_email

ON = {"convert_legacy_config": True}
BOB = "bob@example.test"


def times(caller: Caller, person: Person) -> list[int]:
    """The time for a registration and for a log-in."""
    answers = (caller.creation_options(person), caller.request_options())
    return [answer.json["publicKey"]["timeout"] for answer in answers]


def verification(caller: Caller) -> str:
    """What is asked of authenticators."""
    return caller.request_options().json["publicKey"]["userVerification"]


@shows("convert_legacy_config", "true")
def test_an_old_key_that_is_not_given_brings_its_default(
    make_config: Callable[..., Config], serve: Serve, alice: Person
) -> None:
    others = {
        "password.min_length": 12,
        "email": {"limit": 2, "require_verification": False, "passcode_ttl": 60},
        "passkey.user_verification": "required",
        "webauthn.timeouts": {"login": 60000, "registration": 60000},
        "email_delivery.smtp": {"host": "mail.example.test", "port": "26"},
    }
    caller = serve({**ON, **others})
    told = caller.config()
    assert told["password"]["min_password_length"] == 0
    assert told["emails"] == {"max_num_of_addresses": 5, "require_verification": True}
    assert caller.ask_for_passcode(alice).json["ttl"] == 300
    assert (verification(caller), times(caller, alice)) == ("preferred", [600000, 600000])
    smtp = make_config({**ON, **others}).email_delivery.smtp
    assert (smtp.host, smtp.port) == ("localhost", "465")


@shows("convert_legacy_config", "true, password.min_length=12")
def test_a_password_may_then_have_any_length(serve: Serve, alice: Person) -> None:
    caller = serve({**ON, "password.min_length": 12})
    assert caller.config()["password"]["min_password_length"] == 0
    assert caller.set_password(alice, "a").status_code == 201


@shows("password.min_password_length", "12, convert_legacy_config=true")
def test_the_old_least_length_of_passwords(serve: Serve, alice: Person) -> None:
    caller = serve({**ON, "password.min_password_length": 12})
    assert caller.config()["password"]["min_password_length"] == 12
    expected = refusal(400, "password must be at least 12 characters long")
    assert seen(caller.set_password(alice, "a" * 11)) == expected


@shows("emails.max_num_of_addresses", "2, convert_legacy_config=true")
def test_the_old_limit_of_addresses(serve: Serve, alice: Person) -> None:
    caller = serve({**ON, "emails.max_num_of_addresses": 2})
    make_email(user=alice.user_id)
    assert caller.config()["emails"]["max_num_of_addresses"] == 2
    assert seen(caller.post("/emails", {"address": BOB}, by=alice)) == CONFLICT


@shows("emails.require_verification", "false, convert_legacy_config=true")
def test_the_old_switch_of_verification(serve: Serve) -> None:
    caller = serve({**ON, "emails.require_verification": False})
    assert "X-Session-Lifetime" in caller.sign_up(BOB).headers
    assert caller.config()["emails"]["require_verification"] is False


@shows("passcode.ttl", "60, convert_legacy_config=true")
def test_the_old_time_of_passcodes(serve: Serve, alice: Person) -> None:
    caller = serve({**ON, "passcode.ttl": 60})
    assert caller.ask_for_passcode(alice).json["ttl"] == 60
    (mail,) = caller.inbox.messages(alice.address)
    assert all("one minute" in part.get_content() for part in mail.iter_parts())


@shows("webauthn.user_verification", "required, convert_legacy_config=true")
def test_the_old_user_verification(serve: Serve, alice: Person) -> None:
    caller, device = serve({**ON, "webauthn.user_verification": "required"}), Authenticator()
    assert verification(caller) == "required"
    assert caller.register(alice, Authenticator(), verified=False).status_code == 422
    assert caller.register(alice, device).status_code == 200
    assert caller.log_in_by_passkey(device, verified=False).status_code == 401


@shows("webauthn.timeout", "60000, convert_legacy_config=true")
def test_the_old_time_of_ceremonies(serve: Serve, alice: Person) -> None:
    assert times(serve({**ON, "webauthn.timeout": 60000}), alice) == [60000, 60000]


@shows("smtp.host, smtp.port", "a sink, convert_legacy_config=true")
def test_the_old_mail_server(make_config: Callable[..., Config]) -> None:
    smtp = make_config({**ON, "smtp": {"host": "sink.example.test", "port": "2525"}}).email_delivery.smtp
    assert (smtp.host, smtp.port) == ("sink.example.test", "2525")


NEW: list[tuple[str, str, dict[str, Any]]] = [
    ("email.limit", "2", {"email.limit": 2}),
    ("email.require_verification", "false", {"email.require_verification": False}),
    ("email.passcode_ttl", "60", {"email.passcode_ttl": 60}),
    ("passkey.user_verification", "required", {"passkey.user_verification": "required"}),
    ("webauthn.timeouts.*", "60000", {"webauthn.timeouts": {"login": 60000, "registration": 60000}}),
]


@pytest.mark.parametrize(("key", "value", "changes"), NEW, ids=[key for key, _, _ in NEW])
def test_a_new_key_is_lost(
    serve: Serve, alice: Person, key: str, value: str, changes: dict[str, Any]
) -> None:
    converted, default = serve({**ON, **changes}), serve(ON)
    assert converted.config() == default.config()
    assert converted.ask_for_passcode(alice).json["ttl"] == 300
    assert verification(converted) == "preferred"
    assert times(converted, alice) == [600000, 600000]
    warned = {warning.path for warning in converted.services.config.warnings}
    assert warned >= set(_flat(changes))


def _flat(changes: dict[str, Any]) -> list[str]:
    return [
        f"{key}.{name}" if name else key
        for key, value in changes.items()
        for name in (value if isinstance(value, dict) else [""])
    ]


for _key, _value, _ in NEW:
    shows(_key, f"{_value}, convert_legacy_config=true")(test_a_new_key_is_lost)
