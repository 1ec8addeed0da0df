"""``third_party.*`` and ``saml.*``: what frontends are told, and where browsers are sent."""

from typing import Any

import pytest

from tests.effects.caller import NOT_FOUND, Caller, refusal, seen
from tests.effects.conftest import Serve
from tests.effects.rows import shows
from tests.third_party import custom_provider, place_of

NAMES = {
    "apple": "Apple",
    "discord": "Discord",
    "github": "GitHub",
    "google": "Google",
    "linkedin": "LinkedIn",
    "microsoft": "Microsoft",
    "facebook": "Facebook",
}
DISABLED = {
    "apple": "apple provider requested but disabled",
    "discord": "discord provider is disabled",
    "facebook": "facebook provider is disabled",
    "github": "github provider requested but disabled",
    "google": "google provider is disabled",
    "linkedin": "linkedIn provider is disabled",
    "microsoft": "microsoft provider is disabled",
}
URLS: dict[str, Any] = {
    "redirect_url": "http://localhost:8000/thirdparty/callback",
    "error_redirect_url": "http://localhost:8888/error",
    "allowed_redirect_urls": ["http://localhost:8888/done"],
}
IDENTITY_PROVIDER = {
    "enabled": True,
    "name": "Corp",
    "domain": "corp.example.test",
    "metadata_url": "http://127.0.0.1:9/metadata",
}
SAML_REQUESTS = (
    ("GET", "/saml/provider?domain=corp.example.test"),
    ("GET", "/saml/metadata?domain=corp.example.test"),
    ("GET", "/saml/auth?domain=corp.example.test&redirect_to=http://localhost:8888/done"),
    ("POST", "/saml/callback"),
)


def providers(*enabled: str) -> dict[str, Any]:
    """A configuration with these built-in providers."""
    credentials = {"enabled": True, "client_id": "id", "secret": "secret"}
    return {"third_party": {**URLS, "providers": dict.fromkeys(enabled, credentials)}}


def custom(*, enabled: bool) -> dict[str, Any]:
    """A configuration with a custom provider."""
    stub = custom_provider("https://provider.example.test", enabled=enabled)
    return {"third_party": {**URLS, "custom_providers": {"stub": stub}}}


def saml(*, enabled: bool, provider_enabled: bool = True) -> dict[str, Any]:
    """A configuration with one identity provider."""
    settings = {
        "enabled": enabled,
        "endpoint_url": "http://localhost:8000",
        "audience_uri": "urn:test",
        "identity_providers": [IDENTITY_PROVIDER | {"enabled": provider_enabled}],
    }
    return {"saml": settings}


@shows("third_party.providers.*.enabled", "all seven true")
@pytest.mark.parametrize("enabled", [tuple(NAMES), ("facebook", "apple"), ("google",), ()], ids=len)
def test_frontends_are_told_of_providers_in_a_fixed_order(serve: Serve, enabled: tuple[str, ...]) -> None:
    told = serve(providers(*enabled)).config()["providers"]
    assert told == ([name for key, name in NAMES.items() if key in enabled] or None)


def start(caller: Caller, name: str) -> tuple[str, dict[str, str]]:
    """Where the button of a provider leads."""
    answer = caller.get(f"/thirdparty/auth?provider={name}&redirect_to={URLS['allowed_redirect_urls'][0]}")
    assert answer.status_code == 307
    return place_of(answer)


@shows("third_party.providers.google.enabled", "true")
def test_a_button_leads_to_its_provider(serve: Serve) -> None:
    place, query = start(serve(providers("google")), "google")
    assert (place, query["client_id"]) == ("https://accounts.google.com/o/oauth2/auth", "id")


@shows("third_party.providers.google.enabled", "false, URLs configured")
def test_a_provider_that_is_off_is_an_error(serve: Serve) -> None:
    caller = serve({"third_party": URLS})
    for name, text in DISABLED.items():
        error = {"error": "invalid_request", "error_description": text}
        assert start(caller, name) == (URLS["error_redirect_url"], error)
    for method in ("get", "post"):
        call = getattr(caller.client, method)
        assert call("/thirdparty/callback", data={"state": "x"}).status_code in (303, 307)


@shows("third_party.custom_providers.stub.enabled", "true")
def test_a_button_leads_to_a_custom_provider(serve: Serve) -> None:
    caller = serve(custom(enabled=True))
    assert start(caller, "custom_stub")[0] == "https://provider.example.test/authorize"
    assert caller.config()["providers"] is None


@shows("third_party.custom_providers.stub.enabled", "false")
def test_a_custom_provider_that_is_off_is_an_error(serve: Serve) -> None:
    caller = serve(custom(enabled=False))
    assert start(caller, "custom_stub")[1]["error_description"] == "provider custom_stub is disabled"
    assert start(caller, "custom_none")[1]["error_description"] == "unknown provider: custom_none"


@shows("third_party.error_redirect_url", "unset, no provider")
def test_without_a_place_for_errors_they_stay_where_they_are(base: Caller) -> None:
    place, query = start(base, "google")
    assert place == ""
    assert query["error_description"] == f"redirect to '{URLS['allowed_redirect_urls'][0]}' not allowed"


@shows("saml.enabled", "false (default), also with an enabled provider")
@pytest.mark.parametrize("changes", [{}, saml(enabled=False)], ids=["without", "with a provider"])
def test_paths_of_saml_that_is_off_do_not_exist(serve: Serve, changes: dict[str, Any]) -> None:
    caller = serve(changes)
    for method, path in SAML_REQUESTS:
        assert seen(caller.call(method, path)) == NOT_FOUND
    assert caller.config()["use_enterprise"] is False


@shows("saml.enabled", "true, the provider enabled", "GET /.well-known/config")
@pytest.mark.parametrize("provider_enabled", [True, False])
def test_frontends_are_told_of_saml(serve: Serve, provider_enabled: bool) -> None:
    caller = serve(saml(enabled=True, provider_enabled=provider_enabled))
    assert caller.config()["use_enterprise"] is provider_enabled


@shows("saml.enabled", "true / false", "POST /token")
@pytest.mark.parametrize("enabled", [True, False])
def test_tokens_are_exchanged_with_or_without_saml(serve: Serve, enabled: bool) -> None:
    caller = serve(saml(enabled=enabled))
    assert seen(caller.post("/token", {"value": "unknown"})) == refusal(404, "token not found")
    assert seen(caller.post("/token_exchange", {"value": "unknown"})) == NOT_FOUND
