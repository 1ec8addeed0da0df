"""Profiles, with the names of providers by ``third_party.*`` and ``saml.*``."""

from hanko_compat.services.profiles.profiles import ProfileRules, Profiles
from hanko_compat.services.profiles.providers import ProviderNames
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.parts import Parts


def build_profiles(parts: Parts) -> Profiles:
    """What a user may see of itself."""
    config = parts.config
    mfa, custom = config.mfa, config.third_party.custom_providers
    return Profiles(
        parts.get(build_database),
        providers=ProviderNames(
            custom={name: provider.display_name or name for name, provider in custom.items()},
            saml={provider.domain: provider.name for provider in config.saml.identity_providers},
        ),
        rules=ProfileRules(
            passkeys_enabled=config.passkey.enabled,
            totp_enabled=mfa.totp.enabled,
            security_keys_enabled=mfa.security_keys.enabled,
            mfa_enabled=mfa.enabled,
        ),
    )
