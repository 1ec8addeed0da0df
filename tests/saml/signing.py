"""Keys, signatures and encryption of a SAML peer: xmlsec1 makes them, as the servers of companies do."""

import base64
import re
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hanko_compat.clock import utc_now

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
RSA_SHA256, ECDSA_SHA256 = f"{MORE}rsa-sha256", f"{MORE}ecdsa-sha256"
SHA256 = f"{XENC}sha256"
OAEP, OAEP_11 = f"{XENC}rsa-oaep-mgf1p", f"{XENC11}rsa-oaep"
AES256_GCM, AES256_CBC = f"{XENC11}aes256-gcm", f"{XENC}aes256-cbc"


@dataclass(frozen=True)
class Pair:
    """A private key and its certificate, both PEM."""

    private: bytes
    certificate: str

    @property
    def base64(self) -> str:
        """The certificate as it stands in metadata."""
        return "".join(self.certificate.split("-----")[2].split())


def make_pair(private: PrivateKey | None = None, *, name: str = "identity provider") -> Pair:
    """A new key, RSA unless one is given, with a certificate of its own."""
    private = private or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    moment = utc_now()
    builder = x509.CertificateBuilder(subject, subject, private.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(moment - timedelta(days=2))
    # Over: the dates of the certificates in metadata do not count.
    certificate = builder.not_valid_after(moment - timedelta(days=1)).sign(private, hashes.SHA256())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(pem, certificate.public_bytes(serialization.Encoding.PEM).decode())


@cache
def pair_number(number: int) -> Pair:
    """One of several pairs that the tests share, as new ones take time."""
    return make_pair(name=f"pair {number}")


def signature_template(
    identifier: str,
    *,
    algorithm: str = RSA_SHA256,
    digest: str = SHA256,
    canonicalisation: str = EXCLUSIVE,
    transforms: tuple[str, ...] = (ENVELOPED, EXCLUSIVE),
    key_info: str = "",
    more: str = "",
) -> str:
    """A signature about the element *identifier*, to be filled by `fill_signature`."""
    steps = "".join(f'<ds:Transform Algorithm="{step}"/>' for step in transforms)
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{canonicalisation}"/>'
        f'<ds:SignatureMethod Algorithm="{algorithm}"/>'
        f'<ds:Reference URI="#{identifier}"><ds:Transforms>{steps}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>'
        f"<ds:SignatureValue/>{key_info}{more}</ds:Signature>"
    )


def fill_signature(document: str, identifier: str, pair: Pair) -> str:
    """Compute the first signature in the element *identifier* of *document*."""
    kinds = ("protocol:Response", "assertion:Assertion")
    arguments = ["--sign", "--node-id", identifier]
    for kind in kinds:
        arguments += ["--id-attr:ID", f"urn:oasis:names:tc:SAML:2.0:{kind}"]
    with TemporaryDirectory() as folder:
        key = Path(folder, "key.pem")
        key.write_bytes(pair.private)
        return _without_declaration(_xmlsec1([*arguments, "--privkey-pem", str(key)], document, folder))


def encrypt(
    assertion: str,
    certificate: str,
    *,
    algorithm: str = AES256_GCM,
    transport: str = OAEP,
    is_key_beside: bool = False,
) -> str:
    """The ``EncryptedAssertion`` with *assertion* for the owner of *certificate* (PEM)."""
    if transport == OAEP_11:
        return _encrypt_by_hand(assertion, certificate)
    template = (
        f'<xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element">'
        f'<xenc:EncryptionMethod Algorithm="{algorithm}"/>'
        f'<ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{transport}"/>'
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"
    )
    bits = re.search(r"aes(\d+)", algorithm)
    session_key = f"aes-{bits[1]}" if bits else "des-192"
    with TemporaryDirectory() as folder:
        public, plain = Path(folder, "public.pem"), Path(folder, "plain.xml")
        public.write_text(certificate)
        plain.write_text(assertion)
        arguments = ["--encrypt", "--pubkey-cert-pem", str(public), "--session-key", session_key]
        arguments += ["--binary-data", str(plain)]
        data = _without_declaration(_xmlsec1(arguments, template, folder))
    if is_key_beside:
        found = re.search(r"<xenc:EncryptedKey>.*</xenc:EncryptedKey>", data, re.DOTALL)
        assert found
        key = found[0].replace("<xenc:EncryptedKey>", f'<xenc:EncryptedKey xmlns:xenc="{XENC}">')
        data = re.sub(r"<ds:KeyInfo.*</ds:KeyInfo>", "", data, flags=re.DOTALL) + key
    return f"<saml:EncryptedAssertion>{data}</saml:EncryptedAssertion>"


def _encrypt_by_hand(assertion: str, certificate: str) -> str:
    """As Keycloak with the OAEP of XML Encryption 1.1, which the xmlsec1 of Debian 12 does not know."""
    session_key, nonce = AESGCM.generate_key(256), bytes(12)
    scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    key = base64.b64encode(public.encrypt(session_key, scheme)).decode()
    value = base64.b64encode(nonce + AESGCM(session_key).encrypt(nonce, assertion.encode(), None)).decode()
    return (
        f'<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="{XENC}">'
        f'<xenc:EncryptionMethod Algorithm="{AES256_GCM}"/><ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey>'
        f'<xenc:EncryptionMethod Algorithm="{OAEP_11}"><ds:DigestMethod Algorithm="{SHA256}"/>'
        f'<x11:MGF xmlns:x11="{XENC11}" Algorithm="{XENC11}mgf1sha256"/></xenc:EncryptionMethod>'
        f"<xenc:CipherData><xenc:CipherValue>{key}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
        f"</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{value}</xenc:CipherValue></xenc:CipherData>"
        "</xenc:EncryptedData></saml:EncryptedAssertion>"
    )


def _without_declaration(document: str) -> str:
    return re.sub(r"^<\?xml[^>]*\?>\s*", "", document).strip()


def _xmlsec1(arguments: list[str], document: str, folder: str) -> str:
    source = Path(folder, "document.xml")
    source.write_text(document)
    done = subprocess.run(["xmlsec1", *arguments, str(source)], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
