"""How variables are written: switches as Go reads them, lists with commas, structures in YAML or JSON."""

import pytest

from hanko_compat.config import Config
from hanko_compat.config.settings import leaves
from tests.config.example import accepted, refused
from tests.config.saml import SAML
from tests.settings import merged


@pytest.mark.parametrize("text", ["1", "t", "T", "TRUE", "true", "True", " true "])
def test_switch_on(text):
    assert accepted({}, {"ACCOUNT_ALLOWDELETION": text}).account.allow_deletion


@pytest.mark.parametrize("text", ["0", "f", "F", "FALSE", "false", "False"])
def test_switch_off(text):
    assert not accepted({}, {"ACCOUNT_ALLOWSIGNUP": text}).account.allow_signup


@pytest.mark.parametrize(
    ("variable", "text", "problem"),
    [
        ("ACCOUNT_ALLOWSIGNUP", "no", "account.allow_signup: Must be true or false."),
        ("ACCOUNT_ALLOWSIGNUP", "tRUE", "account.allow_signup: Must be true or false."),
        ("SESSION_LIMIT", "five", "session.limit: Must be a whole number."),
        ("SESSION_LIMIT", "5.0", "session.limit: Must be a whole number."),
        ("SESSION_LIMIT", "-1", "session.limit: Must be a whole number from 0 to 2147483647."),
        ("SESSION_LIMIT", "9" * 5000, "session.limit: Must be a whole number."),
        ("SESSION_LIFESPAN", "12 hours", "session.lifespan: '12 hours' is not a duration, try 12h or 5m."),
        ("SERVER_PUBLIC_CORS_ALLOW_ORIGINS", "https://a.test,b\x00",
         "server.public.cors.allow_origins[1]: Must be an origin such as https://example.com."),
        ("WEBHOOKS_HOOKS", '{"callback": "a"};{"callback', "webhooks.hooks: Can't be read as YAML or JSON."),
        ("WEBHOOKS_HOOKS", "[a", "webhooks.hooks: Can't be read as YAML or JSON."),
        ("WEBHOOKS_HOOKS", '{"events": [[]]}',
         "webhooks.hooks[0].events[0]: Must be text: put it in quotes."),
        ("SESSION_JWTTEMPLATE_CLAIMS", "{a", "session.jwt_template.claims: Can't be read as YAML or JSON."),
        ("SESSION_JWTTEMPLATE_CLAIMS", "[a]", "session.jwt_template.claims: Must be a mapping of names."),
    ],
)  # fmt: skip
def test_problem_names_key_and_variable(variable, text, problem):
    assert refused({}, {variable: text}) == [f"{problem} (environment variable {variable})"]


def test_lists_are_separated_by_commas():
    config = accepted({}, {"SESSION_AUDIENCE": "first, second,,third"})
    assert config.session.audience == ("first", "second", "third")


@pytest.mark.parametrize(
    "text",
    [
        '[{"callback": "a"}, {"callback": "b"}]',
        '{"callback": "a"}; {"callback": "b"};',
        "[{callback: a}, {callback: b}]",
    ],
)
def test_lists_of_mappings(text):
    config = accepted({}, {"WEBHOOKS_HOOKS": text})
    assert [hook.callback for hook in config.webhooks.hooks] == ["a", "b"]


def test_own_keys_have_variables_too():
    environ = {
        "HANKO_COMPAT_JWK_ALGORITHM": "EdDSA",
        "HANKO_COMPAT_OPENAPI": "true",
        "HANKO_COMPAT_TRUSTED_PROXIES": "10.0.0.0/8,::1",
        "HANKO_COMPAT_ALLOW_WEAK_SECRETS": "1",
    }
    own = accepted({"secrets.keys": ["short"]}, environ).hanko_compat
    assert (own.jwk.algorithm, own.openapi) == ("EdDSA", True)
    assert [str(network) for network in own.trusted_proxies] == ["10.0.0.0/8", "::1/128"]


def test_what_a_variable_gives_counts_as_given():
    assert accepted({}, {"DEBUG": "1"}).without_effect == ("debug",)


