import pytest

from hanko_compat.services.profiles.providers import ProviderNames

NAMES = ProviderNames(custom={"Acme": "Acme Identity"}, saml={"corp.example.test": "Corporate"})


@pytest.mark.parametrize(
    ("provider_id", "saml_domain", "name"),
    [
        ("google", None, "Google"),
        ("github", None, "GitHub"),
        ("custom_acme", None, "Acme Identity"),
        ("custom_gone", None, "custom_gone"),
        ("anything", "corp.example.test", "Corporate"),
        ("anything", "gone.example.test", "anything"),
    ],
)
def test_people_know_providers_by_their_names(provider_id, saml_domain, name):
    assert NAMES.find(provider_id, saml_domain=saml_domain) == name
