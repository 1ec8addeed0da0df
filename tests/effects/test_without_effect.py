"""Keys that change nothing at the public door: every endpoint answers as without them."""

from typing import Any

import pytest
import yaml

from tests.effects.conftest import Serve
from tests.effects.probe import probe
from tests.effects.rows import ROWS, Row, shows

NO_EFFECT = [row for row in ROWS if row.request == "whole probe" and row.answer.startswith("no effect")]
# What the reference says in words. Of the others the value is YAML, or several with "; " between them.
IN_WORDS: dict[tuple[str, str], dict[str, Any]] = {
    ("webauthn.relying_party.icon", "a URL"): {
        "webauthn.relying_party.icon": "https://example.test/icon.png"
    },
    ("webauthn.timeout", "60000, convert_legacy_config=false"): {"webauthn.timeout": 60000},
    ("webauthn.user_verification", "required, convert_legacy_config=false"): {
        "webauthn.user_verification": "required"
    },
    ("session.server_side.limit", "2, enabled=false"): {
        "session.server_side": {"limit": 2, "enabled": False}
    },
    ("session.server_side.*", "true + 2, convert_legacy_server_side_session_config=false"): {
        "session.server_side": {"limit": 2, "enabled": True},
        "convert_legacy_server_side_session_config": False,
    },
    ("rate_limiter.otp_limits", "tokens 1"): {
        "rate_limiter.enabled": False,
        "rate_limiter.otp_limits.tokens": 1,
    },
    ("server.public.cors.unsafe_wildcard_origin_allowed", "true, no *"): {
        "server.public.cors.unsafe_wildcard_origin_allowed": True
    },
    ("password.min_password_length", "12, convert_legacy_config=false (default)"): {
        "password.min_password_length": 12
    },
    ("emails.max_num_of_addresses", "2, convert_legacy_config=false (default)"): {
        "emails.max_num_of_addresses": 2
    },
    ("emails.require_verification", "false, convert_legacy_config=false (default)"): {
        "emails.require_verification": False
    },
    ("passcode.ttl", "60, convert_legacy_config=false (default)"): {"passcode.ttl": 60},
    ("smtp.host, smtp.port", "another port, convert_legacy_config=false (default)"): {
        "smtp": {"host": "mail.example.test", "port": "26"}
    },
    ("a key that does not exist", "nonsense.key"): {"nonsense.key": 1},
}
USERNAMES = {
    "username.enabled": True,
    "username.optional": False,
    "username.acquire_on_registration": False,
    "username.acquire_on_login": False,
    "username.use_as_login_identifier": False,
    "username.min_length": 20,
    "username.max_length": 25,
}
SEVERAL = [USERNAMES, {**USERNAMES, "username.enabled": False, "username.optional": True}]
"""Keys that were tried together, too."""

Transcript = list[tuple[str, Any]]


def settings_of(row: Row) -> list[dict[str, Any]]:
    """What the row's key is set to, once for each value."""
    if (row.key, row.value) in IN_WORDS:
        return [IN_WORDS[row.key, row.value]]
    return [{row.key: yaml.safe_load(value)} for value in row.value.split("; ")]


@pytest.fixture(scope="session")
def usual() -> dict[bool, Transcript]:
    """What comes back without any of the keys, by ``mfa.enabled``; the same in all tests."""
    return {}


def expect_no_effect(
    serve: Serve, usual: dict[bool, Transcript], changes: dict[str, Any], *, mfa: bool
) -> None:
    """Check that every endpoint answers as without *changes*."""
    if mfa not in usual:
        usual[mfa] = probe(serve({"mfa.enabled": mfa}))
    answers = probe(serve({"mfa.enabled": mfa, **changes}))
    assert [name for name, _ in answers] == [name for name, _ in usual[mfa]]
    for answer, expected in zip(answers, usual[mfa], strict=True):
        assert answer == expected


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize("row", NO_EFFECT, ids=lambda row: f"{row.key}={row.value}")
def test_every_endpoint_answers_as_without_the_key(
    serve: Serve, usual: dict[bool, Transcript], row: Row
) -> None:
    for changes in settings_of(row):
        for mfa in (False, True) if row.key.startswith("mfa.") else (False,):
            expect_no_effect(serve, usual, changes, mfa=mfa)


for _row in NO_EFFECT:
    shows(_row.key, _row.value, _row.request)(test_every_endpoint_answers_as_without_the_key)


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize("changes", SEVERAL, ids=["with usernames", "without"])
def test_nor_do_several_of_them_change_anything(
    serve: Serve, usual: dict[bool, Transcript], changes: dict[str, Any]
) -> None:
    expect_no_effect(serve, usual, changes, mfa=False)


@pytest.mark.slow
@pytest.mark.one_database
def test_a_key_with_an_effect_is_seen(serve: Serve, usual: dict[bool, Transcript]) -> None:
    with pytest.raises(AssertionError):
        expect_no_effect(serve, usual, {"passkey.attestation_preference": "none"}, mfa=False)


def test_every_value_in_words_is_one_of_the_reference() -> None:
    assert IN_WORDS.keys() <= {(row.key, row.value) for row in NO_EFFECT}
