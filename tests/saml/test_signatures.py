"""What is handed to pysaml2 and xmlsec1, and what they find out; attacks are in test_structure."""

import pytest
from saml2 import sigver

from hanko_compat.errors.saml import SamlResponseRefused
from hanko_compat.saml import xmlsec1
from hanko_compat.saml.signatures import verify
from hanko_compat.saml.xml_nodes import parse
from tests.saml import signing
from tests.saml.identity_provider import A, Answer, IdentityProvider

pytestmark = pytest.mark.servers  # xmlsec1

SIGNED = Answer(assertion_id="_a1")


def test_the_right_key_and_the_very_element(idp: IdentityProvider) -> None:
    verify(parse(idp.assertion(SIGNED).encode()), certificates=idp.certificates)


@pytest.mark.parametrize("certificates", [(), (signing.pair_number(2).certificate,), ("no certificate",)])
def test_no_other_key_counts(idp: IdentityProvider, certificates: tuple[str, ...]) -> None:
    with pytest.raises(SamlResponseRefused):
        verify(parse(idp.assertion(SIGNED).encode()), certificates=certificates)


def test_a_signature_of_nothing(idp: IdentityProvider) -> None:
    with pytest.raises(SamlResponseRefused):
        verify(parse(idp.assertion(Answer(signed=frozenset())).encode()), certificates=idp.certificates)


def test_only_the_signed_element_is_handed_over(
    idp: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing around it, and nothing about keys, can be mistaken for anything."""
    information = f'<ds:KeyInfo xmlns:ds="{signing.DS}"><ds:KeyName>x</ds:KeyName></ds:KeyInfo>'
    answer = Answer(assertion_id="_a1", signature={"key_info": information})
    document = parse(idp.document(answer).encode())
    assertion = document.first((A, "Assertion"))
    assert assertion is not None
    handed: list[bytes] = []
    real = xmlsec1.verifies

    def verifies(text: bytes, **how: str) -> bool:
        handed.append(text)
        return real(text, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(xmlsec1, "verifies", verifies)
    verify(assertion, certificates=idp.certificates)
    (text,) = handed
    assert text.startswith(b"<saml:Assertion ")
    assert b"KeyInfo" not in text
    assert b"samlp:Response" not in text
    assert b"KeyInfo" in idp.document(answer).encode()


def test_an_element_that_no_schema_knows_is_refused(idp: IdentityProvider) -> None:
    """Though it is signed."""
    text = idp.assertion(Answer(assertion_id="_a1", signed=frozenset()))
    text = text.replace("</saml:Issuer>", f"</saml:Issuer>{signing.signature_template('_a1')}")
    text = text.replace("<saml:AuthnContext>", "<saml:Unknown/><saml:AuthnContext>")
    signed = signing.fill_signature(text, "_a1", idp.pairs[0])
    with pytest.raises(SamlResponseRefused):
        verify(parse(signed.encode()), certificates=idp.certificates)


def test_nothing_is_validated_for_whom_has_no_key(
    idp: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Validation by schema takes seconds for a long document, and strangers may send any."""
    validated: list[str] = []
    real = sigver.validate_doc_with_schema
    monkeypatch.setattr(
        sigver, "validate_doc_with_schema", lambda text: (validated.append(text), real(text))[1]
    )
    forged = parse(idp.assertion(Answer(assertion_id="_a1", pair=signing.pair_number(2))).encode())
    with pytest.raises(SamlResponseRefused):
        verify(forged, certificates=idp.certificates)
    assert not validated
    verify(parse(idp.assertion(SIGNED).encode()), certificates=idp.certificates)
    assert len(validated) == 1


def test_any_of_several_certificates(idp: IdentityProvider) -> None:
    certificates = (signing.pair_number(2).certificate, *idp.certificates)
    verify(parse(idp.assertion(SIGNED).encode()), certificates=certificates)
