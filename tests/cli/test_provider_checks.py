from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hanko_compat.cli.checks import Level
from hanko_compat.cli.provider_checks import apple_remarks, judge, of_providers, redirect_remarks
from hanko_compat.config import from_mapping
from hanko_compat.jose import apple_secret
from hanko_compat.services.third_party.examination import Examined
from tests.gateway import HttpGateway
from tests.settings import settings_on

NOW = datetime(2026, 1, 1, tzinfo=UTC)
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
        (Examined(place=PLACE, silence="certificate: unknown"), Level.WARNING, "SSL_CERT_FILE"),
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


def apple_secret_for(service_id, *, days):
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    ids = {"team_id": "TEAM123456", "key_id": "KEY1234567", "service_id": service_id}
    ends = NOW + timedelta(days=days)
    return apple_secret.sign(**ids, key=pem, issued_at=ends - timedelta(days=90), expires_at=ends)


@pytest.mark.parametrize(
    ("secret", "level", "told"),
    [
        ("no token", Level.FAILURE, "not what Apple takes"),
        ("eyJhbGciOiJub25lIn0.e30.", Level.FAILURE, "not what Apple takes"),
        (apple_secret_for("com.example.other", days=90), Level.FAILURE, "is for com.example.other"),
        (apple_secret_for("com.example.login", days=-1), Level.FAILURE, "ended on 2025-12-31"),
        (apple_secret_for("com.example.login", days=29), Level.WARNING, "ends on 2026-01-30"),
    ],
)
def test_a_secret_that_apple_will_not_take(secret, level, told):
    apple = {"enabled": True, "client_id": "com.example.login", "secret": secret}
    config = configured({"third_party.providers.apple": apple})
    [(found, text)] = apple_remarks(config, now=lambda: NOW)
    assert (found, told in text) == (level, True)
    assert secret not in text


def test_a_secret_that_apple_takes_for_long():
    secret = apple_secret_for("com.example.login", days=31)
    apple = {"enabled": True, "client_id": "com.example.login", "secret": secret}
    assert list(apple_remarks(configured({"third_party.providers.apple": apple}), now=lambda: NOW)) == []
