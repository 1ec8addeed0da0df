"""What a browser brings in ``SAMLResponse``: base64, deflated or not (bindings s. 3.5.4, 3.4.4.1)."""

import base64
import binascii
import zlib

from hanko_compat.errors.saml import SamlResponseUnreadable, XmlRefused
from hanko_compat.saml.xml_nodes import Node, parse

MAX_BYTES = 512 * 1024
"""Of a document, after it was inflated; the longest in practice, with hundreds of groups, have a tenth."""


def read_document(text: str) -> Node:
    """The root of the document in a form's *text*.

    As Hanko 2.7.0: a deflated document is accepted, though this binding knows none.

    Raises:
        SamlResponseUnreadable: no base64, too long, no XML or hostile XML.
    """
    if len(text) > MAX_BYTES * 3 // 2:
        raise SamlResponseUnreadable("the document is too long")
    try:
        # Some servers break the lines.
        raw = base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error):
        raise SamlResponseUnreadable("it is not base64") from None
    if not raw.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        raw = _inflate(raw)
    if len(raw) > MAX_BYTES:
        raise SamlResponseUnreadable("the document is too long")
    try:
        return parse(raw)
    except XmlRefused as error:
        raise SamlResponseUnreadable(str(error)) from error


def _inflate(raw: bytes) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return inflater.decompress(raw, MAX_BYTES + 1)
    except zlib.error:
        raise SamlResponseUnreadable("it is neither XML nor deflated") from None
