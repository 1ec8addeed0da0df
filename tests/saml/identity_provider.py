"""A SAML identity provider for tests: metadata, a page that logs in, and responses that may lie.

``IdentityProvider()`` alone makes documents; within ``with`` it is an HTTP server on the loopback interface
(HTTPS with ``certificate``), with ``/metadata`` and ``/sso``.
"""

import base64
import html
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from hanko_compat.clock import utc_now
from tests.gateway import HttpGateway
from tests.saml import signing
from tests.saml.signing import Pair

P, A = "urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a response says; each member can be a lie. Times are seconds from now, None leaves them out.

    ``signed`` names what is signed: "assertion", "response". ``encrypt_for`` is the certificate (PEM) of whom
    the assertion is encrypted for. ``attributes`` are (name, values), a name may come several times.
    """

    acs_url: str = "https://sp.example.test/saml/callback"
    audience: str | None = "urn:audience"
    request_id: str | None = "_request"
    confirmed_request_id: str | None = ""  # "": the same
    destination: str | None = ""  # "": the ACS URL
    recipient: str | None = ""
    issuer: str | None = ""  # "": the identity provider's
    response_issuer: str | None = ""
    subject: str = "subject-1"
    attributes: Sequence[tuple[str, Sequence[str]]] = (
        (EMAIL, ("alice@corp.example.test",)),
        ("email_verified", ("true",)),
    )
    statement: bool = True
    not_before: float | None = -60
    not_on_or_after: float | None = 300
    confirmed_not_on_or_after: float | None = 300
    session_not_on_or_after: float | None = None
    issued: float = 0
    status: str = "urn:oasis:names:tc:SAML:2.0:status:Success"
    method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
    signed: frozenset[str] = frozenset({"assertion"})
    signature: dict[str, Any] = field(default_factory=dict)
    pair: Pair | None = None  # None: that of the identity provider
    encrypt_for: str | None = None
    encryption: dict[str, Any] = field(default_factory=dict)
    is_deflated: bool = False
    response_id: str | None = ""  # "": a new one
    assertion_id: str = ""
    now: datetime | None = None


def moment(seconds: float, now: datetime | None = None) -> str:
    return ((now or utc_now()) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def attribute(name: str, value: str | None) -> str:
    """`` name="value"``, or nothing where it is None."""
    return "" if value is None else f" {name}={quoteattr(value)}"


def encode(document: str, *, is_deflated: bool = False) -> str:
    """*document* as it stands in the form's ``SAMLResponse``."""
    raw = document.encode()
    if is_deflated:
        deflater = zlib.compressobj(wbits=-15)
        raw = deflater.compress(raw) + deflater.flush()
    return base64.b64encode(raw).decode()


def decode_request(text: str) -> ElementTree.Element:
    """The ``AuthnRequest`` in the query's ``SAMLRequest``."""
    return ElementTree.fromstring(zlib.decompress(base64.b64decode(text), -15))


