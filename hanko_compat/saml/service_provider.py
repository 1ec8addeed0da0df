"""The service provider: its metadata, its requests, and what it reads in responses."""

from dataclasses import dataclass, field

from hanko_compat.clock import Clock
from hanko_compat.saml.assertion import Assertion
from hanko_compat.saml.identity_provider import IdpMetadata
from hanko_compat.saml.key_pairs import KeyPairs


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProviderOptions:
    """Who the service provider is, and ``saml.options``.

    ``entity_id`` is ``saml.endpoint_url`` without a slash at its end, ``acs_url`` that with
    ``/saml/callback``, ``audience`` is ``saml.audience_uri``.
    """

    entity_id: str
    acs_url: str
    audience: str
    force_login: bool = False
    sign_authn_requests: bool = False
    skip_signature_validation: bool = False
    allow_missing_attributes: bool = False
    validate_encryption_cert: bool = False


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """Where to send the browser, and the ID of the request in it (to compare with ``InResponseTo``)."""

    url: str = field(repr=False)
    request_id: str


class ServiceProvider:
    """Speaks SAML with any number of identity providers. Threads share it."""

    def __init__(self, options: ServiceProviderOptions, *, key_pairs: KeyPairs, now: Clock) -> None:
        self._options = options
        self._key_pairs = key_pairs
        self._now = now

    def metadata(self) -> bytes:
        """The metadata document (metadata s. 2.4.4), valid for seven days."""
        raise NotImplementedError

    def login_request(self, idp: IdpMetadata, *, relay_state: str) -> LoginRequest:
        """Ask *idp* to log somebody in: an ``AuthnRequest`` by HTTP-Redirect (bindings s. 3.4)."""
        raise NotImplementedError

    def read_response(self, document: str, idp: IdpMetadata, *, request_id: str | None) -> Assertion:
        """Check what the browser brought in ``SAMLResponse`` (base64) and return what it proves.

        *idp* is whom the request was sent to, or whom the (unverified) issuer names. *request_id* is that of
        the request; None where none was made, and then a response to some request is refused.
        Whether the response was taken before is for the caller to remember, by issuer and ``response_id``.

        Raises:
            SamlResponseUnreadable: no base64, no XML, hostile XML, too much of it.
            SamlResponseNodeMissing: it is another document.
            SamlIssuerMissing: it names no issuer.
            SamlResponseIdMissing: it has no ID.
            SamlStatusNotSuccess: the identity provider says that nobody has logged in; this is verified.
            SamlAttributesMissing: no attribute statement, and ``allow_missing_attributes`` is off.
            SamlResponseRefused: anything else that has to be right, and isn't.
            SamlVerifierUnavailable: xmlsec1 did not answer.
        """
        raise NotImplementedError
