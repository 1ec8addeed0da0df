"""Mistakes in the settings of other servers that Hanko starts with: the key is named, and what to write."""

from typing import Any

import pytest

from hanko_compat.config.server_advice import CLAIMS, EVENTS
from hanko_compat.oauth.claims import MOMENTS, SWITCHES, TEXTS
from hanko_compat.services.events import UserChange
from tests.config.example import accepted, refused
from tests.config.test_requirements import CUSTOM, GOOGLE, HOOK, PROVIDER, SAML
from tests.settings import merged

ISSUER = {"third_party.custom_providers.acme.issuer": "https://sso.example.test"}
WHOLE = merged(merged(merged(merged({}, CUSTOM | ISSUER), GOOGLE), SAML), HOOK)
ACME = "third_party.custom_providers.acme"
PLAIN = {f"{ACME}.{name}": f"https://sso.test/{name}" for name in ("token_endpoint", "userinfo_endpoint")} | {
    f"{ACME}.authorization_endpoint": "https://sso.test/authorize",
    f"{ACME}.use_discovery": False,
}
NO_URLS = ("auth.example.test", "/here", "file:///etc/x", "https://", "https://a b.test/", "https://[x/")


def warned(*changes: dict[str, Any]) -> list[str]:
    """The places of the warnings that a configuration that uses everything gets with *changes*."""
    settings = WHOLE
    for each in changes:
        settings = merged(settings, each)
    return [warning.path for warning in accepted(settings).warnings]


def idp(**changes: object) -> dict[str, Any]:
    return {"saml.identity_providers": [PROVIDER | changes]}


def hook(callback: str = "https://hook.test", *events: str) -> dict[str, Any]:
    return {"webhooks.hooks": [{"callback": callback, "events": list(events)}]}


def test_what_is_right_is_served_without_a_word() -> None:
    assert warned() == []
    assert warned(PLAIN) == []


KEYS = [
    "third_party.redirect_url",
    f"{ACME}.issuer",
    f"{ACME}.authorization_endpoint",
    f"{ACME}.token_endpoint",
    f"{ACME}.userinfo_endpoint",
    "saml.endpoint_url",
]
# Apps have schemes of their own, so another scheme is no mistake here.
KEYS_OF_APPS = ["third_party.error_redirect_url", "saml.default_redirect_url"]


@pytest.mark.parametrize(
    ("key", "text"),
    [(key, text) for key in KEYS for text in NO_URLS]
    + [(key, text) for key in KEYS_OF_APPS for text in NO_URLS if not text.startswith("file")],
)
def test_what_is_no_url_is_named(key: str, text: str) -> None:
    assert warned(PLAIN if "endpoint" in key else {}, {key: text}) == [key]


@pytest.mark.parametrize("text", NO_URLS)
def test_what_is_no_url_in_a_list_is_named(text: str) -> None:
    assert warned(idp(metadata_url=text)) == ["saml.identity_providers[0].metadata_url"]
    assert warned(hook(text, "user")) == ["webhooks.hooks[0].callback"]


def test_an_app_may_be_where_errors_go() -> None:
    assert warned({"third_party.error_redirect_url": "com.example.app://login"}) == []
    assert warned({"third_party.error_redirect_url": "javascript:alert(1)"}) == [
        "third_party.error_redirect_url"
    ]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        (
            {"third_party.redirect_url": "http://auth.example.test/thirdparty/callback"},
            "third_party.redirect_url",
        ),
        ({f"{ACME}.issuer": "http://sso.example.test"}, f"{ACME}.issuer"),
        (PLAIN | {f"{ACME}.token_endpoint": "http://sso.test/token"}, f"{ACME}.token_endpoint"),
        (idp(metadata_url="http://idp.test/metadata"), "saml.identity_providers[0].metadata_url"),
        (hook("http://hook.test", "user"), "webhooks.hooks[0].callback"),
    ],
)
def test_what_others_can_read_or_change_on_its_way_is_named(changes: dict[str, Any], place: str) -> None:
    assert warned(changes) == [place]


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:81", "keycloak:8080", "sso.internal"])
def test_on_this_host_and_in_ones_own_network_it_is_not(host: str) -> None:
    changes = {f"{ACME}.issuer": f"http://{host}"}
    assert warned(changes, idp(metadata_url=f"http://{host}/x"), hook(f"http://{host}/x", "user")) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"third_party.redirect_url": "https://auth.example.test"}, "third_party.redirect_url"),
        ({f"{ACME}.issuer": "https://sso.test/.well-known/openid-configuration"}, f"{ACME}.issuer"),
        ({f"{ACME}.issuer": ""}, f"{ACME}.issuer"),
        ({f"{ACME}.attribute_mapping": {"id": "sub"}}, f"{ACME}.attribute_mapping.id"),
        ({f"{ACME}.client_id": " id"}, f"{ACME}.client_id"),
        ({f"{ACME}.secret": "secret "}, f"{ACME}.secret"),
        ({"third_party.providers.google.secret": "secret "}, "third_party.providers.google.secret"),
        ({"third_party.providers.google.client_id": " id"}, "third_party.providers.google.client_id"),
        ({"saml.endpoint_url": "https://auth.example.test/saml"}, "saml.endpoint_url"),
        ({"saml.endpoint_url": "https://auth.example.test/saml/callback"}, "saml.endpoint_url"),
        (idp(domain="@corp.test"), "saml.identity_providers[0].domain"),
        (idp(domain="https://corp.test"), "saml.identity_providers[0].domain"),
        (idp(domain="corp"), "saml.identity_providers[0].domain"),
        (idp(domain="Corp.test"), "saml.identity_providers[0].domain"),
        (
            idp(attribute_map={"email": "", "email_verified": "verified"}),
            "saml.identity_providers[0].attribute_map.email",
        ),
        (hook(), "webhooks.hooks[0].events"),
        (hook("https://hook.test", "user", "user.created"), "webhooks.hooks[0].events[1]"),
        (hook("https://hook.test", "email.sent"), "webhooks.hooks[0].events[0]"),
    ],
)
def test_what_is_easily_taken_for_something_else_is_named(changes: dict[str, Any], place: str) -> None:
    assert warned(changes) == [place]