def test_a_broken_section_of_the_file_stays_a_problem():
    assert refused({"session": 5}, {"SESSION_LIMIT": "3"}) == ["session: Must be a mapping of keys."]


def test_no_two_keys_share_a_variable():
    names = [leaf.environment for leaf in leaves(Config)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ACCOUNT_ALLOWSINGUP", "ACCOUNT_ALLOWSIGNUP"),
        ("account_allowsignup", "ACCOUNT_ALLOWSIGNUP"),
        ("PASSKEY_ENABLE", "PASSKEY_ENABLED"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("account_allow_signup", "ACCOUNT_ALLOWSIGNUP"),
        ("DATABASEURL", "DATABASE_URL"),
    ],
)
def test_a_variable_that_is_almost_one_is_a_warning_without_its_value(name, meant):
    (warning,) = accepted({}, {name: "a-value"}).warnings
    assert str(warning) == f"{name}: A variable that does nothing: did you mean {meant}?"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ACCOUNT_ALLOW_SIGNUP", "ACCOUNT_ALLOWSIGNUP"),
        ("EMAIL_USE_FOR_AUTHENTICATION", "EMAIL_USEFORAUTHENTICATION"),
        ("EMAIL_USEFOR_AUTHENTICATION", "EMAIL_USEFORAUTHENTICATION"),
        ("FLOW_LOCKER_STORE", "FLOWLOCKER_STORE"),
        ("HANKO_COMPAT_PUBLICURL", "HANKO_COMPAT_PUBLIC_URL"),
        ("SAML_ENDPOINT_URL", "SAML_ENDPOINT"),
        ("SAML_OPTIONS_VALIDATE_ENCRYPTION_CERT", "SAML_OPTIONS_VALIDATEENCRYPTIONCERTIFICATE"),
    ],
)
def test_a_variable_that_is_one_but_for_its_underscores_is_an_error(name, meant):
    told = f"{name}: A variable that does nothing: did you mean {meant}?"
    assert refused({}, {name: "a-value"}) == [told]


def test_beside_the_right_variable_a_wrong_one_is_a_warning():
    environ = {"ACCOUNT_ALLOW_SIGNUP": "false", "ACCOUNT_ALLOWSIGNUP": "false"}
    config = accepted({}, environ)
    assert not config.account.allow_signup
    assert [warning.path for warning in config.warnings] == ["ACCOUNT_ALLOW_SIGNUP"]


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("THIRD_PARTY_CUSTOMPROVIDERS_KEYCLOAK_SECRET", "THIRD_PARTY_CUSTOMPROVIDERS"),
        ("THIRD_PARTY_CUSTOM_PROVIDERS_KEYCLOAK_SECRET", "THIRD_PARTY_CUSTOMPROVIDERS"),
        ("SAML_IDENTITY_PROVIDERS_0_NAME", "SAML_IDENTITYPROVIDERS"),
        ("WEBHOOKS_HOOKS_0_CALLBACK", "WEBHOOKS_HOOKS"),
    ],
)
def test_a_part_of_a_variable_is_a_warning_and_told_where_something_is_missing(name, whole):
    told = f"{name}: A variable that does nothing: {whole} holds all of these, in JSON."
    assert [str(warning) for warning in accepted({}, {name: "a-value"}).warnings] == [told]
    missing = "saml.audience_uri: Must be given, as saml is enabled."
    assert refused(merged(SAML, {"saml.audience_uri": ""}), {name: "a-value"}) == [missing, told]


@pytest.mark.parametrize(
    "name",
    [
        "DEBUG",
        "DEBUGS",
        "SESSION_MANAGER",
        "HANKO_COMPAT_SERVICE_PORT",
        "DATABASE_PORT_5432_TCP_PORT",
        "Path",
    ],
)
def test_variables_of_others_are_no_warning(name):
    assert accepted({}, {name: "1"}).warnings == ()


def test_an_empty_variable_is_no_warning():
    assert accepted({}, {"ACCOUNT_ALLOW_SIGNUP": "", "ACCOUNT_ALLOWSINGUP": ""}).warnings == ()
