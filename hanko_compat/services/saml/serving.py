"""What views and processes call of SAML."""

from collections.abc import Callable
from dataclasses import dataclass

from hanko_compat.saml.key_pairs import KeyPairs
from hanko_compat.saml.service_provider import ServiceProvider
from hanko_compat.services.saml.answers import SamlAnswers
from hanko_compat.services.saml.identity_providers import IdentityProviders
from hanko_compat.services.saml.metadata_thread import MetadataThread


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlServices:
    """The services of SAML.

    ``service_provider`` loads pysaml2 when it is first called, and raises SamlNotInstalled where that or
    xmlsec1 is missing. ``is_https`` says how browsers reach this server.
    """

    answers: SamlAnswers
    certificates: KeyPairs
    is_https: bool
    providers: IdentityProviders
    service_provider: Callable[[], ServiceProvider]
    thread: MetadataThread
