"""Reading a response: its shape, its signatures, what it says (profiles s. 4.1.4.3)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from hanko_compat.errors.saml import SamlAttributesMissing, SamlResponseRefused
from hanko_compat.saml import conditions, statements
from hanko_compat.saml.arrival import read_document
from hanko_compat.saml.assertion import Assertion
from hanko_compat.saml.conditions import Expected
from hanko_compat.saml.encryption import decrypt
from hanko_compat.saml.names import SIGNATURE
from hanko_compat.saml.structure import check_decrypted, read_shape
from hanko_compat.saml.xml_nodes import Node


class Verify(Protocol):
    """`signatures.verify`, which is loaded only where pysaml2 is needed."""

    def __call__(self, signed: Node, *, certificates: Sequence[str]) -> None:
        """Raise `SamlResponseRefused` unless the signature in *signed* is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a response is read. ``certificates`` (PEM) are those of the identity provider's metadata.

    ``decryption_keys`` is asked only where something is encrypted. Without ``verify`` no signature is needed,
    and none looked at (``saml.options.skip_signature_validation``).
    """

    expected: Expected
    certificates: Sequence[str]
    verify: Verify | None
    decryption_keys: Callable[[], Sequence[RSAPrivateKey]]
    allow_missing_attributes: bool


def read(text: str, rules: Rules) -> Assertion:
    """Read what came in ``SAMLResponse``; for the errors see `ServiceProvider.read_response`."""
    shape = read_shape(read_document(text))
    is_verified = _verified(shape.response, rules)
    conditions.check_response(shape.response, rules.expected)
    assertion = shape.assertion
    if shape.encrypted is not None:
        assertion = decrypt(shape.encrypted, keys=rules.decryption_keys())
        check_decrypted(assertion)
    if assertion is None:
        raise SamlResponseRefused("there is no assertion")
    is_verified = _verified(assertion, rules) or is_verified
    if rules.verify is not None and not is_verified:
        raise SamlResponseRefused("neither the response nor the assertion is signed")
    not_on_or_after = conditions.check_assertion(assertion, rules.expected)
    subject, subject_format = statements.read_name_id(assertion)
    attributes = statements.read_attributes(assertion)
    if attributes is None and not rules.allow_missing_attributes:
        raise SamlAttributesMissing
    return Assertion(
        response_id=shape.response.get("ID") or "",
        assertion_id=assertion.get("ID") or "",
        issuer=rules.expected.issuer,
        subject=subject,
        subject_format=subject_format,
        attributes=attributes or {},
        not_on_or_after=not_on_or_after,
        session_index=statements.read_session_index(assertion),
    )


def _verified(node: Node, rules: Rules) -> bool:
    """Whether *node* has a signature, which is right then. One that is wrong is never passed over.

    Raises:
        SamlResponseRefused: it has a signature that is not right.
    """
    if rules.verify is None or node.first(SIGNATURE) is None:
        return False
    rules.verify(node, certificates=rules.certificates)
    return True
