"""Rows of ``saml_certificates`` as Hanko writes them: a certificate in PEM, and its encrypted key."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from hanko_compat import random_secrets
from hanko_compat.errors.saml import SamlCertificateUnreadable
from hanko_compat.jose import encryption
from hanko_compat.saml.key_pairs import KeyPair

LIFETIME = timedelta(days=3 * 365)
"""Of one that we make; the original's last a year, after which each identity provider has to be told."""

RSA_BITS = 2048
MAX_NAME = 64
"""Letters of a common name (RFC 5280 appendix A.1)."""


@dataclass(frozen=True, slots=True)
class StoredPair:
    """A row, decrypted."""

    row_id: UUID
    created_at: datetime
    pair: KeyPair


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRow:
    """What a new row has to say: the key (PEM) is encrypted under the text that stands beside it."""

    cert_data: str
    cert_key: str
    encryption_key: str


def read_pair(*, row_id: UUID, cert_data: str, cert_key: str, encryption_key: str) -> KeyPair:
    """The certificate in a row, which may be the original's.

    Raises:
        SamlCertificateUnreadable: it can't be decrypted, or is no RSA certificate with its key.
    """
    place = f"the certificate {row_id} (table saml_certificates)"
    plain = encryption.decrypt(cert_key, secret=encryption_key)
    if plain is None:
        raise SamlCertificateUnreadable(f"{place}: encryption_key does not decrypt cert_key")
    try:
        certificate = x509.load_pem_x509_certificate(cert_data.encode())
        private_key = load_pem_private_key(plain, None)
    except (ValueError, TypeError) as error:
        raise SamlCertificateUnreadable(f"{place} is damaged: {type(error).__name__}") from None
    if not isinstance(private_key, RSAPrivateKey) or private_key.public_key() != certificate.public_key():
        raise SamlCertificateUnreadable(f"{place} does not belong to its key, or that is not RSA")
    return KeyPair(
        certificate=cert_data,
        private_key=private_key,
        not_before=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
    )


def make_row(service_name: str, *, now: datetime) -> NewRow:
    """A new certificate, self-signed, in a form that the original reads. It takes a tenth of a second."""
    private_key = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, service_name[:MAX_NAME] or "SAML")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        # Identity providers whose clocks are slow take it at once.
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
        .sign(private_key, hashes.SHA256())
    )
    key = private_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    secret = random_secrets.text(32)
    return NewRow(
        cert_data=certificate.public_bytes(Encoding.PEM).decode(),
        cert_key=encryption.encrypt(key, secret=secret),
        encryption_key=secret,
    )
