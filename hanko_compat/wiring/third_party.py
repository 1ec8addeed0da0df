"""Log-in with other providers, by ``third_party.*``."""

from hanko_compat.services.profiles.providers import BUILT_IN, CUSTOM_PREFIX
from hanko_compat.services.redirects import AllowedRedirects
from hanko_compat.services.third_party.states import States
from hanko_compat.services.third_party.third_party import ThirdPartyLogin, ThirdPartyRules
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.identities import build_identities
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.providers import build_provider_client, build_providers
from hanko_compat.wiring.rate_limits import build_rate_limits


def build_third_party(parts: Parts) -> ThirdPartyLogin:
    """What sends browsers to providers and receives them."""
    config = parts.config
    section = config.third_party
    database = parts.get(build_database)
    return ThirdPartyLogin(
        database,
        providers=parts.get(build_providers),
        client=parts.get(build_provider_client),
        states=States(database, secrets=config.secrets.keys, now=parts.now),
        redirects=AllowedRedirects(
            section.allowed_redirect_urls, sites=config.webauthn.relying_party.origins
        ),
        rate_limits=parts.get(build_rate_limits),
        identities=parts.get(build_identities),
        events=parts.get(build_events),
        rules=ThirdPartyRules(
            known=frozenset(BUILT_IN) | {CUSTOM_PREFIX + name.lower() for name in section.custom_providers},
            redirect_url=section.redirect_url,
            error_redirect_url=section.error_redirect_url,
            requires_verified_email=config.email.require_verification,
        ),
    )
