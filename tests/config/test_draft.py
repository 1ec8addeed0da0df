"""Unknown keys: a typing mistake is refused everywhere, anything unknown among our own keys too."""

from typing import Any

import pytest

from hanko_compat.config import from_mapping
from hanko_compat.errors.config import ConfigError
from tests.config.example import SAFE, accepted, refused


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"account": {"allow_singup": False}},
         "account.allow_singup: Unknown key, did you mean account.allow_signup?"),
        ({"acount": {"allow_signup": False}}, "acount: Unknown key, did you mean account?"),
        ({"session": {"cookie": {"samesite": "lax"}}},
         "session.cookie.samesite: Unknown key, did you mean session.cookie.same_site?"),
        ({"saml": {"identity_providers": [{}, {"domian": "a"}]}},
         "saml.identity_providers[1].domian: Unknown key, did you mean saml.identity_providers[1].domain?"),
        ({"third_party": {"custom_providers": {"a": {"scops": []}}}},
         ("third_party.custom_providers.a.scops: Unknown key, did you mean "
         "third_party.custom_providers.a.scopes?")),
        ({"hanko_compat": {"jwk": {"size": 2048}}},
         "hanko_compat.jwk.size: Unknown key, known here: algorithm."),
        ({"hanko_compat": {"trusted_proxy": []}},
         ("hanko_compat.trusted_proxy: Unknown key, known here: allow_weak_secrets, backend_api, "
          "cleanup, database, jwk, limits, mail, "
         "metrics, openapi, password, public_url, saml, third_party, trusted_proxies, webauthn, "
          "webhooks.")),
        ({5: True}, "5: Unknown key: keys must be text."),
        ({"session": {None: True}}, "session.None: Unknown key: keys must be text."),
        ({"sesion\n": {}}, r"'sesion\n': Unknown key, did you mean session?"),
    ],
)  # fmt: skip
def test_unknown_key_is_refused(changes, problem):
    assert refused_as_written(changes) == [problem]


def refused_as_written(changes: dict[Any, Any]) -> list[str]:
    """As ``refused``, where a dot is a part of the key."""
    with pytest.raises(ConfigError) as caught:
        from_mapping(SAFE | changes)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    "key", ["account.allow_signup", "Account.Allow_Signup", "session.cookie.secure", "session.cookie"]
)
def test_a_path_in_one_key_is_refused(key):
    assert refused_as_written({key: False}) == [f"{key}: Unknown key, write its parts below each other."]


@pytest.mark.parametrize("spelling", ["Allow_Signup", "ALLOW_SIGNUP"])
@pytest.mark.parametrize("other", ["allow_signup", "allow_SIGNUP"])
def test_a_key_in_two_spellings_stands_twice(spelling, other):
    problems = refused({"account": {spelling: False, other: True}})
    assert problems == ["account.allow_signup: Stands twice, in letters of different case."]


def test_a_section_in_two_spellings_stands_twice():
    problems = refused({"account": {"allow_signup": False}, "Account": {"allow_signup": True}})
    assert problems == ["account: Stands twice, in letters of different case."]


@pytest.mark.parametrize(
    "key",
    [
        "allow_singup", "ALLOW_SINGUP", "Allow-Signup", "allow-signup", "allowSignup", "ALLOWSIGNUP",
        "allow signup", "allow.signup", "allow_signup ", "allow_sign_up", "allow_s\u0131gnup",
    ],
)  # fmt: skip
def test_no_spelling_of_a_switch_leaves_it_on(key):
    (problem,) = refused_as_written({"account": {key: False}})
    assert problem.endswith(": Unknown key, did you mean account.allow_signup?")


@pytest.mark.parametrize("value", [5, "text", [], True])
def test_a_section_must_be_a_mapping(value):
    assert refused({"session": value}) == ["session: Must be a mapping of keys."]


def test_other_unknown_keys_are_warnings():
    config = accepted({"frontend": {"colour": "red"}, "webhooks.colour": "red"})
    assert [warning.path for warning in config.warnings] == [
        "frontend",
        "webhooks.colour",
    ]


def test_names_of_maps_and_claims_are_free():
    changes = {
        "session.jwt_template.claims": {"enabeld": True, "sub": None},
        "third_party.custom_providers": {"enabled": {"enabled": False, "attribute_mapping": {"sesion": "a"}}},
    }
    config = accepted(changes)
    assert config.warnings == ()
    assert config.session.jwt_template.claims == {"enabeld": True, "sub": None}


@pytest.mark.parametrize("name", [None, 1.5])
def test_a_name_that_is_no_text_in_an_entry_of_a_list_is_a_problem(name):
    (problem,) = refused({"saml.identity_providers": {name: None}})
    assert problem.startswith(f"saml.identity_providers[0].{name}: ")
