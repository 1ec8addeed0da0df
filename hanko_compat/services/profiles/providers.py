"""The names under which people know identity providers."""

from collections.abc import Mapping

# In the order of Hanko 2.7.0, which `/.well-known/config` shows.
BUILT_IN = {
    "apple": "Apple",
    "discord": "Discord",
    "github": "GitHub",
    "google": "Google",
    "linkedin": "LinkedIn",
    "microsoft": "Microsoft",
    "facebook": "Facebook",
}
CUSTOM_PREFIX = "custom_"  # of the ids of custom providers in the table ``identities``


class ProviderNames:
    """Finds the name of the provider that an identity came from."""

    def __init__(self, *, custom: Mapping[str, str], saml: Mapping[str, str]) -> None:
        """*custom* maps the keys of the configuration to display names, *saml* domains to names."""
        self._by_id = BUILT_IN | {CUSTOM_PREFIX + key.lower(): name for key, name in custom.items()}
        self._saml = saml

    def find(self, provider_id: str, *, saml_domain: str | None) -> str:
        """The name people know; for a provider that is no longer configured, its id."""
        if saml_domain is not None:
            return self._saml.get(saml_domain, provider_id)
        return self._by_id.get(provider_id) or provider_id
