"""The providers that are built in: where browsers are sent to, as recorded, and what they tell of users."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from hanko_compat.config import from_mapping
from hanko_compat.oauth.built_in import BUILT_IN
from hanko_compat.wiring import build
from hanko_compat.wiring.providers import build_provider_client, build_providers
from tests.oauth.conftest import REDIRECT_URI
from tests.settings import BASE, merged

URLS = {
    "apple": "https://appleid.apple.com/auth/authorize",
    "discord": "https://discord.com/oauth2/authorize",
    "facebook": "https://www.facebook.com/v21.0/dialog/oauth",
    "github": "https://github.com/login/oauth/authorize",
    "google": "https://accounts.google.com/o/oauth2/auth",
    "microsoft": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
}
SCOPES = {
    "apple": "name email",
    "discord": "identify email",
    "facebook": "email public_profile",
    "github": "user:email user:read",
    "google": "email profile",
    "linkedin": "openid profile email",
    "microsoft": "openid profile email",
}
PKCE = {"discord", "github", "google", "microsoft"}
NONCE = {"apple", "microsoft"}
"""Those that send an ID token of which the user is read; LinkedIn repeats no nonce."""


def parts_with(**third_party):
    settings = {
        "redirect_url": REDIRECT_URI,
        "error_redirect_url": "http://localhost:8888/error",
        "allowed_redirect_urls": ["http://localhost:8888/done"],
        **third_party,
    }
    return build(
        from_mapping(
            merged(BASE, {"third_party": settings, "database.url": "sqlite:////nowhere/x.sqlite3"}),
            environ={},
        )
    )


def enabled(name, **settings):
    registration = {"enabled": True, "client_id": "id", "secret": "secret", **settings}
    parts = parts_with(providers={name: registration})
    return build_providers(parts)[name], build_provider_client(parts)


@pytest.mark.parametrize("name", sorted(URLS))
def test_where_browsers_are_sent(name):
    provider, client = enabled(name)
    url = client.authorization_url(
        provider, redirect_uri=REDIRECT_URI, state="s", nonce="n", code_verifier=None
    )
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == URLS[name]
    assert dict(parse_qsl(parts.query)) == {
        "client_id": "id",
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": SCOPES[name],
        "state": "s",
        **({"nonce": "n"} if name in NONCE else {}),
        **({"response_mode": "form_post"} if name == "apple" else {}),
    }
    assert "+" not in url
    assert client.supports_pkce(provider) == (name in PKCE)


def test_a_prompt_where_configured():
    provider, client = enabled("google", prompt="select_account")
    url = client.authorization_url(
        provider, redirect_uri=REDIRECT_URI, state="s", nonce="n", code_verifier=None
    )
    assert "prompt=select_account" in url


def test_the_table_has_all_of_the_configuration():
    registration = {"enabled": True, "client_id": "id", "secret": "secret", "allow_linking": False}
    providers = build_providers(parts_with(providers=dict.fromkeys(BUILT_IN, registration)))
    assert {name: " ".join(provider.scopes) for name, provider in providers.items()} == SCOPES
    assert not any(provider.allow_linking or provider.private_hosts for provider in providers.values())


def test_custom_providers_are_known_by_their_prefix():
    custom = {
        "enabled": True,
        "display_name": "Corp",
        "client_id": "id",
        "secret": "secret",
        "scopes": ["openid"],
        "allow_linking": True,
        "attribute_mapping": {"sub": "id"},
    }
    endpoints = {
        "authorization_endpoint": "https://login.corp.test/authorize",
        "token_endpoint": "https://API.corp.test/token",
        "userinfo_endpoint": "http://[fd00::1]:8080/userinfo",
    }
    providers = build_providers(
        parts_with(
            custom_providers={
                "Found": custom | {"issuer": "http://idp.corp.test:8080/realms/corp"},
                "given": custom | endpoints | {"use_discovery": False},
                "dark": custom | {"enabled": False},
            }
        )
    )
    assert set(providers) == {"custom_found", "custom_given"}
    found, given = providers["custom_found"], providers["custom_given"]
    assert (found.endpoints, found.private_hosts) == (None, {"idp.corp.test"})
    assert given.private_hosts == {"api.corp.test", "fd00::1"}
    assert (given.display_name, given.allow_linking, given.attribute_mapping) == ("Corp", True, {"sub": "id"})
