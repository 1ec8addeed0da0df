"""Who claims to have sent a response that nobody has asked for: by that its metadata are found."""

from hanko_compat.errors.saml import SamlIssuerMissing
from hanko_compat.saml.arrival import read_document
from hanko_compat.saml.names import ISSUER
from hanko_compat.saml.structure import read_shape


def claimed_issuer(document: str) -> str:
    """The issuer that stands in *document* (base64), which is not verified here.

    Raises:
        SamlResponseUnreadable: no base64, no XML, hostile XML, too much of it.
        SamlResponseNodeMissing: it is another document.
        SamlResponseIdMissing: it has no ID.
        SamlIssuerMissing: it names no issuer.
        SamlResponseRefused: it has another shape than the one that is read.
    """
    shape = read_shape(read_document(document))
    for node in (shape.response, shape.assertion):
        issuer = node.first(ISSUER) if node is not None else None
        if issuer is not None and issuer.text.strip():
            return issuer.text.strip()
    raise SamlIssuerMissing
