"""Which signatures are looked at: those of SAML's own profile (core s. 5.4), with today's algorithms."""

from collections.abc import Sequence

from hanko_compat.errors.saml import SamlResponseRefused
from hanko_compat.saml.names import SIGNATURE, SIGNATURE_NS
from hanko_compat.saml.xml_nodes import Name, Node

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{SIGNATURE_NS}enveloped-signature"
# There are no comments (`xml_nodes.parse`), so that both forms are one.
CANONICALISATIONS = frozenset({EXCLUSIVE, f"{EXCLUSIVE}WithComments"})
# Unlike Hanko 2.7.0: no SHA-1, for which collisions can be bought.
SIGNATURES = frozenset(
    f"http://www.w3.org/2001/04/xmldsig-more#{key}-{digest}"
    for key in ("rsa", "ecdsa")
    for digest in ("sha256", "sha384", "sha512")
)
DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


def check_signature(signed: Node) -> None:
    """Check that the signature in *signed* is about *signed*, all of it, by an algorithm that is allowed.

    Whether it is right is for `signatures.verify` to find out.

    Raises:
        SamlResponseRefused: it is of another form.
    """
    signature = signed.first(SIGNATURE)
    if signature is None:
        raise SamlResponseRefused("there is no signature")
    _require_children(signature, ("SignedInfo", "SignatureValue"), optional="KeyInfo")
    information = _child(signature, "SignedInfo")
    _require_children(information, ("CanonicalizationMethod", "SignatureMethod", "Reference"))
    _require_canonicalisation(_child(information, "CanonicalizationMethod"))
    method = _child(information, "SignatureMethod")
    if method.get("Algorithm") not in SIGNATURES or method.children:
        raise SamlResponseRefused("the algorithm of the signature is not allowed")
    reference = _child(information, "Reference")
    if reference.get("URI") != f"#{signed.get('ID')}":
        raise SamlResponseRefused("the signature is about something else")
    _require_children(reference, ("Transforms", "DigestMethod", "DigestValue"))
    if _child(reference, "DigestMethod").get("Algorithm") not in DIGESTS:
        raise SamlResponseRefused("the algorithm of the digest is not allowed")
    _require_transforms(_child(reference, "Transforms"))


def _require_transforms(transforms: Node) -> None:
    _require_children(transforms, ("Transform", "Transform"))
    enveloped, canonicalisation = transforms.children
    if enveloped.get("Algorithm") != ENVELOPED or enveloped.children:
        raise SamlResponseRefused("a transform is not allowed")
    _require_canonicalisation(canonicalisation)


def _require_canonicalisation(node: Node) -> None:
    """Exclusive canonicalisation; the list of prefixes that it may have changes no content."""
    is_plain = all(child.name == (EXCLUSIVE, "InclusiveNamespaces") for child in node.children)
    if node.get("Algorithm") not in CANONICALISATIONS or not is_plain or len(node.children) > 1:
        raise SamlResponseRefused("a canonicalisation is not allowed")


def _require_children(node: Node, expected: Sequence[str], *, optional: str = "") -> None:
    found = [child.name for child in node.children]
    if optional and found and found[-1] == _name(optional):
        found.pop()
    if found != [_name(local) for local in expected]:
        raise SamlResponseRefused("the signature has another form than SAML's")


def _child(node: Node, local: str) -> Node:
    child = node.first(_name(local))
    if child is None:
        raise SamlResponseRefused("the signature has another form than SAML's")
    return child


def _name(local: str) -> Name:
    return (SIGNATURE_NS, local)
