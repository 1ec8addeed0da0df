"""Log-in by SAML, by ``saml.*``. Where it is off, pysaml2 is neither needed nor loaded."""

from collections.abc import Callable
from functools import cache

from hanko_compat.config.origins import THIS_HOST, web_host
from hanko_compat.saml import library
from hanko_compat.saml.idp_metadata import parse_metadata
from hanko_compat.saml.service_provider import ServiceProvider, ServiceProviderOptions
from hanko_compat.services.redirects import AllowedRedirects
from hanko_compat.services.saml.answers import SamlAnswers
from hanko_compat.services.saml.identity_providers import IdentityProviders
from hanko_compat.services.saml.login import SamlLogin, SamlRules
from hanko_compat.services.saml.metadata_source import MetadataSource
from hanko_compat.services.saml.metadata_thread import MetadataThread
from hanko_compat.services.saml.refusals import SamlRefusals
from hanko_compat.services.saml.requests import CALLBACK_PATH, SamlRequests
from hanko_compat.services.saml.serving import Binding, SamlServices
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.identities import build_identities
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.rate_limits import build_rate_limits
from hanko_compat.wiring.saml_certificates import build_certificates


def build_saml(parts: Parts) -> SamlServices | None:
    """The services of SAML; None where it is off."""
    saml = parts.config.saml
    if not saml.enabled:
        return None
    providers = parts.get(build_identity_providers)
    return SamlServices(
        answers=parts.get(build_answers),
        binding=_binding(saml.endpoint_url),
        certificates=parts.get(build_certificates),
        providers=providers,
        service_provider=parts.get(build_service_provider),
        thread=MetadataThread(providers),
    )


def _binding(endpoint_url: str) -> Binding:
    if endpoint_url.lower().startswith("https:"):
        return Binding.SECURE_COOKIE
    return Binding.MACHINE if web_host(endpoint_url) in THIS_HOST else Binding.COOKIE


def build_answers(parts: Parts) -> SamlAnswers:
    """What answers browsers."""
    config, database = parts.config, parts.get(build_database)
    saml, own = config.saml, config.hanko_compat.saml
    redirects = AllowedRedirects(saml.allowed_redirect_urls)
    login = SamlLogin(
        providers=parts.get(build_identity_providers),
        requests=SamlRequests(database, now=parts.now),
        service_provider=parts.get(build_service_provider),
        identities=parts.get(build_identities),
        redirects=redirects,
        rules=SamlRules(
            requires_verified_email=config.email.require_verification,
            takes_parents=own.allow_parent_domain,
            unsolicited_redirect=saml.default_redirect_url if own.allow_unsolicited else None,
        ),
    )
    refusals = SamlRefusals(
        database,
        events=parts.get(build_events),
        redirects=redirects,
        default_url=saml.default_redirect_url,
    )
    return SamlAnswers(login, refusals, rate_limits=parts.get(build_rate_limits))


def build_identity_providers(parts: Parts) -> IdentityProviders:
    """The identity providers, whose metadata nobody has fetched yet."""
    fetch = metadata_source().fetch
    return IdentityProviders(parts.config.saml.identity_providers, fetch=fetch, now=parts.now)


def metadata_source() -> MetadataSource:
    """What fetches the metadata of identity providers."""
    return MetadataSource(parse_metadata)


def require_saml() -> None:
    """Check that pysaml2 and xmlsec1 are there.

    Raises:
        SamlNotInstalled: one is missing; the text says what to install.
    """
    library.require()


def build_service_provider(parts: Parts) -> Callable[[], ServiceProvider]:
    """What makes the service provider when it is first called: pysaml2 takes a second to load."""
    saml, options = parts.config.saml, parts.config.saml.options
    entity_id = saml.endpoint_url.rstrip("/")
    settings = ServiceProviderOptions(
        entity_id=entity_id,
        acs_url=entity_id + CALLBACK_PATH,
        audience=saml.audience_uri,
        force_login=options.force_login,
        sign_authn_requests=options.sign_authn_requests,
        skip_signature_validation=options.skip_signature_validation,
        allow_missing_attributes=options.allow_missing_attributes,
        validate_encryption_cert=options.validate_encryption_cert,
    )
    key_pairs = parts.get(build_certificates)
    return cache(lambda: ServiceProvider(settings, key_pairs=key_pairs, now=parts.now))
