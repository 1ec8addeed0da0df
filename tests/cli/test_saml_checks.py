from datetime import UTC, datetime, timedelta

import pytest

from hanko_compat.cli.checks import Level
from hanko_compat.cli.saml_checks import check_saml, judge, judge_own, of_settings
from hanko_compat.config import from_mapping
from hanko_compat.saml import xmlsec1
from hanko_compat.services.saml.certificates import CertificateStatus
from hanko_compat.services.saml.examination import ExaminedIdp
from tests.saml.identity_provider import IdentityProvider
from tests.settings import settings_on

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEALTHY = {
    "webauthn.relying_party.id": "example.com",
    "webauthn.relying_party.origins": ["https://example.com"],
    "server.public.cors.allow_origins": ["https://example.com"],
    "hanko_compat.public_url": "https://auth.example.com",
    "saml.endpoint_url": "https://auth.example.com/",
    "saml.allowed_redirect_urls": ["https://example.com/**"],
}


def settings_remarks(changes=None):
    settings = settings_on("sqlite:///unused", HEALTHY | (changes or {}))
    return list(of_settings(from_mapping(settings, environ={})))


def company(provider):
    """The settings of a server that knows one identity provider, and one more that is off."""
    entry = {
        "enabled": True,
        "name": "Corp",
        "domain": "corp.example.test",
        "metadata_url": f"{provider.base}/metadata",
    }
    return {
        "saml": {
            "enabled": True,
            "endpoint_url": "http://localhost:8000",
            "audience_uri": "http://localhost:8000",
            "allowed_redirect_urls": ["http://localhost:8888/**"],
            "identity_providers": [entry, entry | {"enabled": False, "domain": "off.example.test"}],
        }
    }


def test_settings_that_fit():
    assert settings_remarks() == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"saml.endpoint_url": "https://login.example.com"}, "hanko_compat.public_url"),
        (
            {"saml.endpoint_url": "http://auth.example.com", "hanko_compat.public_url": ""},
            "https only",
        ),
        ({"saml.allowed_redirect_urls": []}, "add https://example.com/**"),
    ],
)
def test_settings_that_do_not_fit(changes, told):
    [(level, text)] = settings_remarks(changes)
    assert level is Level.WARNING
    assert told in text


@pytest.mark.parametrize(
    ("examined", "level", "told"),
    [
        (ExaminedIdp(entity_id="urn:idp"), Level.OK, "urn:idp can be used"),
        (ExaminedIdp(certificate_ends_at=NOW + timedelta(days=31)), Level.OK, "can be used"),
        (ExaminedIdp(certificate_ends_at=NOW + timedelta(days=29)), Level.WARNING, "ends on 2026-01-30"),
        (ExaminedIdp(certificate_ends_at=NOW), Level.WARNING, "ended on 2026-01-01"),
        (ExaminedIdp(silence="timed out"), Level.WARNING, "timed out"),
        (ExaminedIdp(silence="certificate: unknown"), Level.WARNING, "SSL_CERT_FILE"),
        (ExaminedIdp(fault="no certificate"), Level.FAILURE, "no certificate"),
    ],
)
def test_what_an_examination_means(examined, level, told):
    [(found, text)] = judge(examined, now=NOW)
    assert found is level
    assert told in text


def test_metadata_that_are_over():
    [(level, text), _] = judge(ExaminedIdp(valid_until=NOW), now=NOW)
    assert level is Level.FAILURE
    assert "2026-01-01" in text


@pytest.mark.parametrize(("seconds", "is_told"), [(-31, True), (-29, False), (29, False), (31, True)])
def test_a_clock_that_is_off(seconds, is_told):
    *told, (level, _) = judge(ExaminedIdp(skew=timedelta(seconds=seconds)), now=NOW)
    assert level is Level.OK
    assert [text.startswith("its clock is 31 s off ours") for _, text in told] == [True] * is_told


@pytest.mark.parametrize(
    ("status", "level", "told"),
    [
        (None, Level.OK, "first needed"),
        (CertificateStatus(NOW + timedelta(days=31), is_renewed_here=False), Level.OK, "2026-02-01"),
        (CertificateStatus(NOW + timedelta(days=9), is_renewed_here=True), Level.WARNING, "makes another"),
        (CertificateStatus(NOW + timedelta(days=9), is_renewed_here=False), Level.WARNING, "never renews"),
        (CertificateStatus(NOW, is_renewed_here=True), Level.WARNING, "ended on 2026-01-01"),
        (CertificateStatus(NOW, is_renewed_here=False), Level.WARNING, "ended on 2026-01-01"),
        (
            CertificateStatus(NOW + timedelta(days=999), True, NOW + timedelta(days=9)),
            Level.WARNING,
            "ends on 2026-01-10; the next one, in our metadata, ends on 2028-09-26",
        ),
        (CertificateStatus(NOW + timedelta(days=999), True, NOW), Level.WARNING, "ended on 2026-01-01; the"),
    ],
)
def test_our_own_certificate(status, level, told):
    found, text = judge_own(status, now=NOW)
    assert found is level
    assert told in text


def test_nothing_is_said_where_saml_is_off(services):
    assert list(check_saml(services)) == []


def test_each_identity_provider_is_asked(make_services):
    with IdentityProvider() as provider:
        idp, own = check_saml(make_services(company(provider)))
    assert idp[0] is Level.WARNING  # the certificate of the tests' provider is over
    assert idp[1].startswith("corp.example.test: its certificate ended on ")
    assert own == (Level.OK, "our certificate is made when it is first needed")


def test_the_program_is_named_that_is_missing(make_services, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    xmlsec1.find.cache_clear()
    with IdentityProvider() as provider:
        [(level, text)] = check_saml(make_services(company(provider)))
    xmlsec1.find.cache_clear()
    assert level is Level.FAILURE
    assert "apt-get install xmlsec1" in text