def test_what_is_below_saml_may_be_a_path_of_the_operator() -> None:
    assert warned({"saml.endpoint_url": "https://auth.example.test/saml/x/auth/"}) == []


def test_attributes_may_be_mapped_to_each_claim() -> None:
    assert {*CLAIMS} == TEXTS | SWITCHES | MOMENTS
    assert warned({f"{ACME}.attribute_mapping": dict.fromkeys(CLAIMS, "theirs")}) == []


def test_each_event_that_is_told_can_be_subscribed_to() -> None:
    assert {*UserChange, "email.send"} <= {*EVENTS, "user.update"}
    assert (
        warned(hook("https://hook.test", *EVENTS, "user", "user.update", "user.update.email", "email")) == []
    )


@pytest.mark.parametrize("section", ["third_party", "saml"])
@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("https://**", "Sends browsers with one-time tokens to sites of strangers"),
        ("https://*.vercel.app/**", "Sends browsers with one-time tokens to sites of strangers"),
        ("https://example.test/done ", "Fits no URL"),
        ("https://somebody@example.test/done", "Fits no URL"),
        ("^https://[a-z]*.example.test/done$", "Fits no URL, as none has '^' there"),
        ("https://b\u00fccher.test/**", "Fits no URL, as none has '\u00fc' there"),
        ("https://example.test/{\u00e4,\u00f6}", "Fits no URL, as none has '\u00e4' there"),
        ("https://example.test:443x/done", "Fits no URL, as none has 'x' there"),
    ],
)
def test_redirects_to_strangers_and_to_nobody_are_named(section: str, pattern: str, says: str) -> None:
    patterns = ["https://*.example.com/**", pattern]
    (warning,) = accepted(merged(WHOLE, {f"{section}.allowed_redirect_urls": patterns})).warnings
    assert str(warning).startswith(f"{section}.allowed_redirect_urls[1]: {says}")


def test_two_providers_of_one_name_are_refused() -> None:
    acme = CUSTOM["third_party.custom_providers"]["acme"] | {"issuer": "https://sso.example.test"}
    changes = CUSTOM | {"third_party.custom_providers": {"acme": acme, "Acme": acme}}
    assert refused(changes) == [
        "third_party.custom_providers.Acme: Stands twice, in letters of different case."
    ]


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (
            {"third_party.providers.github": {"client_id": "id"}},
            "third_party.providers.github",
        ),
        ({"third_party.custom_providers.other": {"client_id": "id"}}, "third_party.custom_providers.other"),
        (
            {"saml.identity_providers": [{k: v for k, v in PROVIDER.items() if k != "enabled"}]},
            "saml.identity_providers[0]",
        ),
    ],
)
def test_a_provider_that_is_neither_on_nor_off(entry: dict[str, Any], place: str) -> None:
    assert warned(entry) == [f"{place}.enabled"]


GITHUB = {"client_id": "id", "secret": "a secret"}


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_provider_that_is_switched_gets_no_word(is_enabled: bool) -> None:
    assert warned({"third_party.providers.github": GITHUB | {"enabled": is_enabled}}) == []
