"""Old and new places of a key: moved where that is asked for, else named in a warning."""

import pytest

from hanko_compat.config import Config
from hanko_compat.config.legacy import ALIASES
from tests.config.example import SECRET, accepted, refused

VALUES = {
    "emails.max_num_of_addresses": 3,
    "emails.require_verification": False,
    "passcode.ttl": 60,
    "password.min_password_length": 12,
    "smtp.host": "smtp.test",
    "smtp.password": "hunter2",
    "smtp.port": "587",
    "smtp.user": "mailer",
    "webauthn.timeout": 1500,
    "webauthn.user_verification": "required",
}
LIMIT = "session.server_side.limit"
SERVER_SIDE = {"session.server_side.enabled": True, LIMIT: 2}
ALIAS = pytest.mark.parametrize("old", sorted(VALUES))
# With conversion a password may have any length where the old key is not given: that is worth a warning.
NO_MINIMUM = (
    "password.min_length: With convert_legacy_config this is 0: give password.min_password_length, or remove "
    "convert_legacy_config."
)


def at(config: Config, key: str) -> object:
    value: object = config
    for name in key.split("."):
        value = getattr(value, name)
    return value


def warnings(config: Config) -> list[str]:
    return [str(warning) for warning in config.warnings if str(warning) != NO_MINIMUM]


def test_every_deprecated_key_is_tested():
    assert VALUES.keys() | SERVER_SIDE.keys() == ALIASES.keys()


@ALIAS
def test_deprecated_key_sets_its_new_ones_where_conversion_is_on(old):
    config = accepted({"convert_legacy_config": True, old: VALUES[old]})
    assert [at(config, new) for new in ALIASES[old]] == [VALUES[old]] * len(ALIASES[old])
    assert warnings(config) == []


@ALIAS
def test_deprecated_key_does_nothing_and_is_named_where_conversion_is_off(old):
    config = accepted({old: VALUES[old]})
    assert [at(config, new) for new in ALIASES[old]] == [at(accepted(), new) for new in ALIASES[old]]
    advice = f"use {' and '.join(ALIASES[old])} (or set convert_legacy_config: true)."
    assert warnings(config) == [f"{old}: Deprecated, it does nothing: {advice}"]


@ALIAS
def test_one_that_is_not_given_brings_its_default_where_conversion_is_on(old):
    given = dict.fromkeys(ALIASES[old], VALUES[old])
    config, default = accepted({"convert_legacy_config": True, **given}), at(accepted(), old)
    assert [at(config, new) for new in ALIASES[old]] == [default] * len(ALIASES[old])
    lost = {warning.path for warning in config.warnings}
    assert lost == {"password.min_length", *ALIASES[old]}


def test_where_nothing_is_given_conversion_changes_the_least_length_of_a_password_only():
    config, unchanged = accepted({"convert_legacy_config": True}), accepted()
    assert (config.password.min_length, unchanged.password.min_length) == (0, 8)
    assert [str(warning) for warning in config.warnings] == [NO_MINIMUM]
    for section in ("email", "email_delivery", "webauthn", "passkey", "session"):
        assert getattr(config, section) == getattr(unchanged, section)


def test_environment_switches_and_sets():
    environ = {"CONVERT_LEGACY_CONFIG": "true", "EMAILS_REQUIRE_VERIFICATION": "false", "SMTP_PORT": "25"}
    config = accepted({}, environ)
    assert not config.email.require_verification
    assert config.email_delivery.smtp.port == "25"


def test_deprecated_key_wins_over_its_new_one_with_a_warning():
    changes = {"convert_legacy_config": True, "passcode.ttl": 60, "email.passcode_ttl": 90}
    config = accepted(changes)
    assert config.email.passcode_ttl == 60
    assert warnings(config) == ["passcode.ttl: Deprecated, it overrides email.passcode_ttl."]


NOT_ACQUIRED = {"session.acquire_ip_address": False, "session.acquire_user_agent": False}


@pytest.mark.parametrize(
    ("changes", "limit", "acquires", "warned"),
    [
        (SERVER_SIDE, 2, True, []),
        ({**SERVER_SIDE, "session.limit": 4}, 2, True, [LIMIT]),
        ({**SERVER_SIDE, LIMIT: 0, "session.limit": 4}, 4, True, [LIMIT]),
        ({LIMIT: 2}, 5, False, [LIMIT]),
        ({**SERVER_SIDE, "session.server_side.enabled": False}, 5, False, [LIMIT]),
        ({"session.server_side.enabled": False}, 5, False, []),
        (
            {**SERVER_SIDE, "convert_legacy_server_side_session_config": False},
            5,
            False,
            list(SERVER_SIDE),
        ),
    ],
)  # fmt: skip
def test_sessions_in_the_database_have_a_switch_of_their_own(changes, limit, acquires, warned):
    session = (config := accepted(NOT_ACQUIRED | changes)).session
    assert (session.limit, session.acquire_ip_address, session.acquire_user_agent) == (
        limit,
        acquires,
        acquires,
    )
    assert [warning.path for warning in config.warnings] == warned


def test_problem_is_told_where_the_value_was_written():
    changes = {"convert_legacy_config": True, "webauthn.timeout": "long"}
    assert refused(changes, {"SMTP_PORT": "0"}) == [
        "smtp.port: Must be a port from 1 to 65535. (environment variable SMTP_PORT)",
        "webauthn.timeout: Must be a whole number.",
    ]


def test_a_port_that_kubernetes_sets_stops_no_start():
    config = accepted({}, {"SMTP_PORT": "tcp://10.0.0.1:25"})
    assert config.email_delivery.smtp.port == "465"
    assert [warning.path for warning in config.warnings] == ["smtp.port"]
    assert refused({"convert_legacy_config": True}, {"SMTP_PORT": "tcp://10.0.0.1:25"}) == [
        "smtp.port: Must be a port from 1 to 65535. (environment variable SMTP_PORT)"
    ]


def test_file_of_hanko_3_is_read():
    changes = {
        "secrets": {"keys": None},
        "secret_keys": [SECRET * 2],
        "cors": {"allow_origins": ["https://*.example.test"], "unsafe_wildcard_origin_allowed": True},
        "server.management": {"address": ":8002"},
    }
    config = accepted(changes)
    assert config.secrets.keys == (SECRET * 2,)
    assert config.server.public.cors.allow_origins == ("https://*.example.test",)
    assert config.server.public.cors.unsafe_wildcard_origin_allowed
    assert config.warnings == ()
    assert config.without_effect == ("server.management",)


def test_place_of_hanko_2_wins_over_that_of_hanko_3():
    config = accepted({"secret_keys": [SECRET * 2]})
    assert config.secrets.keys == (SECRET,)
    assert [str(warning) for warning in config.warnings] == [
        "secret_keys: Does nothing, because secrets.keys is given."
    ]


def test_secret_of_hanko_3_must_be_as_strong():
    (problem,) = refused({"secrets": {"keys": None}, "secret_keys": ["short"]})
    assert problem.startswith("secrets.keys[0]: Shorter than 16 characters")
