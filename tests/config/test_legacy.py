"""Old and new places of a key: moved where that is asked for, else named in a warning."""

import pytest

from hanko_compat.config import Config
from hanko_compat.config.legacy import ALIASES, SERVER_SIDE
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
    SERVER_SIDE: 2,
}
ALIAS = pytest.mark.parametrize("old", sorted(ALIASES))


def at(config: Config, key: str) -> object:
    value: object = config
    for name in key.split("."):
        value = getattr(value, name)
    return value


@ALIAS
def test_deprecated_key_sets_its_new_ones_where_conversion_is_on(old):
    config = accepted({"convert_legacy_config": True, old: VALUES[old]})
    assert [at(config, new) for new in ALIASES[old]] == [VALUES[old]] * len(ALIASES[old])
    assert config.warnings == ()


@ALIAS
def test_deprecated_key_does_nothing_and_is_named_where_conversion_is_off(old):
    switch = "convert_legacy_server_side_session_config" if old == SERVER_SIDE else "convert_legacy_config"
    config = accepted({switch: False, old: VALUES[old]})
    assert [at(config, new) for new in ALIASES[old]] == [at(accepted(), new) for new in ALIASES[old]]
    (warning,) = config.warnings
    advice = f"Deprecated, it does nothing: use {' and '.join(ALIASES[old])} (or set {switch}: true)."
    assert str(warning) == f"{old}: {advice}"


def test_defaults_convert_the_sessions_limit_and_nothing_else():
    config = accepted({SERVER_SIDE: 2, "passcode.ttl": 60})
    assert (config.session.limit, config.email.passcode_ttl) == (2, 300)


def test_environment_switches_and_sets():
    environ = {"CONVERT_LEGACY_CONFIG": "true", "EMAILS_REQUIRE_VERIFICATION": "false", "SMTP_PORT": "25"}
    config = accepted({}, environ)
    assert not config.email.require_verification
    assert config.email_delivery.smtp.port == "25"


def test_deprecated_key_wins_over_its_new_one_with_a_warning():
    changes = {"convert_legacy_config": True, "passcode.ttl": 60, "email.passcode_ttl": 90}
    config = accepted(changes)
    assert config.email.passcode_ttl == 60
    assert [str(warning) for warning in config.warnings] == [
        "passcode.ttl: Deprecated, it overrides email.passcode_ttl."
    ]


@pytest.mark.parametrize(
    ("old", "new"), [(SERVER_SIDE, "session.limit"), ("password.min_password_length", "password.min_length")]
)
def test_zero_is_not_set(old, new):
    config = accepted({"convert_legacy_config": True, old: 0, new: 9})
    assert at(config, new) == 9
    assert config.warnings == ()


def test_problem_is_told_where_the_value_was_written():
    changes = {"convert_legacy_config": True, "webauthn.timeout": "long"}
    assert refused(changes, {"SMTP_PORT": "0"}) == [
        "smtp.port: Must be a port from 1 to 65535. (environment variable SMTP_PORT)",
        "webauthn.timeout: Must be a whole number.",
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
