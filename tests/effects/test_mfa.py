"""``mfa.*``."""

from typing import Any

import pytest

from tests.authenticator import Authenticator
from tests.effects.caller import Caller, Person
from tests.effects.conftest import Serve
from tests.effects.rows import differs, shows
from tests.factories import make_credential, make_otp_secret
from tests.passkeys import make_passkey


def profiles(caller: Caller, person: Person) -> list[dict[str, Any]]:
    """What ``/me`` and ``/users/{id}`` say."""
    return [caller.get(path, by=person).json for path in ("/me", f"/users/{person.user_id}")]


@differs(
    "mfa.enabled",
    "true (default, also when mfa is absent)",
    page="Passcode and password routes are served whatever `mfa.enabled` says",
)
def test_routes_of_one_factor_are_served(serve: Serve, alice: Person) -> None:
    caller = serve({"mfa": {}, "mfa.enabled": True})
    assert caller.log_in_by_passcode(alice).status_code == 200
    assert caller.set_password(alice, "correct horse").status_code == 201
    assert caller.log_in_by_password(alice).status_code == 200
    with caller.services.database.connection():
        make_otp_secret(user=alice.user_id)
    assert caller.ask_for_passcode(alice).status_code == 403
    assert caller.log_in_by_password(alice).status_code == 403


@shows("mfa.enabled", "true", "GET /me, GET /users/{id}")
@shows("mfa.totp.enabled", "false, mfa on / off")
@shows("mfa.security_keys.enabled", "false, mfa on / off")
@pytest.mark.parametrize(
    ("changes", "totp", "security_keys"),
    [
        ({"enabled": True}, True, True),
        ({"enabled": False}, False, False),
        ({"enabled": True, "totp.enabled": False}, False, True),
        ({"enabled": False, "totp.enabled": False}, False, False),
        ({"enabled": True, "security_keys.enabled": False}, True, False),
        ({"enabled": False, "security_keys.enabled": False}, False, False),
    ],
)
def test_profiles_tell_which_second_factors_there_are(
    serve: Serve, alice: Person, changes: dict[str, bool], totp: bool, security_keys: bool
) -> None:
    caller = serve({f"mfa.{key}": value for key, value in changes.items()})
    for profile in profiles(caller, alice):
        assert profile["mfa_config"] == {
            "auth_app_set_up": False,
            "totp_enabled": totp,
            "security_keys_enabled": security_keys,
        }


@shows("mfa.enabled", "true", "GET /.well-known/config")
def test_frontends_learn_nothing_of_it(serve: Serve, base: Caller) -> None:
    assert serve({"mfa.enabled": True}).config() == base.config()


@shows("mfa.security_keys.enabled", "true (default)")
@shows("mfa.security_keys.enabled", "false", "GET /me, GET /users/{id}; user has an mfa_only credential")
@pytest.mark.parametrize("mfa", [True, False])
@pytest.mark.parametrize("enabled", [True, False])
def test_profiles_list_security_keys_where_they_are_on(
    serve: Serve, alice: Person, mfa: bool, enabled: bool
) -> None:
    make_credential(user=alice.user_id, mfa_only=True)
    caller = serve({"mfa.enabled": mfa, "mfa.security_keys.enabled": enabled})
    for profile in profiles(caller, alice):
        assert ("security_keys" in profile) is enabled
        assert "passkeys" not in profile


@shows("mfa.*", "any")
@pytest.mark.parametrize("mfa", [True, False])
@pytest.mark.parametrize("security_keys", [True, False])
def test_a_security_key_alone_never_logs_in(
    serve: Serve, alice: Person, mfa: bool, security_keys: bool
) -> None:
    caller = serve({"mfa.enabled": mfa, "mfa.security_keys.enabled": security_keys})
    device, _ = make_passkey(Authenticator(), user=alice.user_id, mfa_only=True)
    assert "allowCredentials" not in caller.request_options(alice).json["publicKey"]
    for person in (alice, None):
        assert caller.log_in_by_passkey(device, person).status_code in (400, 401)
    assert caller.count_sessions(alice) == 1
