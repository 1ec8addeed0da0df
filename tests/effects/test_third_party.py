"""``third_party.*`` and ``saml.*``, as far as they are served: what frontends are told."""

from typing import Any

import pytest

from tests.effects.caller import NOT_FOUND, refusal, seen
from tests.effects.conftest import Serve
from tests.effects.rows import shows

NAMES = {
    "apple": "Apple",
    "discord": "Discord",
    "github": "GitHub",
    "google": "Google",
    "linkedin": "LinkedIn",
    "microsoft": "Microsoft",
    "facebook": "Facebook",
}
URLS = {
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
