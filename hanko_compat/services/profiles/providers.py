"""The names under which people know identity providers."""

from collections.abc import Mapping

from hanko_compat.config.third_party import ThirdParty

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


def enabled(section: ThirdParty) -> dict[str, str]:
    """The providers that ``third_party`` enables: how people know each, by its id."""
    built_in = {key: name for key, name in BUILT_IN.items() if getattr(section.providers, key).enabled}
    return built_in | {
        CUSTOM_PREFIX + key.lower(): custom.display_name or key
        for key, custom in section.custom_providers.items()
        if custom.enabled
    }


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
