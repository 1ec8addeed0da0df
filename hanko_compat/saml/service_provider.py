"""The service provider: its metadata, its requests, and what it reads in responses."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from hanko_compat import random_secrets
from hanko_compat.clock import Clock
from hanko_compat.saml import library
from hanko_compat.saml.assertion import Assertion
from hanko_compat.saml.conditions import Expected
from hanko_compat.saml.identity_provider import IdpMetadata
from hanko_compat.saml.key_pairs import KeyPairs
from hanko_compat.saml.responses import Rules, Verify, read


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
        """Load pysaml2, which takes a second.

        Raises:
            SamlNotInstalled: pysaml2 or xmlsec1 is missing.
        """
        self._options = options
        self._key_pairs = key_pairs
        self._now = now
        self._verify: Verify = library.load("signatures").verify
        self._requests = library.load("login_requests")
        self._own_metadata = library.load("own_metadata")

    def metadata(self) -> bytes:
        """The metadata document (metadata s. 2.4.4), valid for seven days.

        Raises:
            SamlCertificateMissing, SamlCertificateUnreadable: there is no certificate that could be shown.
        """
        document: bytes = self._own_metadata.build_metadata(
            entity_id=self._options.entity_id,
            acs_url=self._options.acs_url,
            certificates=[pair.certificate for pair in self._key_pairs.published()],
            signs_requests=self._options.sign_authn_requests,
            wants_signatures=not self._options.skip_signature_validation,
            now=self._now(),
        )
        return document

    def login_request(self, idp: IdpMetadata, *, relay_state: str) -> LoginRequest:
        """Ask *idp* to log somebody in: an ``AuthnRequest`` by HTTP-Redirect (bindings s. 3.4).

        With ``sign_authn_requests`` the query is signed, as this binding asks for.

        Raises:
            SamlCertificateMissing, SamlCertificateUnreadable: it has to be signed, and can't be.
        """
        request_id = f"_{random_secrets.octets(20).hex()}"
        request = self._requests.build_request(
            request_id=request_id,
            now=self._now(),
            issuer=self._options.entity_id,
            acs_url=self._options.acs_url,
            destination=idp.sso_url,
            force_login=self._options.force_login,
        )
        key = self._key_pairs.current().private_key if self._options.sign_authn_requests else None
        url = self._requests.redirect_url(
            request, destination=idp.sso_url, relay_state=relay_state, private_key=key
        )
        return LoginRequest(url, request_id)

    def read_response(self, document: str, idp: IdpMetadata, *, request_id: str | None) -> Assertion:
        """Check what the browser brought in ``SAMLResponse`` (base64) and return what it proves.

        *idp* is whom the request was sent to, or whom the (unverified) issuer names. *request_id* is that of
        the request; None where none was made, and then a response to some request is refused.
        That an assertion is taken once is for the caller to see to, by its ID (`Assertion.assertion_id`).

        Raises:
            SamlResponseUnreadable: no base64, no XML, hostile XML, too much of it.
            SamlResponseNodeMissing: it is another document.
            SamlIssuerMissing: it names no issuer.
            SamlResponseIdMissing: it has no ID.
            SamlStatusNotSuccess: the identity provider, or whoever sent this, says that nobody has logged in.
            SamlAttributesMissing: no attribute statement, and ``allow_missing_attributes`` is off.
            SamlResponseRefused: anything else that has to be right, and isn't.
            SamlVerifierUnavailable: xmlsec1 did not answer.
            SamlCertificateMissing, SamlCertificateUnreadable: it is encrypted, and there is no key.
        """
        expected = Expected(
            issuer=idp.entity_id,
            acs_url=self._options.acs_url,
            audience=self._options.audience,
            request_id=request_id,
            now=self._now(),
        )
        rules = Rules(
            expected=expected,
            certificates=idp.certificates,
            verify=None if self._options.skip_signature_validation else self._verify,
            decryption_keys=self._decryption_keys,
            allow_missing_attributes=self._options.allow_missing_attributes,
        )
        return read(document, rules)

    def _decryption_keys(self) -> Sequence[RSAPrivateKey]:
        """Ours; with ``validate_encryption_cert`` only those whose certificate is valid now."""
        now = self._now()
        return [
            pair.private_key
            for pair in self._key_pairs.decrypting()
            if not self._options.validate_encryption_cert or pair.not_before <= now < pair.expires_at
        ]
