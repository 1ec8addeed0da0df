"""Metadata of identity providers, read strictly (metadata s. 2)."""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from hanko_compat.errors.saml import SamlMetadataInvalid, XmlRefused
from hanko_compat.saml.identity_provider import IdpMetadata
from hanko_compat.saml.moments import parse_duration, parse_moment
from hanko_compat.saml.names import METADATA_NS, POST_BINDING, PROTOCOL_NS, REDIRECT_BINDING, SIGNATURE_NS
from hanko_compat.saml.xml_nodes import Node, parse

MAX_BYTES = 8 * 1024 * 1024
"""Of a document, also while it is fetched: one identity provider has some kilobytes, those of Entra ID and
AD FS up to a hundred; an ``EntitiesDescriptor`` may have all services of a federation beside it."""
MAX_CERTIFICATES = 8
"""Of one identity provider: with each of them a signature may have to be tried."""
MIN_RSA_BITS = 2048
MAX_ENTITY_ID = 255
"""As the column ``identities.provider_id``; metadata allow 1024 (s. 2.3.2)."""


T = TypeVar("T")


def parse_metadata(document: bytes) -> IdpMetadata:
    """Read the metadata of one identity provider; in an ``EntitiesDescriptor`` exactly one has to be one.

    A signature of the document is not looked at: where it comes from vouches for it, as in the original.

    Raises:
        SamlMetadataInvalid: it is no metadata, or hostile, or lacks what is needed; ``reason`` says which.
    """
    if len(document) > MAX_BYTES:
        raise SamlMetadataInvalid(f"it has more than {MAX_BYTES} bytes")
    try:
        root = parse(document, allow_remarks=True)
    except XmlRefused as error:
        raise SamlMetadataInvalid(str(error)) from error
    found = [(path, role) for path in _entities(root, ()) for role in _roles(path[-1])]
    if not found:
        raise SamlMetadataInvalid("it describes no identity provider of SAML 2.0")
    if len(found) > 1:
        raise SamlMetadataInvalid("it describes more than one identity provider; give the URL of one")
    path, role = found[0]
    return _read((*path, role))


def _entities(node: Node, above: tuple[Node, ...]) -> Iterator[tuple[Node, ...]]:
    """Each entity with what it stands in, the outermost first."""
    path = (*above, node)
    if node.name == (METADATA_NS, "EntityDescriptor"):
        yield path
    elif node.name == (METADATA_NS, "EntitiesDescriptor"):
        for child in node.children:
            yield from _entities(child, path)


def _roles(entity: Node) -> Iterator[Node]:
    for role in entity.all((METADATA_NS, "IDPSSODescriptor")):
        if PROTOCOL_NS in (role.get("protocolSupportEnumeration") or "").split():
            yield role


def _read(path: tuple[Node, ...]) -> IdpMetadata:
    entity, role = path[-2:]
    entity_id = (entity.get("entityID") or "").strip()
    if not entity_id or len(entity_id) > MAX_ENTITY_ID:
        raise SamlMetadataInvalid("the entityID is missing, or too long")
    certificates = tuple(dict.fromkeys(_certificates(role)))
    if not certificates:
        raise SamlMetadataInvalid("it has no usable certificate for signatures")
    # The shortest of all that contain it counts (metadata s. 2.3.1).
    ends = [_parsed(node, "validUntil", parse_moment) for node in path]
    durations = [_parsed(node, "cacheDuration", parse_duration) for node in path]
    return IdpMetadata(
        entity_id=entity_id,
        sso_url=_sso_url(role),
        certificates=certificates[:MAX_CERTIFICATES],
        wants_signed_requests=role.get("WantAuthnRequestsSigned") in {"true", "1"},
        valid_until=min((end for end in ends if end is not None), default=None),
        cache_duration=min((length for length in durations if length is not None), default=None),
    )


def _parsed(node: Node, attribute: str, parse_text: Callable[[str], T | None]) -> T | None:
    text = node.get(attribute)
    if text is None:
        return None
    value = parse_text(text)
    if value is None:
        raise SamlMetadataInvalid(f"{attribute} is malformed")
    return value


def _sso_url(role: Node) -> str:
    """Where requests go by HTTP-Redirect."""
    services = role.all((METADATA_NS, "SingleSignOnService"))
    bindings = {
        service.get("Binding"): (service.get("Location") or "").strip() for service in reversed(services)
    }
    url = bindings.get(REDIRECT_BINDING)
    if url is None:
        others = "HTTP-POST only" if POST_BINDING in bindings else "no binding that is known"
        raise SamlMetadataInvalid(
            f"it has no SingleSignOnService with the binding HTTP-Redirect, but {others}"
        )
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_good = False
    if not is_good or not url.isascii() or not url.isprintable() or set(url) & set(' #\\"<>'):
        raise SamlMetadataInvalid("the Location of its SingleSignOnService is no URL")
    return url


def _certificates(role: Node) -> Iterator[str]:
    """The certificates whose keys may sign: those without ``use`` are for both (metadata s. 2.4.1.1)."""
    for descriptor in role.all((METADATA_NS, "KeyDescriptor")):
        if descriptor.get("use") in {None, "signing"}:
            for node in descriptor.walk():
                if node.name == (SIGNATURE_NS, "X509Certificate"):
                    certificate = _load(node.text)
                    if certificate is not None:
                        yield certificate.public_bytes(Encoding.PEM).decode()


def _load(text: str) -> x509.Certificate | None:
    """The certificate with a key that may be trusted today; None: of another kind, too short, damaged."""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        key = certificate.public_key()
    except (ValueError, binascii.Error, x509.InvalidVersion, UnsupportedAlgorithm):
        return None
    is_long = isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS
    return certificate if is_long or isinstance(key, EllipticCurvePublicKey) else None
