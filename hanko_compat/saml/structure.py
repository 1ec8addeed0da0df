"""The one shape of a response that is read: what was signed can't be mistaken for anything else in it.

Attacks by wrapping (Somorovsky et al., "On Breaking SAML", XSW 1 to 8) need a second assertion, a second
response or a signature somewhere in the document. There is a place for one of each.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hanko_compat.errors.saml import (
    SamlIssuerMissing,
    SamlResponseIdMissing,
    SamlResponseNodeMissing,
    SamlResponseRefused,
)
from hanko_compat.saml import names
from hanko_compat.saml.xml_nodes import XML, Name, Node

MAX_ID = 255
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
_ID_ATTRIBUTES = ("ID", "Id", "id")

_CHILDREN_OF_RESPONSE = (
    names.ISSUER,
    names.SIGNATURE,
    names.EXTENSIONS,
    names.STATUS,
    names.ASSERTION,
    names.ENCRYPTED_ASSERTION,
)
_CHILDREN_OF_ASSERTION = (
    names.ISSUER,
    names.SIGNATURE,
    names.SUBJECT,
    names.CONDITIONS,
    (names.ASSERTION_NS, "Advice"),
)
_STATEMENTS = (
    names.AUTHN_STATEMENT,
    names.ATTRIBUTE_STATEMENT,
    (names.ASSERTION_NS, "AuthzDecisionStatement"),
)
# What may stand once, in the place that it has, and nowhere else.
_SINGULAR = (names.RESPONSE, names.ASSERTION, names.ENCRYPTED_ASSERTION, names.SIGNATURE)
# Parts that may be encrypted apart from the assertion, which nobody does.
_UNSUPPORTED = ("EncryptedID", "EncryptedAttribute", "BaseID")


@dataclass(frozen=True, slots=True)
class Shape:
    """A response with the one assertion in it, plain or encrypted; neither where the status is a failure."""

    response: Node
    assertion: Node | None
    encrypted: Node | None


def read_shape(root: Node) -> Shape:
    """Find the parts of a response.

    Raises:
        SamlResponseNodeMissing: *root* is something else.
        SamlResponseIdMissing: the response has no ID.
        SamlIssuerMissing: nobody is named in it.
        SamlResponseRefused: it has another shape than the one.
    """
    if root.name != names.RESPONSE:
        raise SamlResponseNodeMissing
    if not root.get("ID"):
        raise SamlResponseIdMissing
    _require_head(root)
    _require_order(root, _CHILDREN_OF_RESPONSE)
    assertion, encrypted = root.first(names.ASSERTION), root.first(names.ENCRYPTED_ASSERTION)
    if assertion is not None and encrypted is not None:
        raise SamlResponseRefused("there is more than one assertion")
    if assertion is not None:
        check_assertion(assertion)
    elif encrypted is None and root.first(names.ISSUER) is None:
        raise SamlIssuerMissing
    _require_places(root, assertion, encrypted)
    _require_ids(root)
    return Shape(root, assertion, encrypted)


def check_assertion(assertion: Node) -> None:
    """Check the shape of an assertion, wherever it came from.

    Raises:
        SamlIssuerMissing: nobody is named in it.
        SamlResponseRefused: it has another shape than the one.
    """
    if assertion.name != names.ASSERTION:
        raise SamlResponseRefused("there is something else in the place of an assertion")
    _require_head(assertion)
    _require_order(assertion, _CHILDREN_OF_ASSERTION, repeated=_STATEMENTS)
    if assertion.first(names.ISSUER) is None:
        raise SamlIssuerMissing


def check_decrypted(assertion: Node) -> None:
    """Check an assertion that was encrypted, which no other check has seen.

    No signature may have been checked yet: whatever is inside, whoever sends it learns the same.

    Raises:
        SamlResponseRefused: it has another shape than the one, or names nobody.
    """
    try:
        check_assertion(assertion)
    except SamlIssuerMissing as error:
        raise SamlResponseRefused("the assertion has no issuer") from error
    _require_places(assertion, assertion, None)
    _require_ids(assertion)


def _require_head(node: Node) -> None:
    identifier = node.get("ID") or ""
    if len(identifier) > MAX_ID or not _ID.fullmatch(identifier):
        raise SamlResponseRefused("an ID is malformed")
    if node.get("Version") != "2.0":
        raise SamlResponseRefused("it is another version of SAML than 2.0")


def _require_order(node: Node, order: Sequence[Name], *, repeated: Sequence[Name] = ()) -> None:
    """Each child of *node* once, in this *order*; then those of *repeated*, in any order, any number."""
    if node.text.strip():
        raise SamlResponseRefused("there is text between the elements")
    last = -1
    for child in node.children:
        position = order.index(child.name) if child.name in order else len(order)
        is_repeated = child.name in repeated
        if not is_repeated and (position == len(order) or position <= last):
            raise SamlResponseRefused("an element is repeated, or in a wrong place")
        last = position


def _require_places(root: Node, assertion: Node | None, encrypted: Node | None) -> None:
    """Nothing that is signed, or that signs, stands anywhere but in its own place."""
    proper = [root, assertion, encrypted]
    proper += [node.first(names.SIGNATURE) for node in (root, assertion) if node is not None]
    known = {id(node) for node in proper if node is not None}
    for node in root.walk():
        namespace, local = node.name
        if node.name in _SINGULAR and id(node) not in known:
            raise SamlResponseRefused(f"there is another {local}, or it is in a wrong place")
        if namespace == names.ASSERTION_NS and local in _UNSUPPORTED:
            raise SamlResponseRefused(f"{local} is not supported")


def _require_ids(root: Node) -> None:
    """No ID names two elements, whatever its attribute is called."""
    seen: set[str] = set()
    for node in root.walk():
        for namespace, local in node.attributes:
            if namespace == XML and local != "lang":
                raise SamlResponseRefused("there is an attribute of XML itself")
            if namespace == "" and local in _ID_ATTRIBUTES:
                identifier = node.attributes["", local]
                if identifier in seen:
                    raise SamlResponseRefused("an ID is given twice")
                seen.add(identifier)
