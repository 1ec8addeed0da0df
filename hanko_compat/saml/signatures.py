"""Signatures, verified by xmlsec1 and pysaml2 (XML Signature; core s. 5.4).

xmlsec1 does the cryptography; then pysaml2 validates the element by the schemas of SAML and checks the form
of its signature once more. In this order, as a long document takes seconds to validate, which nobody without
a key must cause. What both get is the signed element alone, written anew from what we have read of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from saml2 import SAMLError, class_name, saml, samlp
from saml2.sigver import CryptoBackend, SecurityContext
from saml2.xml.schema import XMLSchemaError

from hanko_compat.errors.saml import SamlResponseRefused
from hanko_compat.saml import xmlsec1
from hanko_compat.saml.names import ASSERTION, ATTRIBUTE_VALUE, SIGNATURE, SIGNATURE_NS
from hanko_compat.saml.signature_profile import check_signature
from hanko_compat.saml.xml_nodes import Node, serialise

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class _Certificate:
    """A certificate as pysaml2 hands it through to the backend: by what it takes for the name of a file."""

    name: str


class _Certificates:
    """The certificate of an identity provider, in the place of pysaml2's store of metadata."""

    def __init__(self, certificate: str) -> None:
        self._certificate = certificate

    def certs(self, _entity_id: str, _role: str, _use: str) -> list[tuple[None, _Certificate]]:
        """That certificate, whoever the document says has issued it."""
        return [(None, _Certificate(self._certificate))]


class _Verified(CryptoBackend):  # type: ignore[misc]
    """What xmlsec1 has found out, for pysaml2: *arguments* of `xmlsec1.verifies` for which it said yes."""

    def __init__(self, **arguments: str | bytes) -> None:
        super().__init__()
        self._arguments = arguments

    def validate_signature(
        self,
        signedtext: str,
        cert_file: str,
        cert_type: str,  # noqa: ARG002 - always "pem"
        node_name: str,
        node_id: str,
    ) -> bool:
        """Whether this is what was verified; *cert_file* is a certificate here."""
        return self._arguments == {
            "document": signedtext.encode(),
            "certificate": cert_file.encode(),
            "node_name": node_name,
            "node_id": node_id,
        }


def verify(signed: Node, *, certificates: Sequence[str]) -> None:
    """Verify the signature that *signed*, a response or an assertion, has as a child.

    *certificates* (PEM) are the only ones that count; their dates do not.

    Raises:
        SamlResponseRefused: none of them has made it, or it is not about all of *signed*.
        SamlVerifierUnavailable: xmlsec1 did not answer.
    """
    check_signature(signed)
    bare = _without_key_information(signed)
    text = serialise(bare)
    place = {"node_name": ":".join(signed.name), "node_id": signed.get("ID") or ""}
    document = text.encode()
    for certificate in certificates:
        if xmlsec1.verifies(document, certificate=certificate.encode(), **place):
            backend = _Verified(document=document, certificate=certificate.encode(), **place)
            _check_form(bare, text, certificate=certificate, backend=backend)
            return
    raise SamlResponseRefused("the signature is not right: no known key has made it")


def _check_form(bare: Node, text: str, *, certificate: str, backend: CryptoBackend) -> None:
    context = SecurityContext(backend, metadata=_Certificates(certificate), only_use_keys_in_metadata=True)
    read = saml.assertion_from_string if bare.name == ASSERTION else samlp.response_from_string
    try:
        item = read(serialise(_without_types(bare)))
        context.check_signature(item, class_name(item), text)
    except (SAMLError, XMLSchemaError, ValueError) as error:
        raise SamlResponseRefused(f"the signature is not right: {type(error).__name__}") from None


def _without_types(node: Node) -> Node:
    """*node* without ``xsi:type`` and ``xsi:nil`` of values of attributes, for pysaml2 to look at.

    It converts values by their types, knows few types, and of prefixes no other than ``xs`` and ``xsd``.
    """
    content = [_without_types(part) if isinstance(part, Node) else part for part in node.content]
    if node.name != ATTRIBUTE_VALUE:
        return replace(node, content=content)
    kept = {
        name: value for name, value in node.qualified_attributes.items() if _uri_of(name, node) != INSTANCE
    }
    return replace(node, content=content, qualified_attributes=kept)


def _uri_of(qualified_name: str, node: Node) -> str:
    prefix, colon, _ = qualified_name.partition(":")
    return node.scope.get(prefix, "") if colon else ""


def _without_key_information(signed: Node) -> Node:
    """*signed* without what its own signature says about keys, which that signature does not cover."""
    unwanted = (SIGNATURE_NS, "KeyInfo")

    def bare(signature: Node) -> Node:
        kept = [part for part in signature.content if isinstance(part, str) or part.name != unwanted]
        return replace(signature, content=kept)

    content = [
        bare(part) if isinstance(part, Node) and part.name == SIGNATURE else part for part in signed.content
    ]
    return replace(signed, content=content)
