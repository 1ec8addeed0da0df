"""Signatures that are right, and of a form or by an algorithm that is not allowed."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hanko_compat.errors.saml import SamlResponseRefused
from hanko_compat.saml.signature_profile import check_signature
from hanko_compat.saml.xml_nodes import parse
from tests.saml import signing
from tests.saml.conftest import Read
from tests.saml.identity_provider import Answer, IdentityProvider, encode
from tests.saml.signing import DS, ENVELOPED, EXCLUSIVE, MORE, SHA256

pytestmark = pytest.mark.servers  # xmlsec1

INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
TEMPLATE = signing.signature_template("_signed")


@pytest.mark.parametrize(
    "signature",
    [
        {"algorithm": f"{DS}rsa-sha1"},
        {"digest": f"{DS}sha1"},
        {"algorithm": f"{MORE}rsa-sha224"},
        {"canonicalisation": INCLUSIVE},
        {"transforms": (ENVELOPED, INCLUSIVE)},
        {"transforms": (ENVELOPED,)},
        {"transforms": (ENVELOPED, EXCLUSIVE, EXCLUSIVE)},
        {"more": f'<ds:Object xmlns:ds="{DS}">more</ds:Object>'},
    ],
    ids=lambda signature: "".join(f"{key} {value!s:.60}" for key, value in signature.items()),
)
def test_a_right_signature_of_another_form_is_refused(
    read: Read, idp: IdentityProvider, signature: dict[str, Any]
) -> None:
    with pytest.raises(SamlResponseRefused, match="could not get assertion info"):
        read(idp.response(signature=signature))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('URI="#_signed"', 'URI=""'),
        ('URI="#_signed"', ""),
        ('URI="#_signed"', 'URI="#other"'),
        ('URI="#_signed"', "URI=\"#xpointer(id('_signed'))\""),
        ('URI="#_signed"', 'URI="https://idp.example.test/#_signed"'),
        (f'{MORE}rsa-sha256"/>', f'{MORE}hmac-sha256"/>'),
        (f'{MORE}rsa-sha256"/>', f'{MORE}rsa-sha256"><ds:HMACOutputLength/></ds:SignatureMethod>'),
        (f'"{ENVELOPED}"', f'"{XPATH}"'),
        (f'<ds:Transform Algorithm="{EXCLUSIVE}"/>', f'<ds:Transform Algorithm="{XPATH}"/>'),
        (
            f'<ds:Transform Algorithm="{EXCLUSIVE}"/>',
            f'<ds:Transform Algorithm="{EXCLUSIVE}"><ds:XPath>true</ds:XPath></ds:Transform>',
        ),
        ("</ds:SignedInfo>", '<ds:Reference URI="#_signed"/></ds:SignedInfo>'),
        ("<ds:SignedInfo>", "<ds:SignedInfo><ds:Other/>"),
        ("<ds:SignatureValue/>", ""),
        (f'<ds:DigestMethod Algorithm="{SHA256}"/>', f'<ds:DigestMethod Algorithm="{MORE}md5"/>'),
    ],
)
def test_a_signature_of_another_form_is_not_looked_at(old: str, new: str) -> None:
    check_signature(parse(f'<a ID="_signed">{TEMPLATE}</a>'.encode()))
    assert old in TEMPLATE
    with pytest.raises(SamlResponseRefused):
        check_signature(parse(f'<a ID="_signed">{TEMPLATE.replace(old, new)}</a>'.encode()))


def test_no_signature_is_none() -> None:
    with pytest.raises(SamlResponseRefused):
        check_signature(parse(b'<a ID="_signed"/>'))


def test_a_list_of_prefixes_is_allowed(read: Read, idp: IdentityProvider) -> None:
    """As many servers write it, because of ``xs:string`` in attributes."""
    prefixes = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="xs xsi"/></ds:Transform>'
    template = signing.signature_template("_a1").replace(
        f'<ds:Transform Algorithm="{EXCLUSIVE}"/>', f'<ds:Transform Algorithm="{EXCLUSIVE}">{prefixes}'
    )
    answer = Answer(assertion_id="_a1", signed=frozenset())
    plain = idp.assertion(answer)
    text = plain.replace("</saml:Issuer>", f"</saml:Issuer>{template}").replace(
        "<saml:AttributeValue>",
        '<saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">',
    )
    signed = signing.fill_signature(text, "_a1", idp.pairs[0])
    assert read(encode(idp.wrap(signed, answer))).subject == "subject-1"


@pytest.mark.parametrize("kind", ["certificate", "key"])
def test_a_key_in_the_document_is_not_used(read: Read, idp: IdentityProvider, kind: str) -> None:
    stranger = signing.make_pair(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    inside = f"<ds:X509Data><ds:X509Certificate>{stranger.base64}</ds:X509Certificate></ds:X509Data>"
    if kind == "key":
        inside = "<ds:KeyValue/>"  # for xmlsec1 to fill in
    information = f'<ds:KeyInfo xmlns:ds="{DS}">{inside}</ds:KeyInfo>'
    document = idp.response(pair=stranger, signature={"key_info": information})
    with pytest.raises(SamlResponseRefused):
        read(document)


def test_what_a_document_says_about_its_key_does_no_harm(read: Read, idp: IdentityProvider) -> None:
    certificate = f"<ds:X509Certificate>{idp.pairs[0].base64}</ds:X509Certificate>"
    information = f'<ds:KeyInfo xmlns:ds="{DS}"><ds:X509Data>{certificate}</ds:X509Data></ds:KeyInfo>'
    both = frozenset({"response", "assertion"})
    assert read(idp.response(signed=both, signature={"key_info": information})).subject == "subject-1"
