"""From a file and the environment to a configuration, or to every problem at once."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.config import Config, Problem, from_mapping, load
from hanko_compat.config.settings import keys_of, leaves
from hanko_compat.errors.config import ConfigError
from tests.config.example import SAFE, SECRET, accepted, refused

VARIANT = """
secrets:
  keys: ["a secret of 26 characters."]
session:
  lifespan: 1h
  audience: [first, second]
  cookie: {name: sid, same_site: lax}
hanko_compat:
  trusted_proxies: [10.0.0.0/8, "2001:db8::1"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def test_file_is_read(file):
    file.write_text(VARIANT)
    config = load(file, environ={})
    assert config.source == file
    assert config.session.lifespan == timedelta(hours=1)
    assert config.session.audience == ("first", "second")
    assert (config.session.cookie.name, config.session.cookie.same_site) == ("sid", "lax")
    assert config.hanko_compat.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("2001:db8::1"))


def test_environment_wins_over_the_file_and_the_file_over_defaults(file):
    file.write_text(VARIANT)
    config = load(file, environ={"SESSION_LIFESPAN": "2h", "SESSION_AUDIENCE": "", "PATH": "/bin"})
    assert config.session.lifespan == timedelta(hours=2)
    assert config.session.audience == ("first", "second")  # an empty variable is not set
    assert config.session.limit == 5


def test_without_a_file_there_are_defaults_and_the_environment():
    config = load(None, environ={"SECRETS_KEYS": f"{SECRET}, {SECRET * 2}"})
    assert config.source is None
    assert config.secrets.keys == (SECRET, SECRET * 2)
    assert config.database.resolved_url == "sqlite:///var/hanko_compat.sqlite3"


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n", "session:\n", "session: null\nsecrets: {}\n"])
def test_nothing_in_the_file_is_nothing_given(file, text):
    file.write_text(text)
    config = load(file, environ={}, dev=True)
    assert config.session.lifespan == timedelta(hours=12)
    assert config.secrets.keys == ()


def test_all_problems_are_told_at_once():
    problems = refused(
        {
            "session": {"limt": 3, "lifespan": "12 hours", "cookie": {"same_site": "none", "secure": False}},
            "secrets.keys": [SECRET, [5], "sixteen letters!", {6: 7}],
            "email.limit": -1,
            "password": "long",
            "hanko_compat": {"zork": 1, "trusted_proxies": ["10.0.0.1/8", "10.0.0.0/8", "x"]},
            "webauthn.relying_party.id": "example.com",
            "foo": 1,
        },
        {"EMAIL_MAXLENGTH": "many"},
    )
    network = "Must be a network such as 10.0.0.0/8 or 2001:db8::/32."
    assert problems == [
        "session.limt: Unknown key, did you mean session.limit?",
        "password: Must be a mapping of keys.",
        (
            "hanko_compat.zork: Unknown key, known here: allow_weak_secrets, backend_api, cleanup, database, "
            "jwk, limits, mail, metrics, "
            "openapi, password, public_url, saml, third_party, trusted_proxies, webauthn, "
            "webhooks."
        ),
        "email.limit: Must be a whole number from 0 to 2147483647.",
        "email.max_length: Must be a whole number. (environment variable EMAIL_MAXLENGTH)",
        f"hanko_compat.trusted_proxies[0]: {network}",
        f"hanko_compat.trusted_proxies[2]: {network}",
        "secrets.keys[1]: Must be text: put it in quotes.",
        "secrets.keys[3]: Must be text: put it in quotes.",
        "session.lifespan: '12 hours' is not a duration, try 12h or 5m.",
        (
            "session.cookie.secure: Browsers drop a SameSite=None cookie that is not Secure: "
            "set it to true, or session.cookie.same_site to strict or lax."
        ),
        (
            "webauthn.relying_party.id: example.com is neither localhost nor a domain above: change it, or "
            "list the site that has it as its host in webauthn.relying_party.origins."
        ),
    ]


def test_a_fault_brings_no_second_message_about_its_own_consequence():
    assert refused({"secrets.keys": {1: SECRET}}) == ["secrets.keys: Must be a list."]
    assert refused(
        {"webauthn.relying_party": {"id": "example.com", "origins": {1: "https://example.com"}}}
    ) == ["webauthn.relying_party.origins: Must be a list."]


def test_problems_carry_path_and_message():
    with pytest.raises(ConfigError) as caught:
        from_mapping({"session": {"limit": "five"}}, dev=True)
    assert caught.value.problems == (("session.limit", "Must be a whole number."),)


def test_dev_makes_cookies_for_plain_http_unless_told_otherwise():
    assert accepted().session.cookie.secure
    assert not accepted(dev=True).session.cookie.secure
    assert accepted({"session.cookie.secure": True}, dev=True).session.cookie.secure
    assert accepted({}, {"SESSION_COOKIE_SECURE": "true"}, dev=True).session.cookie.secure


def test_keys_without_effect_are_accepted_and_named():
    config = accepted({"flow_locker.ttl": "1m", "debug": True, "session.limit": 3}, {"USERNAME_ENABLED": "1"})
    assert config.without_effect == ("debug", "flow_locker.ttl", "username.enabled")
    assert config.warnings == ()


def test_keys_of_other_versions_are_warnings():
    config = accepted({"frontend.colour": "red", "session.partitioned": True})
    assert [str(warning) for warning in config.warnings] == [
        "frontend: Unknown key, it does nothing.",
        "session.partitioned: Unknown key, it does nothing.",
    ]


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary()
NAMES = st.sampled_from(sorted({part for leaf in leaves(Config) for part in leaf.path})) | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | SCALARS, inner, max_size=4),
    max_leaves=12,
)
LEAVES = st.sampled_from(list(leaves(Config)))


def problems_of(data: Any, environ: Mapping[str, str] | None = None, *, dev: bool = True) -> list[Problem]:
    """What is wrong with *data*; nothing where a configuration comes of it."""
    try:
        from_mapping(data, environ=environ, dev=dev)
    except ConfigError as error:
        return list(error.problems)
    return []


@given(
    st.dictionaries(st.sampled_from(sorted(keys_of(Config))) | SCALARS, ANYTHING, max_size=4), st.booleans()
)
def test_any_mapping_is_a_configuration_or_a_config_error(data, dev):
    problems = problems_of(SAFE | data, dev=dev)
    assert len(str(ConfigError(problems)).splitlines()) == len(problems)


@given(LEAVES, ANYTHING)
def test_any_value_of_any_key_is_accepted_or_a_problem_of_that_key(leaf, value):
    for part in reversed(leaf.path):
        value = {part: value}
    assert all(problem.path.startswith(".".join(leaf.path)) for problem in problems_of(value))


@given(LEAVES, st.text(min_size=1, max_size=30))
def test_any_environment_is_accepted_or_a_problem_of_that_variable(leaf, text):
    problems = problems_of({}, {leaf.environment: text})
    assert all(f"(environment variable {leaf.environment})" in problem.message for problem in problems)
