"""config.example.yaml against the code: the keys with an effect, their defaults, a comment on each."""

import fnmatch
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hanko_compat.config import Config, load
from hanko_compat.config.effect import WITHOUT_EFFECT, has_effect, is_documented
from hanko_compat.config.settings import leaves

FILE = Path(__file__).parents[2] / "config.example.yaml"
# Keys behind a # at once are off, because giving them changes something.
COMPLETE = re.sub(r"(?m)^( *)#(\w+:)", r"\1\2", FILE.read_text(encoding="utf-8"))


def flat(section: dict[str, Any], above: str = "") -> dict[str, Any]:
    """The keys of the example with dots; an empty mapping is a value."""
    found: dict[str, Any] = {}
    for name, value in section.items():
        is_section = isinstance(value, dict) and value
        found |= flat(value, f"{above}{name}.") if is_section else {above + name: value}
    return found


EXAMPLE = flat(yaml.safe_load(COMPLETE))
DOCUMENTED = {".".join(leaf.path): leaf for leaf in leaves(Config) if is_documented(".".join(leaf.path))}


def test_every_key_with_an_effect_is_there_and_no_other():
    assert set(EXAMPLE) == set(DOCUMENTED)


@pytest.mark.parametrize("key", sorted(DOCUMENTED))
def test_it_shows_the_default(key):
    leaf = DOCUMENTED[key]
    assert EXAMPLE[key] == leaf.kind.write(leaf.default)


def test_it_changes_nothing_when_it_is_used_as_it_is(tmp_path):
    used, unused = load(FILE, environ={}, dev=True), load(None, environ={}, dev=True)
    assert used.masked() == unused.masked()
    assert used.database == unused.database
    assert used.warnings == used.without_effect == ()


def test_every_key_has_a_comment():
    lines = [line for line in COMPLETE.splitlines() if re.match(r" *\w+: \S", line)]
    assert [line for line in lines if "  # " not in line] == []


def test_every_pattern_of_keys_without_effect_fits_a_key():
    names = [".".join(leaf.path) for leaf in leaves(Config)]
    assert [pattern for pattern in WITHOUT_EFFECT if not fnmatch.filter(names, pattern)] == []


@pytest.mark.parametrize(
    ("key", "effect"),
    [
        ("session.limit", True),
        ("session.server_side.limit", True),
        ("smtp.host", True),
        ("server.admin.address", False),
        ("passcode.ttl", True),
        ("webauthn.timeout", True),
        ("third_party.providers.google.enabled", True),
        ("third_party.providers.google.client_id", True),
        ("third_party.providers.google.prompt", True),
        ("third_party.redirect_url", True),
        ("third_party.default_redirect_url", False),
        ("webhooks.hooks", True),
        ("email.enabled", True),
        ("email.use_for_authentication", True),
        ("email.use_as_login_identifier", False),
        ("email.passcode_charset", False),
        ("session.server_side.enabled", True),
        ("saml.enabled", True),
        ("saml.allowed_redirect_urls", True),
        ("saml.audience_uri", True),
        ("saml.options.force_login", True),
        ("mfa.security_keys.enabled", True),
        ("mfa.security_keys.user_verification", False),
    ],
)
def test_effect(key, effect):
    assert has_effect(key) is effect
