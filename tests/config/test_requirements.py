"""Settings that others make necessary."""

from typing import Any

import pytest

from tests.config.example import accepted, refused
from tests.config.saml import PROVIDER, SAML
from tests.settings import merged

THIRD_PARTY: dict[str, Any] = {
    "third_party.redirect_url": "https://auth.example.test/thirdparty/callback",
    "third_party.error_redirect_url": "https://example.test/error",
    "third_party.allowed_redirect_urls": ["https://example.test/done"],
}
GOOGLE = THIRD_PARTY | {
    "third_party.providers.google": {"enabled": True, "client_id": "id", "secret": "secret"}
}
CUSTOM = THIRD_PARTY | {
    "third_party.custom_providers": {
        "acme": {
            "enabled": True,
            "client_id": "id",
            "secret": "secret",
            "scopes": ["openid"],
            "display_name": "Acme",
            "issuer": "https://acme.example.test",
        }
    }
}
UNSOLICITED = SAML | {"hanko_compat.saml.allow_unsolicited": True}
REDIS = {"rate_limiter": {"store": "redis", "redis_config": {"address": "localhost:6379"}}}
HOOK = {"webhooks": {"enabled": True, "hooks": [{"callback": "https://hook.test", "events": ["user"]}]}}


@pytest.mark.parametrize(
    ("settings", "not_served"),
    [
        (GOOGLE, []),
        (CUSTOM, []),
        (SAML, []),
        (REDIS, []),
        (HOOK, []),
    ],
    ids=["google", "custom", "saml", "redis", "webhooks"],
)
def test_what_is_complete_is_accepted(settings: dict[str, Any], not_served: list[str]) -> None:
    assert [warning.path for warning in accepted(settings).warnings] == not_served


@pytest.mark.parametrize(
    ("whole", "key", "value", "named"),
    [
        (GOOGLE, "third_party.redirect_url", "", ""),
        (GOOGLE, "third_party.error_redirect_url", "", ""),
        (CUSTOM, "third_party.allowed_redirect_urls", [], ""),
        (GOOGLE, "third_party.allowed_redirect_urls", ["https://example.test/"], "[0]"),
        (GOOGLE, "third_party.allowed_redirect_urls", ["https://a.test", "https://{a.test"], "[1]"),
        (GOOGLE, "third_party.allowed_redirect_urls", ["**"], "[0]"),
        (SAML, "saml.allowed_redirect_urls", ["https://a.test/[b-a]"], "[0]"),
        (GOOGLE, "third_party.providers.google.client_id", "", ""),
        (GOOGLE, "third_party.providers.google.secret", "", ""),
        (CUSTOM, "third_party.custom_providers.acme.client_id", "", ""),
        (CUSTOM, "third_party.custom_providers.acme.secret", "", ""),
        (CUSTOM, "third_party.custom_providers.acme.scopes", [], ""),
        (CUSTOM, "third_party.custom_providers.acme.display_name", "", ""),
        (SAML, "saml.identity_providers", [], ""),
        (SAML, "saml.endpoint_url", "", ""),
        (SAML, "saml.audience_uri", "", ""),
        (SAML, "saml.identity_providers", [PROVIDER | {"name": ""}], "[0].name"),
        (SAML, "saml.identity_providers", [PROVIDER, PROVIDER], "[1].domain"),
        (UNSOLICITED, "saml.default_redirect_url", "", ""),
        (REDIS, "rate_limiter.redis_config.address", "", ""),
        (REDIS, "rate_limiter.store", "x", ""),
        (HOOK, "webhooks.hooks", [{"events": ["user", "nope"]}], "[0].events[1]"),
    ],
)
def test_what_is_missing_is_named(whole: dict[str, Any], key: str, value: object, named: str) -> None:
    """*named* is the place below *key* that the message begins with."""
    (problem,) = refused(merged(merged({}, whole), {key: value}))
    assert problem.partition(": ")[0] == key + named


def test_without_discovery_the_endpoints_have_to_be_given() -> None:
    changes = {"third_party.custom_providers.acme.use_discovery": False}
    problems = refused(merged(merged({}, CUSTOM), changes))
    keys = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"]
    assert [problem.split(": ")[0] for problem in problems] == [
        f"third_party.custom_providers.acme.{key}" for key in keys
    ]


def test_a_secret_that_is_missing_may_be_a_variable() -> None:
    (problem,) = refused(merged(merged({}, GOOGLE), {"third_party.providers.google.secret": ""}))
    variable = problem.rpartition("set ")[2].rstrip(".")
    config = accepted(
        merged(merged({}, GOOGLE), {"third_party.providers.google.secret": ""}), {variable: "a-secret"}
    )
    assert config.third_party.providers.google.secret == "a-secret"


@pytest.mark.parametrize(
    "unused",
    [
        {"third_party.providers.google": {"enabled": False, "client_id": ""}},
        {"third_party.custom_providers": {"acme": {"enabled": False}}},
        {"saml.enabled": False},
        {"webhooks": {"enabled": False, "hooks": [{"events": ["nope"]}]}},
        {"rate_limiter": {"enabled": False, "store": "redis"}},
    ],
    ids=str,
)
def test_what_is_off_needs_nothing(unused: dict[str, Any]) -> None:
    assert accepted(unused).warnings == ()


def test_nothing_is_needed_for_a_first_look() -> None:
    assert accepted(GOOGLE, dev=True).third_party.providers.google.enabled
