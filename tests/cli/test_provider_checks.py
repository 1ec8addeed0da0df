from datetime import timedelta

import pytest

from hanko_compat.cli.checks import Level
from hanko_compat.cli.provider_checks import judge, of_providers, redirect_remarks
from hanko_compat.config import from_mapping
from hanko_compat.services.third_party.examination import Examined
from tests.gateway import HttpGateway
from tests.settings import settings_on

PLACE = "https://sso.example.com/token"
HEALTHY = {
    "webauthn.relying_party.id": "example.com",
    "hanko_compat.public_url": "https://auth.example.com",
    "server.public.cors.allow_origins": ["https://example.com"],
    "webauthn.relying_party.origins": ["https://example.com"],
    "third_party.redirect_url": "https://auth.example.com/thirdparty/callback",
    "third_party.error_redirect_url": "https://example.com/error",
    "third_party.allowed_redirect_urls": ["https://example.com/**"],
}


def configured(changes=None):
    settings = settings_on("sqlite:///unused", HEALTHY | (changes or {}))
    return from_mapping(settings, environ={})


def test_redirects_that_fit():
    assert list(redirect_remarks(configured())) == []


@pytest.mark.parametrize(
    ("changes", "level", "told"),
    [
        ({"third_party.redirect_url": "https://auth.example.com/callback"}, Level.FAILURE, "has to end in"),
        (
            {"third_party.redirect_url": "https://login.example.com/thirdparty/callback"},
            Level.WARNING,
            "hanko_compat.public_url",
        ),
        (
            {
                "third_party.redirect_url": "http://auth.example.com/thirdparty/callback",
                "hanko_compat.public_url": "",
            },
            Level.WARNING,
            "https only",
        ),
        ({"third_party.allowed_redirect_urls": ["https://**"]}, Level.FAILURE, "sites of strangers"),
        (
            {"third_party.allowed_redirect_urls": ["https://*.pages.dev", "https://example.com/**"]},
            Level.FAILURE,
            "of strangers",
        ),
        ({"third_party.allowed_redirect_urls": ["http*://**.*/**"]}, Level.FAILURE, "sites of strangers"),
        (
            {"third_party.allowed_redirect_urls": ["http://example.com/**", "https://example.com/**"]},
            Level.WARNING,
            "read on their way",
        ),
        (
            {"third_party.allowed_redirect_urls": ["https://app.example.com/**"]},
            Level.WARNING,
            "add https://example.com/**",
        ),
    ],
)
def test_redirects_that_do_not_fit(changes, level, told):
    [(found, text)] = redirect_remarks(configured(changes))
    assert found is level
    assert told in text


@pytest.mark.parametrize(
    ("examined", "level", "told"),
    [
        (Examined(place=PLACE, has_pkce=True, skew=timedelta(seconds=3)), Level.OK, "with PKCE"),
        (Examined(place=PLACE), Level.OK, "without PKCE"),
        (Examined(place=PLACE, silence="timed out"), Level.WARNING, "can't be used: timed out"),
        (Examined(place=PLACE, fault="it says that"), Level.FAILURE, "nobody can log in"),
    ],
)
def test_what_an_examination_means(examined, level, told):
    [(found, text)] = judge(examined)
    assert found is level
    assert PLACE in text
    assert told in text


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_clock_that_is_off(minutes):
    told = list(judge(Examined(place=PLACE, skew=timedelta(minutes=minutes))))
    assert [level for level, _ in told] == [Level.WARNING, Level.OK]
    assert "300 s off" in told[0][1]


def test_nothing_is_said_of_no_provider():
    assert list(of_providers(configured())) == []


def test_each_provider_is_asked():
    with HttpGateway(status=405) as gateway:
        endpoints = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
        entry = {
            "enabled": True,
            "display_name": "Main",
            "client_id": "hanko",
            "secret": "secret",
            "scopes": ["email"],
            "use_discovery": False,
            **dict.fromkeys(endpoints, gateway.url),
        }
        config = configured(
            {"third_party.custom_providers": {"main": entry, "dark": entry | {"enabled": False}}}
        )
        redirects, provider = of_providers(config)
    assert (redirects.level, redirects.subject) == (Level.OK, "redirects")
    assert (provider.level, provider.subject) == (Level.OK, "provider")
    assert provider.text.startswith(f"custom_main: {gateway.url} answers")
