"""Wrapping: a document that is really signed, with something in it that is not (security.md 23)."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from hanko_compat.errors.saml import SamlIssuerMissing, SamlResponseRefused
from tests.saml.conftest import Read
from tests.saml.identity_provider import EMAIL, Answer, IdentityProvider, encode

pytestmark = pytest.mark.servers  # xmlsec1

SIGNATURE = re.compile(r"<ds:Signature .*?</ds:Signature>", re.DOTALL)
ASSERTION = re.compile(r"<saml:Assertion .*?</saml:Assertion>", re.DOTALL)
SIGNED_RESPONSE = Answer(signed=frozenset({"response"}), response_id="_signed")
SIGNED_ASSERTION = Answer(signed=frozenset({"assertion"}), assertion_id="_signed")
EVIL = "mallory"


def evil(text: str) -> str:
    """*text* with another subject, another ID, and no signature of its own."""
    return SIGNATURE.sub("", text).replace("subject-1", EVIL).replace('ID="_signed"', 'ID="_evil"', 1)


def put_inside(text: str, new: str, *, before: str) -> str:
    """*text* with *new* in it."""
    assert before in text
    return text.replace(before, new + before, 1)


def signature_of(text: str) -> str:
    found = SIGNATURE.search(text)
    assert found
    return found[0]


def assertion_of(text: str) -> str:
    found = ASSERTION.search(text)
    assert found
    return found[0]


def xsw1(response: str) -> str:
    """An evil response, which has the signature, and in it the signed response."""
    signature = signature_of(response)
    wrapped = put_inside(signature, SIGNATURE.sub("", response), before="</ds:Signature>")
    return put_inside(evil(response), wrapped, before="<samlp:Status>")


def xsw2(response: str) -> str:
    """An evil response, and in it first the signed one, then the signature."""
    inside = SIGNATURE.sub("", response) + signature_of(response)
    return put_inside(evil(response), inside, before="<samlp:Status>")


def xsw3(response: str) -> str:
    """An evil assertion before the signed one."""
    assertion = assertion_of(response)
    return put_inside(response, evil(assertion), before=assertion)


def xsw4(response: str) -> str:
    """An evil assertion around the signed one."""
    assertion = assertion_of(response)
    return response.replace(assertion, put_inside(evil(assertion), assertion, before="</saml:Assertion>"))


def xsw5(response: str) -> str:
    """An evil assertion with the signature; the signed one, without it, at the end."""
    assertion = assertion_of(response)
    changed = assertion.replace("subject-1", EVIL).replace('ID="_signed"', 'ID="_evil"', 1)
    return response.replace(assertion, changed + SIGNATURE.sub("", assertion))


def xsw6(response: str) -> str:
    """An evil assertion with the signature, and in that the signed one."""
    assertion = assertion_of(response)
    signature = put_inside(signature_of(assertion), SIGNATURE.sub("", assertion), before="</ds:Signature>")
    return response.replace(assertion, put_inside(evil(assertion), signature, before="<saml:Subject>"))


def xsw7(response: str) -> str:
    """An evil assertion in the extensions, before the signed one."""
    extensions = f"<samlp:Extensions>{evil(assertion_of(response))}</samlp:Extensions>"
    return put_inside(response, extensions, before="<samlp:Status>")


def xsw8(response: str) -> str:
    """An evil assertion with the signature; the signed one is an object of that."""
    assertion = assertion_of(response)
    inside = f"<ds:Object>{SIGNATURE.sub('', assertion)}</ds:Object>"
    signature = put_inside(signature_of(assertion), inside, before="</ds:Signature>")
    return response.replace(assertion, put_inside(evil(assertion), signature, before="<saml:Subject>"))


def same_id(response: str) -> str:
    """As XSW 5, with one ID for both."""
    assertion = assertion_of(response)
    return response.replace(assertion, assertion.replace("subject-1", EVIL) + SIGNATURE.sub("", assertion))


def in_advice(response: str) -> str:
    """The signed assertion is advice of an evil one."""
    assertion = assertion_of(response)
    advice = f"<saml:Advice>{assertion}</saml:Advice>"
    return response.replace(assertion, put_inside(evil(assertion), advice, before="<saml:AuthnStatement"))


def in_key_info(response: str) -> str:
    """The signed assertion lies in what the signature says about its key."""
    assertion = assertion_of(response)
    inside = f"<ds:KeyInfo>{SIGNATURE.sub('', assertion)}</ds:KeyInfo>"
    signature = put_inside(signature_of(assertion), inside, before="</ds:Signature>")
    return response.replace(assertion, put_inside(evil(assertion), signature, before="<saml:Subject>"))


def after_the_root(response: str) -> str:
    """A second document follows."""
    return response + evil(response)


def xml_id(response: str) -> str:
    """The ID of the signed assertion is that of another element, too, by XML's own attribute."""
    return response.replace("<saml:Subject>", '<saml:Subject xml:id="_signed">', 1)


