"""Metadata of identity providers: what is read, and what is refused."""

import base64
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.errors.saml import SamlMetadataInvalid
from hanko_compat.saml.idp_metadata import MAX_BYTES, parse_metadata
from tests.saml import signing
from tests.saml.identity_provider import MD, REDIRECT, IdentityProvider, P
from tests.saml.signing import DS, Pair

POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SSO = f'<SingleSignOnService Binding="{REDIRECT}" Location="https://idp.example.test/sso"/>'


def key(pair: Pair, use: str = ' use="signing"') -> str:
    return (
        f'<KeyDescriptor{use}><KeyInfo xmlns="{DS}"><X509Data>'
        f"<X509Certificate>\n{pair.base64}\n</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
    )


ONE, TWO, THREE = (signing.pair_number(number) for number in (1, 2, 3))


def read(idp: IdentityProvider, inside: str, **more: Any) -> Any:
    return parse_metadata(idp.metadata(inside=inside, **more))


def test_the_plain_form(idp: IdentityProvider) -> None:
    metadata = parse_metadata(idp.metadata())
    assert metadata.entity_id == "https://idp.example.test/metadata"
    assert metadata.sso_url == "https://idp.example.test/sso"
    assert metadata.certificates == (ONE.certificate,)
    assert metadata.wants_signed_requests is False
    assert (metadata.valid_until, metadata.cache_duration) == (None, None)


def test_keys_that_may_sign(idp: IdentityProvider) -> None:
    keys = key(ONE) + key(TWO, "") + key(THREE, ' use="encryption"') + key(ONE)
    assert read(idp, keys + SSO).certificates == (ONE.certificate, TWO.certificate)


def test_several_certificates_in_one_key(idp: IdentityProvider) -> None:
    data = f"</X509Certificate><X509Certificate>{TWO.base64}</X509Certificate>"
    keys = key(ONE).replace("</X509Certificate>", data)
    assert len(read(idp, keys + SSO).certificates) == 2


def test_times_of_the_document(idp: IdentityProvider) -> None:
    entity = idp.metadata(attributes=' validUntil="2030-01-02T00:00:00Z" cacheDuration="PT6H"').decode()
    times = 'validUntil="2030-01-01T00:00:00Z" cacheDuration="P1D"'
    document = f'<EntitiesDescriptor xmlns="{MD}" {times}>{entity}</EntitiesDescriptor>'
    metadata = parse_metadata(document.encode())
    assert metadata.valid_until == datetime(2030, 1, 1, tzinfo=UTC)
    assert metadata.cache_duration == timedelta(hours=6)


def test_one_identity_provider_among_others(idp: IdentityProvider) -> None:
    other = f'<EntityDescriptor xmlns="{MD}" entityID="urn:sp"><SPSSODescriptor/></EntityDescriptor>'
    inner = f"<EntitiesDescriptor>{other}{idp.metadata().decode()}</EntitiesDescriptor>"
    head = f'<?xml version="1.0"?><!-- many --><EntitiesDescriptor xmlns="{MD}">'
    document = f"{head}{other}{inner}</EntitiesDescriptor>"
    assert parse_metadata(document.encode()).entity_id == idp.entity_id
    with pytest.raises(SamlMetadataInvalid, match="can't be used") as caught:
        parse_metadata(document.replace(other, idp.metadata().decode(), 1).encode())
    assert "more than one" in caught.value.reason


def test_a_wish_for_signed_requests(idp: IdentityProvider) -> None:
    document = idp.metadata().replace(
        b"<IDPSSODescriptor ", b'<IDPSSODescriptor WantAuthnRequestsSigned="true" '
    )
    assert parse_metadata(document).wants_signed_requests is True


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ("", "no usable certificate"),
        (SSO, "no usable certificate"),
        (key(ONE, ' use="encryption"') + SSO, "no usable certificate"),
        (key(ONE).replace(ONE.base64, "no base64") + SSO, "no usable certificate"),
        (key(ONE).replace(ONE.base64, "AAAA") + SSO, "no usable certificate"),
        (key(ONE), "no binding that is known"),
        (key(ONE) + SSO.replace(REDIRECT, POST), "HTTP-POST only"),
        (key(ONE) + SSO.replace("https://", "javascript:"), "no URL"),
        (key(ONE) + SSO.replace("idp.example.test", "user@idp.example.test"), "no URL"),
        (key(ONE) + SSO.replace("/sso", "/s so"), "no URL"),
        (key(ONE) + SSO.replace("/sso", "/sso#fragment"), "no URL"),
        (key(ONE) + SSO.replace("idp.example.test", "[idp"), "no URL"),
        (key(ONE) + SSO.replace("idp.example.test", "ïdp.example.test"), "no URL"),
        (key(ONE) + SSO.replace('"https://idp.example.test/sso"', '""'), "no URL"),
    ],
)
def test_what_is_needed_is_missing(idp: IdentityProvider, inside: str, reason: str) -> None:
    with pytest.raises(SamlMetadataInvalid) as caught:
        read(idp, inside)
    assert reason in caught.value.reason


@pytest.mark.parametrize("length", [1024, 2048])
def test_short_keys_are_not_trusted(idp: IdentityProvider, length: int) -> None:
    pair = signing.make_pair(rsa.generate_private_key(public_exponent=65537, key_size=length))
    if length < 2048:
        with pytest.raises(SamlMetadataInvalid):
            read(idp, key(pair) + SSO)
    else:
        assert read(idp, key(pair) + SSO).certificates == (pair.certificate,)


def test_keys_of_other_kinds(idp: IdentityProvider) -> None:
    elliptic = signing.make_pair(ec.generate_private_key(ec.SECP256R1()))
    assert read(idp, key(elliptic) + SSO).certificates == (elliptic.certificate,)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    name = x509.Name([])
    private = ed25519.Ed25519PrivateKey.generate()
    builder = x509.CertificateBuilder(name, name, private.public_key(), 1, moment, moment)
    text = base64.b64encode(builder.sign(private, None).public_bytes(Encoding.DER)).decode()
    with pytest.raises(SamlMetadataInvalid):
        read(idp, key(ONE).replace(ONE.base64, text) + SSO)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<EntityDescriptor", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><EntityDescriptor"),
        (b"EntityDescriptor", b"OtherDescriptor"),
        (MD.encode(), b"urn:other"),
        (P.encode(), b"urn:oasis:names:tc:SAML:1.1:protocol"),
        (b'entityID="https://idp.example.test/metadata"', b'entityID=""'),
        (b'entityID="https://idp.example.test/metadata"', b'entityID="' + b"a" * 256 + b'"'),
        (b"<IDPSSODescriptor", b"<IDPSSODescriptor validUntil='soon'"),
        (b"<IDPSSODescriptor", b"<IDPSSODescriptor cacheDuration='long'"),
        (b"</EntityDescriptor>", b""),
        (b"</EntityDescriptor>", b"</EntityDescriptor>" + b" " * MAX_BYTES),
    ],
    ids=lambda part: part[:40].decode(),
)
def test_other_documents_are_refused(idp: IdentityProvider, old: bytes, new: bytes) -> None:
    assert old in idp.metadata()
    with pytest.raises(SamlMetadataInvalid):
        parse_metadata(idp.metadata().replace(old, new))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(begin=st.integers(0, 2000), length=st.integers(0, 300), new=st.binary(max_size=20))
def test_a_damaged_document_has_our_error(idp: IdentityProvider, begin: int, length: int, new: bytes) -> None:
    document = idp.metadata()
    with suppress(SamlMetadataInvalid):
        assert parse_metadata(document[:begin] + new + document[begin + length :]).sso_url