@dataclass
class IdentityProvider(HttpGateway):
    """Whoever calls ``/sso`` is logged in as ``answer_with`` says.

    ``pairs`` are published, the first one signs. With ``asks`` somebody has to press a button first.
    """

    entity_id: str = ""
    pairs: list[Pair] = field(default_factory=lambda: [signing.pair_number(1)])
    answer_with: Answer = field(default_factory=Answer)
    requests: list[ElementTree.Element] = field(default_factory=list)
    metadata_attributes: str = ""
    asks: bool = False

    def __post_init__(self) -> None:
        self.entity_id = self.entity_id or "https://idp.example.test/metadata"

    def __enter__(self) -> "IdentityProvider":
        super().__enter__()
        self.entity_id = f"{self.base}/metadata"
        return self

    @property
    def base(self) -> str:
        """The URL below which everything lies."""
        if not hasattr(self, "_server"):
            return "https://idp.example.test"
        return self.site

    @property
    def certificates(self) -> tuple[str, ...]:
        return tuple(pair.certificate for pair in self.pairs)

    def metadata(self, *, inside: str | None = None, attributes: str | None = None) -> bytes:
        """The metadata; *inside* replaces what is in the descriptor of the role."""
        keys = "".join(
            f'<KeyDescriptor use="signing"><KeyInfo xmlns="{signing.DS}"><X509Data>'
            f"<X509Certificate>{pair.base64}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
            for pair in self.pairs
        )
        service = f'<SingleSignOnService Binding="{REDIRECT}" Location="{self.base}/sso"/>'
        more = self.metadata_attributes if attributes is None else attributes
        return (
            f'<EntityDescriptor xmlns="{MD}" entityID={quoteattr(self.entity_id)}{more}>'
            f'<IDPSSODescriptor protocolSupportEnumeration="{P}">'
            f"{keys + service if inside is None else inside}</IDPSSODescriptor></EntityDescriptor>"
        ).encode()

    def response(self, answer: Answer | None = None, **changes: Any) -> str:
        """What the browser has to bring in ``SAMLResponse``."""
        answer = replace(answer or self.answer_with, **changes)
        return encode(self.document(answer), is_deflated=answer.is_deflated)

    def document(self, answer: Answer | None = None, **changes: Any) -> str:
        """The XML of a response."""
        answer = replace(answer or self.answer_with, **changes)
        assertion = self.assertion(answer)
        if answer.encrypt_for is not None:
            assertion = signing.encrypt(assertion, answer.encrypt_for, **answer.encryption)
        return self.wrap(assertion, answer)

    def wrap(self, assertion: str, answer: Answer) -> str:
        """The response around *assertion*, signed if it shall be."""
        response_id = f"_r{uuid4().hex}" if answer.response_id == "" else answer.response_id
        is_signed = "response" in answer.signed
        text = (
            f'<samlp:Response xmlns:samlp="{P}" xmlns:saml="{A}"{attribute("ID", response_id)} Version="2.0"'
            f"{attribute('IssueInstant', moment(answer.issued, answer.now))}"
            f"{attribute('Destination', answer.acs_url if answer.destination == '' else answer.destination)}"
            f"{attribute('InResponseTo', answer.request_id)}>"
            f"{self._issuer(answer.response_issuer)}"
            f"{signing.signature_template(response_id or '', **answer.signature) if is_signed else ''}"
            f'<samlp:Status><samlp:StatusCode Value="{answer.status}"/></samlp:Status>'
            f"{assertion}</samlp:Response>"
        )
        return (
            signing.fill_signature(text, response_id or "", answer.pair or self.pairs[0])
            if is_signed
            else text
        )

    def assertion(self, answer: Answer) -> str:
        """The XML of an assertion, signed if it shall be."""
        identifier = answer.assertion_id or f"_a{uuid4().hex}"
        is_signed = "assertion" in answer.signed
        now = answer.now
        text = (
            f'<saml:Assertion xmlns:saml="{A}" ID="{identifier}" Version="2.0"'
            f"{attribute('IssueInstant', moment(answer.issued, now))}>"
            f"{self._issuer(answer.issuer)}"
            f"{signing.signature_template(identifier, **answer.signature) if is_signed else ''}"
            f"<saml:Subject><saml:NameID>{escape(answer.subject)}</saml:NameID>"
            f"{self._confirmation(answer)}</saml:Subject>"
            f"<saml:Conditions{self._time('NotBefore', answer.not_before, now)}"
            f"{self._time('NotOnOrAfter', answer.not_on_or_after, now)}>"
            f"{self._audience(answer)}</saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{moment(0, now)}" SessionIndex="session-1"'
            f"{self._time('SessionNotOnOrAfter', answer.session_not_on_or_after, now)}>"
            "<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
            "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
            f"{self._statement(answer) if answer.statement else ''}</saml:Assertion>"
        )
        return signing.fill_signature(text, identifier, answer.pair or self.pairs[0]) if is_signed else text

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Serve ``/metadata``; log in whoever comes to ``/sso``, by a form that sends itself."""
        url = urlsplit(request.path)
        if url.path == "/metadata":
            self.body, self.headers = self.metadata(), {"Content-Type": "application/samlmetadata+xml"}
        elif url.path == "/sso":
            self.body, self.headers = self._log_in(parse_qs(url.query)), {"Content-Type": "text/html"}
        super().answer(request)

    def _log_in(self, query: dict[str, list[str]]) -> bytes:
        request = decode_request(query["SAMLRequest"][0])
        self.requests.append(request)
        acs_url = request.attrib["AssertionConsumerServiceURL"]
        document = self.response(request_id=request.attrib["ID"], acs_url=acs_url)
        relay_state = html.escape(query["RelayState"][0])
        return (
            f'<!doctype html><form method="post" action="{html.escape(acs_url)}">'
            f'<input type="hidden" name="SAMLResponse" value="{document}">'
            f'<input type="hidden" name="RelayState" value="{relay_state}">'
            "<button>Yes, it is me</button></form>"
            f"{'' if self.asks else '<script>document.forms[0].submit()</script>'}"
        ).encode()

    def _issuer(self, issuer: str | None) -> str:
        return "" if issuer is None else f"<saml:Issuer>{escape(issuer or self.entity_id)}</saml:Issuer>"

    def _confirmation(self, answer: Answer) -> str:
        request_id = answer.request_id if answer.confirmed_request_id == "" else answer.confirmed_request_id
        recipient = answer.acs_url if answer.recipient == "" else answer.recipient
        end = self._time("NotOnOrAfter", answer.confirmed_not_on_or_after, answer.now)
        return (
            f'<saml:SubjectConfirmation Method="{answer.method}"><saml:SubjectConfirmationData'
            f"{attribute('InResponseTo', request_id)}{attribute('Recipient', recipient)}{end}/>"
            "</saml:SubjectConfirmation>"
        )

    def _audience(self, answer: Answer) -> str:
        if answer.audience is None:
            return ""
        return (
            f"<saml:AudienceRestriction><saml:Audience>{escape(answer.audience)}</saml:Audience>"
            "</saml:AudienceRestriction>"
        )

    def _statement(self, answer: Answer) -> str:
        rows = "".join(
            f'<saml:Attribute Name={quoteattr(name)} NameFormat="{BASIC}">'
            + "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in values)
            + "</saml:Attribute>"
            for name, values in answer.attributes
        )
        return f"<saml:AttributeStatement>{rows}</saml:AttributeStatement>"

    def _time(self, name: str, seconds: float | None, now: datetime | None) -> str:
        return "" if seconds is None else attribute(name, moment(seconds, now))
