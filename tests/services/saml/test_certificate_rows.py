"""Rows of ``saml_certificates``: the original's are read, and it can read ours."""

import base64
import hashlib
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hanko_compat.clock import utc_now
from hanko_compat.errors.saml import SamlCertificateUnreadable
from hanko_compat.jose import encryption
from hanko_compat.services.saml.certificate_rows import LIFETIME, make_row, read_pair
from tests.saml import signing

ROW_ID = UUID(int=1)
SECRET = "a text of the row's own"


def as_hanko_writes(pair: signing.Pair, *, form: PrivateFormat) -> str:
    """The key of *pair* as ``cert_key``, by the documented format (databases/README.md), not by our code."""
    private = load_pem_private_key(pair.private, None)
    plain = private.private_bytes(Encoding.PEM, form, NoEncryption())
    cipher, nonce = AESGCM(hashlib.sha256(SECRET.encode()).digest()), bytes(range(12))
    return base64.urlsafe_b64encode(nonce + cipher.encrypt(nonce, plain, None)).decode()


@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_a_row_of_the_original_is_read(form: PrivateFormat) -> None:
    pair = signing.pair_number(11)
    row = {"cert_data": pair.certificate, "cert_key": as_hanko_writes(pair, form=form)}
    found = read_pair(row_id=ROW_ID, **row, encryption_key=SECRET)
    assert found.certificate == pair.certificate
    expected = load_pem_private_key(pair.private, None)
    assert isinstance(expected, RSAPrivateKey)
    assert found.private_key.private_numbers() == expected.private_numbers()
    assert timedelta(0) < utc_now() - found.expires_at < timedelta(days=2)


def test_a_new_row_is_in_the_same_format() -> None:
    now = utc_now()
    row = make_row("Hanko Authentication Service", now=now)
    raw = base64.urlsafe_b64decode(row.cert_key)
    cipher = AESGCM(hashlib.sha256(row.encryption_key.encode()).digest())
    plain = cipher.decrypt(raw[:12], raw[12:], None)
    assert plain.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    private = load_pem_private_key(plain, None)
    assert isinstance(private, RSAPrivateKey)
    assert private.key_size == 2048
    certificate = x509.load_pem_x509_certificate(row.cert_data.encode())
    assert certificate.public_key() == private.public_key()
    assert certificate.subject.rfc4514_string() == "CN=Hanko Authentication Service"
    assert abs(certificate.not_valid_after_utc - now - LIFETIME) < timedelta(seconds=2)
    found = read_pair(
        row_id=ROW_ID, cert_data=row.cert_data, cert_key=row.cert_key, encryption_key=row.encryption_key
    )
    assert found.expires_at == certificate.not_valid_after_utc


def test_every_row_has_a_secret_of_its_own_that_fits_its_column() -> None:
    first, second = (make_row("x", now=utc_now()) for _ in range(2))
    assert first.encryption_key != second.encryption_key
    assert 20 < len(first.encryption_key) <= 255


@pytest.mark.parametrize("name", ["", "x" * 200, "Ümläut & <Co>"])
def test_any_name_of_a_service_makes_a_certificate(name: str) -> None:
    row = make_row(name, now=utc_now())
    certificate = x509.load_pem_x509_certificate(row.cert_data.encode())
    (common_name,) = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    assert common_name.value == (name[:64] or "SAML")


def test_what_is_damaged_is_named_and_not_shown() -> None:
    one, two = signing.pair_number(11), signing.pair_number(12)
    key = as_hanko_writes(one, form=PrivateFormat.PKCS8)
    elliptic = signing.make_pair(ec.generate_private_key(ec.SECP256R1()))
    damaged = [
        {"cert_data": one.certificate, "cert_key": key, "encryption_key": "another"},
        {"cert_data": one.certificate, "cert_key": "", "encryption_key": SECRET},
        {"cert_data": "no certificate", "cert_key": key, "encryption_key": SECRET},
        {"cert_data": two.certificate, "cert_key": key, "encryption_key": SECRET},
        {
            "cert_data": one.certificate,
            "cert_key": encryption.encrypt(b"no key", secret=SECRET),
            "encryption_key": SECRET,
        },
        {
            "cert_data": elliptic.certificate,
            "cert_key": as_hanko_writes(elliptic, form=PrivateFormat.PKCS8),
            "encryption_key": SECRET,
        },
    ]
    for row in damaged:
        with pytest.raises(SamlCertificateUnreadable) as caught:
            read_pair(row_id=ROW_ID, **row)
        assert str(ROW_ID) in str(caught.value)
        assert SECRET not in str(caught.value)
