"""What views and processes call of SAML."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hanko_compat.saml.key_pairs import KeyPairs
from hanko_compat.saml.service_provider import ServiceProvider
from hanko_compat.services.saml.answers import SamlAnswers
from hanko_compat.services.saml.identity_providers import IdentityProviders
from hanko_compat.services.saml.metadata_thread import MetadataThread


class Binding(StrEnum):
    """How the browser is known again that was sent to an identity provider."""

    SECURE_COOKIE = "secure cookie"
    COOKIE = "cookie"
    """Over plain HTTP, where no cookie can be both sent by a POST of another site and secure."""
    MACHINE = "machine"
    """By address and User-Agent, where browser and server are on one machine, over plain HTTP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlServices:
    """The services of SAML.

    ``service_provider`` loads pysaml2 when it is first called, and raises SamlNotInstalled where that or
    xmlsec1 is missing.
    """

    answers: SamlAnswers
    binding: Binding
    certificates: KeyPairs
    providers: IdentityProviders
    service_provider: Callable[[], ServiceProvider]
    thread: MetadataThread
