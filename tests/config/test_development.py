import pytest

from hanko_compat.config import from_mapping
from tests.settings import settings_on

URL = "http://localhost:8000"


def configured(changes, *, dev=True):
    return from_mapping(settings_on("sqlite:///unused", changes), environ={}, dev=dev)


def test_what_is_not_given_leads_back_to_the_playground():
    config = configured({"hanko_compat.public_url": URL, "saml.enabled": True})
    third_party, saml = config.third_party, config.saml
    assert third_party.redirect_url == f"{URL}/thirdparty/callback"
    assert third_party.error_redirect_url == saml.default_redirect_url == f"{URL}/playground"
    assert third_party.allowed_redirect_urls == saml.allowed_redirect_urls == (f"{URL}/playground",)
    assert saml.endpoint_url == saml.audience_uri == URL


def test_what_is_given_stays():
    given = {
        "redirect_url": "https://auth.example.com/thirdparty/callback",
        "error_redirect_url": "https://example.com/error",
        "allowed_redirect_urls": ["https://example.com/{a,b}"],
    }
    section = configured({"hanko_compat.public_url": URL, "third_party": given}).third_party
    assert (section.redirect_url, section.error_redirect_url) == tuple(given.values())[:2]
    assert section.allowed_redirect_urls == ("https://example.com/{a,b}", f"{URL}/playground")


@pytest.mark.parametrize(("url", "dev"), [(URL, False), ("", True)])
def test_nothing_is_added_elsewhere(url, dev):
    config = configured({"hanko_compat.public_url": url}, dev=dev)
    assert (config.third_party.allowed_redirect_urls, config.third_party.redirect_url) == ((), "")


def test_no_character_of_the_url_is_a_wildcard():
    section = configured({"hanko_compat.public_url": "http://[2001:db8::1]:8000"}).third_party
    assert section.allowed_redirect_urls == (r"http://\[2001:db8::1\]:8000/playground",)


def test_what_is_added_is_not_missed():
    google = {"enabled": True, "client_id": "x", "secret": "y"}
    idp = {
        "enabled": True,
        "name": "Corp",
        "domain": "corp.test",
        "metadata_url": "https://idp.test",
        "skip_email_verification": True,
    }
    saml = {"enabled": True, "identity_providers": [idp]}
    changes = {"hanko_compat.public_url": URL, "third_party.providers.google": google, "saml": saml}
    assert configured(changes).warnings == ()
