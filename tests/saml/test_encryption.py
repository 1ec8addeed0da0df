"""Encrypted assertions: by the algorithms that servers use, for the present and the former certificate."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from hanko_compat.errors.saml import SamlResponseRefused
from tests.saml import signing
from tests.saml.conftest import Read, Ring, key_pair
from tests.saml.identity_provider import Answer, IdentityProvider, encode
from tests.saml.signing import OAEP, OAEP_11, XENC, XENC11

pytestmark = pytest.mark.servers  # xmlsec1

GOOD = [
    (f"{XENC11}aes128-gcm", OAEP),
    (f"{XENC11}aes256-gcm", OAEP),
    (f"{XENC}aes128-cbc", OAEP),
    (f"{XENC}aes256-cbc", OAEP),
    (f"{XENC11}aes256-gcm", OAEP_11),
]
CIPHER_VALUE = re.compile(r"(<xenc:CipherValue>)(.*?)(</xenc:CipherValue>)", re.DOTALL)


@pytest.mark.parametrize(("algorithm", "transport"), GOOD, ids=lambda name: name.rpartition("#")[2])
@pytest.mark.parametrize("is_key_beside", [False, True], ids=["inside", "beside"])
def test_algorithms_of_today(
    read: Read, idp: IdentityProvider, ring: Ring, algorithm: str, transport: str, is_key_beside: bool
) -> None:
    how = {"algorithm": algorithm, "transport": transport, "is_key_beside": is_key_beside}
    text = idp.response(encrypt_for=ring.pairs[0].certificate, encryption=how)
    assert read(text).subject == "subject-1"


@pytest.mark.parametrize(
    ("algorithm", "transport"),
    [(f"{XENC}tripledes-cbc", OAEP), (signing.AES256_GCM, f"{XENC}rsa-1_5")],
    ids=["3DES", "PKCS 1"],
)
def test_algorithms_of_yesterday(
    read: Read, idp: IdentityProvider, ring: Ring, algorithm: str, transport: str
) -> None:
    how = {"algorithm": algorithm, "transport": transport}
    with pytest.raises(SamlResponseRefused) as caught:
        read(idp.response(encrypt_for=ring.pairs[0].certificate, encryption=how))
    assert caught.value.reason == "the assertion can't be decrypted"


def test_the_former_certificate_still_decrypts(read: Read, idp: IdentityProvider, ring: Ring) -> None:
    text = idp.response(encrypt_for=ring.pairs[0].certificate)
    ring.pairs.insert(0, key_pair(signing.pair_number(12)))
    assert read(text).subject == "subject-1"
    ring.pairs.pop()
    with pytest.raises(SamlResponseRefused):
        read(text)


def test_the_option_refuses_a_certificate_that_is_over(read: Read, idp: IdentityProvider, ring: Ring) -> None:
    text = idp.response(encrypt_for=ring.pairs[0].certificate)
    assert read(text, validate_encryption_cert=True).subject
    ring.pairs = [key_pair(signing.pair_number(11), days=-1)]
    assert read(text).subject
    with pytest.raises(SamlResponseRefused):
        read(text, validate_encryption_cert=True)


def test_encryption_is_no_signature(read: Read, idp: IdentityProvider, ring: Ring) -> None:
    """Everybody can encrypt for us."""
    with pytest.raises(SamlResponseRefused):
        read(idp.response(signed=frozenset(), encrypt_for=ring.pairs[0].certificate))


def test_what_is_inside_is_checked_like_anything_else(read: Read, idp: IdentityProvider, ring: Ring) -> None:
    certificate = ring.pairs[0].certificate
    for lie in ({"audience": "urn:other"}, {"pair": signing.pair_number(2)}):
        with pytest.raises(SamlResponseRefused):
            read(idp.response(Answer(**lie, encrypt_for=certificate)))  # type: ignore[arg-type]
    # Unlike outside, where it has an error of its own: nothing shows what could be decrypted.
    with pytest.raises(SamlResponseRefused):
        read(idp.response(issuer=None, encrypt_for=certificate))


@pytest.mark.parametrize(
    "inside",
    [
        " ",
        "text",
        "<saml:Issuer/>",
        "<a/><b/>",
        "</outside><outside>",
        "<!DOCTYPE a><a/>",
        "<!-- comment -->{assertion}",
        "{assertion}{assertion}",
        "{assertion}text",
        "<saml:Advice>{assertion}</saml:Advice>",
    ],
)
def test_anything_else_inside_is_refused(read: Read, idp: IdentityProvider, ring: Ring, inside: str) -> None:
    answer = Answer(signed=frozenset({"response"}))
    assertion = idp.assertion(answer)
    encrypted = signing.encrypt(inside.format(assertion=assertion), ring.pairs[0].certificate)
    with pytest.raises(SamlResponseRefused):
        read(encode(idp.wrap(encrypted, answer)))


@pytest.mark.parametrize("algorithm", [signing.AES256_GCM, signing.AES256_CBC])
@pytest.mark.parametrize("number", [0, 1], ids=["key", "data"])
@pytest.mark.parametrize("value", ["", "AAAA", "A" * 64, "%"], ids=["empty", "short", "long", "no base64"])
def test_damage_has_one_error(
    read: Read, idp: IdentityProvider, ring: Ring, algorithm: str, number: int, value: str
) -> None:
    document = idp.document(encrypt_for=ring.pairs[0].certificate, encryption={"algorithm": algorithm})
    found = list(CIPHER_VALUE.finditer(document))[number]
    damaged = document[: found.start(2)] + value + document[found.end(2) :]
    with pytest.raises(SamlResponseRefused) as caught:
        read(encode(damaged))
    assert caught.value.reason == "the assertion can't be decrypted"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"<xenc:EncryptedData.*</xenc:EncryptedData>", "<saml:Other/>"),
        (r"</saml:EncryptedAssertion>", "<saml:More/></saml:EncryptedAssertion>"),
        (r'Algorithm="[^"]*aes256-gcm"', 'Algorithm="urn:unknown"'),
        (r"<xenc:CipherValue>.*?</xenc:CipherValue>", "<xenc:CipherReference URI='#a'/>"),
        (r"<ds:KeyInfo.*?</ds:KeyInfo>", ""),
    ],
)
def test_another_form_is_refused(read: Read, idp: IdentityProvider, ring: Ring, old: str, new: str) -> None:
    document = idp.document(encrypt_for=ring.pairs[0].certificate)
    changed = re.sub(old, new, document, flags=re.DOTALL)
    assert changed != document
    with pytest.raises(SamlResponseRefused):
        read(encode(changed))


def test_many_keys_are_not_all_tried(
    read: Read, idp: IdentityProvider, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = idp.document(encrypt_for=ring.pairs[0].certificate)
    found = re.search(r"<xenc:EncryptedKey>.*</xenc:EncryptedKey>", document, re.DOTALL)
    assert found
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ring.pairs = [key_pair(signing.make_pair(stranger))]
    calls: list[bytes] = []

    class Counting:
        """Counts what is to be decrypted."""

        def decrypt(self, value: bytes, _padding: object) -> bytes:
            calls.append(value)
            raise ValueError

    object.__setattr__(ring.pairs[0], "private_key", Counting())
    with pytest.raises(SamlResponseRefused):
        read(encode(document.replace(found[0], found[0] * 100)))
    assert len(calls) == 8
