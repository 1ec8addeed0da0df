"""An authority of a test's own, and certificates that it signs."""

import base64
import hashlib
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hanko_compat.clock import utc_now


class Authority:
    """Signs certificates; ``file`` is its own, for those who trust it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "authority.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("the authority of the tests")
        builder = _builder(self._name, self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.file.write_bytes(
            builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )

    def issue(self, host: str, *others: str) -> tuple[Path, Path]:
        """A certificate for *host* and *others*, names or IP addresses, and its key: the files of both.

        The authority's own follows in the file: Chromium looks for whom it trusts among what it is shown.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(host), self._name, key).add_extension(
            x509.SubjectAlternativeName([_alternative(each) for each in (host, *others)]), critical=False
        )
        certificate, private = self.folder / f"{host}.pem", self.folder / f"{host}.key"
        leaf = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        certificate.write_bytes(leaf + self.file.read_bytes())
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        private.chmod(0o600)
        return certificate, private

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of its public key in Base64, as Chromium is told whom to trust."""
        key = self._key.public_key()
        spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = utc_now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