def other_case(response: str) -> str:
    """The same, by an attribute that others read as an ID."""
    return response.replace("<saml:AuthnStatement", '<saml:AuthnStatement Id="_signed"', 1)


OF_RESPONSES = [xsw1, xsw2]
OF_ASSERTIONS = [
    xsw3,
    xsw4,
    xsw5,
    xsw6,
    xsw7,
    xsw8,
    same_id,
    in_advice,
    in_key_info,
    xml_id,
    other_case,
]


@pytest.mark.parametrize("attack", OF_RESPONSES, ids=lambda attack: attack.__name__)
def test_a_signed_response_can_not_be_wrapped(
    read: Read, idp: IdentityProvider, attack: Callable[[str], str]
) -> None:
    document = idp.document(SIGNED_RESPONSE)
    assert read(encode(document)).subject == "subject-1"
    with pytest.raises(SamlResponseRefused):
        read(encode(attack(document)))


@pytest.mark.parametrize("attack", OF_ASSERTIONS, ids=lambda attack: attack.__name__)
@pytest.mark.parametrize("skips", [False, True], ids=["", "without validation"])
def test_a_signed_assertion_can_not_be_wrapped(
    read: Read, idp: IdentityProvider, attack: Callable[[str], str], skips: bool
) -> None:
    document = idp.document(SIGNED_ASSERTION)
    assert read(encode(document)).subject == "subject-1"
    with pytest.raises(SamlResponseRefused):
        read(encode(attack(document)), skip_signature_validation=skips)


def test_a_signature_of_one_assertion_is_none_of_another(read: Read, idp: IdentityProvider) -> None:
    document = idp.document(SIGNED_ASSERTION)
    other = assertion_of(idp.document(replace(SIGNED_ASSERTION, subject=EVIL, assertion_id="_other")))
    moved = SIGNATURE.sub(lambda _: signature_of(document), other)
    with pytest.raises(SamlResponseRefused):
        read(encode(ASSERTION.sub(lambda _: moved, document)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("subject-1", EVIL),
        ("alice@corp.example.test", "mallory@corp.example.test"),
        (f'Name="{EMAIL}"', 'Name="other"'),
        ("<saml:Subject>", "<saml:Subject >"),
    ],
)
def test_what_was_changed_is_refused_unless_it_means_the_same(
    read: Read, idp: IdentityProvider, old: str, new: str
) -> None:
    document = idp.document(SIGNED_ASSERTION)
    changed = document.replace(old, new, 1)
    assert changed != document
    if new == "<saml:Subject >":
        assert read(encode(changed)).subject == "subject-1"
    else:
        with pytest.raises(SamlResponseRefused):
            read(encode(changed))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('Version="2.0"', 'Version="1.1"'),
        ('ID="_signed"', 'ID="with blanks"'),
        ('ID="_signed"', f'ID="_{"a" * 300}"'),
        ("<samlp:Status>", "text<samlp:Status>"),
        ("<samlp:Status>", "<samlp:Unknown/><samlp:Status>"),
        ("</samlp:Status>", "</samlp:Status><samlp:Status/>"),
        ("<saml:Subject>", "<saml:Subject><saml:EncryptedID/>"),
    ],
)
def test_another_shape_is_refused(read: Read, idp: IdentityProvider, old: str, new: str) -> None:
    document = idp.document(SIGNED_ASSERTION)
    assert old in document
    with pytest.raises((SamlResponseRefused, SamlIssuerMissing)):
        read(encode(document.replace(old, new)), skip_signature_validation=True)
