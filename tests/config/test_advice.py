"""Settings that are served with a warning. Texts that mean nothing are in ``test_reference``."""

from typing import Any

import pytest

from tests.config.example import accepted
from tests.config.saml import PROVIDER, SAML
from tests.settings import merged


@pytest.mark.parametrize(
    "changes",
    [
        {"email.passcode_ttl": 0},
        {"email.max_length": 0},
        {"password.min_length": 73},
        {"passkey.limit": 0},
        {"session.limit": 0},
        {"rate_limiter.passcode_limits.tokens": 0},
        {"rate_limiter.password_limits.interval": "0s"},
    ],
    ids=str,
)
def test_a_limit_that_lets_nobody_in_is_named(changes: dict[str, Any]) -> None:
    assert [warning.path for warning in accepted(changes).warnings] == list(changes)


@pytest.mark.parametrize(
    "changes", [{"email.passcode_ttl": 1}, {"password.min_length": 72}, {"passkey.limit": 1}], ids=str
)
def test_one_that_lets_somebody_in_is_not(changes: dict[str, Any]) -> None:
    assert accepted(changes).warnings == ()


@pytest.mark.parametrize("key", ["email.enabled", "email.use_for_authentication"])
def test_without_passcodes_nobody_verifies_an_address(key: str) -> None:
    (warning,) = accepted({key: False}).warnings
    assert str(warning) == (
        f"email.require_verification: With {key} off nobody can verify an address here, so no new user "
        "logs in: set it to false."
    )
    assert accepted({key: False, "email.require_verification": False}).warnings == ()


def hooked(*events: str, enabled: bool = True) -> dict[str, Any]:
    hook = {"callback": "https://hooks.example.test/", "events": list(events)}
    return {"webhooks": {"enabled": enabled, "hooks": [hook]}}


@pytest.mark.parametrize(
    "changes", [{}, hooked("user"), hooked("email.send", enabled=False)], ids=["none", "other", "off"]
)
def test_passcodes_that_go_nowhere_are_named(changes: dict[str, Any]) -> None:
    (warning,) = accepted({"email_delivery.enabled": False, **changes}).warnings
    assert warning.path == "email_delivery.enabled"
    assert "reach nobody" in warning.message


@pytest.mark.parametrize(
    "changes",
    [hooked("email.send"), {"email.use_for_authentication": False, "email.require_verification": False}],
    ids=["hook", "no passcodes"],
)
def test_where_there_is_a_hook_or_no_passcode_it_is_not(changes: dict[str, Any]) -> None:
    assert accepted({"email_delivery.enabled": False, **changes}).warnings == ()


GUESSES = "hanko_compat.limits.wrong_guesses"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"account.further_days": 11}, "Lets 4045 wrong guesses"),
        ({"account": {"first_day": 51, "further_days": 10}}, "Lets 3701 wrong guesses"),
        ({"account": {"first_day": 11, "further_days": 11}}, "Lets 4026 wrong guesses"),
        ({"account_and_client.first_day": 30}, "Allows no more than account_and_client"),
        ({"account_and_client.further_days": 10}, "Allows no more than account_and_client"),
        ({"account.further_days": 5}, "Allows no more than account_and_client"),
        ({"devices.first_day": 30}, "Allows no more than device on the first day"),
        ({"devices.further_days": 4}, "Lets 1520 wrong guesses"),
    ],
    ids=str,
)
def test_sums_that_protect_nobody_are_named(changes: dict[str, Any], says: str) -> None:
    (warning,) = accepted({f"{GUESSES}.{key}": value for key, value in changes.items()}).warnings
    assert warning.path == f"{GUESSES}.{next(iter(changes)).partition('.')[0].partition('_')[0]}"
    assert warning.message.startswith(says)


@pytest.mark.parametrize(
    "changes",
    [
        {"account": {"first_day": 50, "further_days": 10}},
        {"account_and_client": {"first_day": 29, "further_days": 9}},
        {"client": {"first_day": 10_000, "further_days": 10_000}, "device": {"further_days": 100}},
        {"device": {"first_day": 100}, "devices": {"first_day": 101}},
    ],
    ids=str,
)
def test_sums_that_protect_are_not(changes: dict[str, Any]) -> None:
    assert accepted({f"{GUESSES}.{key}": value for key, value in changes.items()}).warnings == ()


OFF = {"email.enabled": False, "email.require_verification": False, "passkey.enabled": False}


@pytest.mark.parametrize("passwords", [True, False])
def test_without_any_way_to_log_in_nobody_does(passwords: bool) -> None:
    warnings = accepted({**OFF, "password.enabled": passwords}).warnings
    assert [warning.path for warning in warnings] == ([] if passwords else ["password.enabled"])


def test_the_place_of_a_warning_is_where_the_value_was_written() -> None:
    changes = {"passkey.user_verification": "x", "session.cookie.same_site": "Strict"}
    first, second = sorted(map(str, accepted(changes).warnings))
    assert first.startswith("passkey.user_verification: 'x' is none of required, preferred, discouraged, so ")
    assert second == (
        "session.cookie.same_site: 'Strict' is none of strict, lax, none, so the cookie has no SameSite."
    )


@pytest.mark.parametrize("value", ["half an hour", "-5m", "0s", 30])
def test_what_is_no_timeout_is_none(value: object) -> None:
    config = accepted({"session.idle_timeout": value})
    assert config.session.idle_timeout is None
    assert [warning.path for warning in config.warnings] == ["session.idle_timeout"]


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({}, []),
        ({"saml.default_redirect_url": ""}, ["saml.default_redirect_url"]),
        ({"saml.allowed_redirect_urls": []}, ["saml.allowed_redirect_urls"]),
        ({"saml.endpoint_url": "http://auth.example.test"}, ["saml.endpoint_url"]),
        ({"saml.endpoint_url": "http://localhost:8000"}, []),
        ({"saml.endpoint_url": "http://127.0.0.1:8000"}, []),
        ({"saml.identity_providers": [PROVIDER | {"attribute_map": {}}]},
         ["saml.identity_providers[0].attribute_map.email_verified"]),
        ({"saml.identity_providers": [
            PROVIDER | {"attribute_map": {}, "skip_email_verification": True}
        ]}, []),
        ({"saml.identity_providers": [PROVIDER, {"enabled": False}]}, []),
        ({"saml.enabled": False, "saml.default_redirect_url": ""}, []),
    ],
)  # fmt: skip
def test_settings_of_saml_that_leave_users_outside(changes: dict[str, Any], places: list[str]) -> None:
    warnings = accepted(merged(merged({}, SAML), changes)).warnings
    assert [warning.path for warning in warnings] == places
