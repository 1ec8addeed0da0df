import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from hanko_compat.config import from_mapping
from hanko_compat.wiring.providers import provider_examination, providers_of
from tests.gateway import HttpGateway
from tests.settings import settings_on

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")


def examine(entry, *, timeout="10s"):
    """What is found out about the custom provider of those settings."""
    changes = {
        "third_party.custom_providers": {"main": entry},
        "hanko_compat.third_party.timeout": timeout,
    }
    config = from_mapping(settings_on("sqlite:///unused", changes), environ={}, dev=True)
    [provider] = providers_of(config).values()
    return provider_examination(config).examine(provider)


@pytest.fixture
def trusted(monkeypatch, authority):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


@pytest.mark.servers
@pytest.mark.usefixtures("trusted")
class TestDiscovery:
    def test_as_it_should_be(self, openid_provider):
        examined = examine(openid_provider.settings())
        assert (examined.silence, examined.fault, examined.has_pkce) == ("", "", True)
        assert abs(examined.skew) < timedelta(seconds=10)

    def test_another_issuer(self, openid_provider):
        openid_provider.fail("discovery", set={"issuer": "https://other.example.com"})
        assert "'https://other.example.com'" in examine(openid_provider.settings()).fault

    def test_no_pkce(self, openid_provider):
        openid_provider.fail("discovery", remove=["code_challenge_methods_supported"])
        examined = examine(openid_provider.settings())
        assert (examined.fault, examined.has_pkce) == ("", False)

    @pytest.mark.parametrize(
        ("how", "silence"),
        [
            ({"status": 503, "body": "busy"}, "status 503"),
            ({"body": "<html>"}, "no JSON"),
            ({"hangs": True}, "timed out"),
            ({"drips": True}, "timed out"),
        ],
        ids=str,
    )
    def test_no_answer(self, openid_provider, how, silence):
        openid_provider.fail("discovery", **how)
        assert silence in examine(openid_provider.settings(), timeout="1s").silence

    def test_a_certificate_of_nobody_we_trust(self, openid_provider, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", ssl.get_default_verify_paths().openssl_cafile)
        assert "certificate" in examine(openid_provider.settings()).silence


def plain(gateway):
    """The settings of a provider of plain OAuth 2.0."""
    return {"enabled": True, "use_discovery": False} | dict.fromkeys(ENDPOINTS, gateway.url)


def test_without_metadata_the_token_endpoint_is_looked_for():
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with HttpGateway(status=405) as gateway:
        examined = examine(plain(gateway))
        assert abs(examined.skew) < timedelta(seconds=10)
        assert (examined.place, examined.silence, examined.has_pkce) == (gateway.url, "", False)
        [asked] = gateway.received
        assert (asked.method, asked.body) == ("GET", b"")
        gateway.date = format_datetime(an_hour_ago, usegmt=True)
        skew = examine(plain(gateway)).skew
        assert timedelta(minutes=-61) < skew < timedelta(minutes=-59)
        gateway.date = "some day"
        assert examine(plain(gateway)).skew is None
    assert examine(plain(gateway)).silence != ""


def test_metadata_of_another_issuer_say_what_to_change():
    with HttpGateway(body=b'{"issuer": "https://sso.example.com"}') as gateway:
        issuer = gateway.url.rstrip("/")
        fault = examine({"enabled": True, "issuer": issuer}).fault
    told = f"it says that it is 'https://sso.example.com', and not '{issuer}'"
    assert fault == f"{told}: its issuer in the configuration has to be the same"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"issuer": None}, "it says that it is None"),
        ({"token_endpoint": 1}, "metadata whose token_endpoint is no URL"),
        ({"token_endpoint": "http://sso.example.com/token"}, "metadata whose token_endpoint is without TLS"),
        ({"authorization_endpoint": None}, "metadata without authorization_endpoint"),
        ({"userinfo_endpoint": None}, "metadata without userinfo_endpoint"),
    ],
    ids=str,
)
@pytest.mark.servers
@pytest.mark.usefixtures("trusted")
def test_what_no_log_in_could_use(openid_provider, changes, told):
    openid_provider.fail("discovery", set=changes)
    assert told in examine(openid_provider.settings()).fault
