"""Assertions that were encrypted for us (XML Encryption 1.1), by today's algorithms.

Not by xmlsec1: it would want the private key in a file, and that of Debian 12 does not know the OAEP of
XML Encryption 1.1, which Keycloak uses.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from hanko_compat.errors.saml import SamlResponseRefused, XmlRefused
from hanko_compat.saml.names import ENCRYPTION_11_NS, ENCRYPTION_NS, SIGNATURE_NS
from hanko_compat.saml.xml_nodes import Name, Node, parse

MAX_KEYS = 8
"""Encrypted keys in one document: each is tried with each of ours."""
NONCE_BYTES: Final = 12
BLOCK_BYTES: Final = 16
_BLOCK_CIPHERS: Final = {
    f"{ENCRYPTION_NS}aes128-cbc": 16,
    f"{ENCRYPTION_NS}aes192-cbc": 24,
    f"{ENCRYPTION_NS}aes256-cbc": 32,
}
_AUTHENTICATED_CIPHERS: Final = {
    f"{ENCRYPTION_11_NS}aes128-gcm": 16,
    f"{ENCRYPTION_11_NS}aes192-gcm": 24,
    f"{ENCRYPTION_11_NS}aes256-gcm": 32,
}
_OAEP: Final = f"{ENCRYPTION_NS}rsa-oaep-mgf1p"
_OAEP_11: Final = f"{ENCRYPTION_11_NS}rsa-oaep"
# In OAEP, nobody has to find collisions: SHA-1 is as good as another one, and the default.
_DIGESTS: Final[dict[str | None, type[hashes.HashAlgorithm]]] = {
    None: hashes.SHA1,
    f"{SIGNATURE_NS}sha1": hashes.SHA1,
    f"{ENCRYPTION_NS}sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384,
    f"{ENCRYPTION_NS}sha512": hashes.SHA512,
}
_MASKS: Final[dict[str | None, type[hashes.HashAlgorithm]]] = {
    None: hashes.SHA1,
    f"{ENCRYPTION_11_NS}mgf1sha1": hashes.SHA1,
    f"{ENCRYPTION_11_NS}mgf1sha256": hashes.SHA256,
    f"{ENCRYPTION_11_NS}mgf1sha384": hashes.SHA384,
    f"{ENCRYPTION_11_NS}mgf1sha512": hashes.SHA512,
}
_DATA: Final = (ENCRYPTION_NS, "EncryptedData")
_KEY: Final = (ENCRYPTION_NS, "EncryptedKey")
_METHOD: Final = (ENCRYPTION_NS, "EncryptionMethod")


def decrypt(encrypted: Node, *, keys: Sequence[RSAPrivateKey]) -> Node:
    """Decrypt an ``EncryptedAssertion`` with whichever of *keys* fits, and return the element in it.

    Nothing of it is trustworthy yet, its form included. Every failure is the same error with the same text.

    Raises:
        SamlResponseRefused: no key fits, the algorithms are not allowed, or it was damaged.
    """
    data = encrypted.first(_DATA)
    if data is None or [child.name for child in encrypted.children if child.name != _KEY] != [_DATA]:
        raise SamlResponseRefused("the encrypted assertion has another form")
    try:
        plain = _decrypt_data(data, list(_session_keys(encrypted, data, keys)))
        return _parse_inside(plain, encrypted)
    except (ValueError, InvalidTag, XmlRefused):
        raise SamlResponseRefused("the assertion can't be decrypted") from None


def _session_keys(encrypted: Node, data: Node, keys: Sequence[RSAPrivateKey]) -> Iterator[bytes]:
    """What the keys in the document decrypt to, wherever they stand (XML Encryption s. 3.5)."""
    information = data.first((SIGNATURE_NS, "KeyInfo"))
    inside = information.all(_KEY) if information is not None else []
    for encrypted_key in (inside + encrypted.all(_KEY))[:MAX_KEYS]:
        method = encrypted_key.first(_METHOD)
        padding = _oaep(method) if method is not None else None
        if padding is None:
            continue
        for key in keys:
            try:
                yield key.decrypt(_cipher_value(encrypted_key), padding)
            except ValueError:
                continue


def _oaep(method: Node) -> OAEP | None:
    algorithm = method.get("Algorithm")
    digest = _DIGESTS.get(_algorithm(method, (SIGNATURE_NS, "DigestMethod")))
    mask_name = _algorithm(method, (ENCRYPTION_11_NS, "MGF")) if algorithm == _OAEP_11 else None
    mask = _MASKS.get(mask_name)
    if algorithm not in {_OAEP, _OAEP_11} or digest is None or mask is None:
        return None
    parameters = method.first((ENCRYPTION_NS, "OAEPparams"))
    label = _base64(parameters.text) if parameters is not None else None
    return OAEP(mgf=MGF1(mask()), algorithm=digest(), label=label or None)


def _algorithm(method: Node, name: Name) -> str | None:
    child = method.first(name)
    return None if child is None else child.get("Algorithm") or ""


def _decrypt_data(data: Node, session_keys: Sequence[bytes]) -> bytes:
    method = data.first(_METHOD)
    algorithm = (method.get("Algorithm") if method is not None else None) or ""
    value = _cipher_value(data)
    length = _AUTHENTICATED_CIPHERS.get(algorithm) or _BLOCK_CIPHERS.get(algorithm)
    key = next((key for key in session_keys if len(key) == length), None)
    if key is None:
        raise ValueError("no key fits")
    if algorithm in _AUTHENTICATED_CIPHERS:
        return AESGCM(key).decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], None)
    return _decrypt_blocks(value, key)


def _decrypt_blocks(value: bytes, key: bytes) -> bytes:
    """AES in CBC mode; the last byte says how many are padding (XML Encryption s. 5.2.2)."""
    decryptor = Cipher(AES(key), CBC(value[:BLOCK_BYTES])).decryptor()
    padded = decryptor.update(value[BLOCK_BYTES:]) + decryptor.finalize()
    if not padded or not 1 <= padded[-1] <= BLOCK_BYTES:
        raise ValueError("the padding is wrong")
    return padded[: -padded[-1]]


def _parse_inside(plain: bytes, encrypted: Node) -> Node:
    """Parse *plain* in the place of *encrypted*: it may use prefixes that are declared outside."""
    declarations = " ".join(
        f'xmlns{":" if prefix else ""}{prefix}="{_escaped(uri)}"' for prefix, uri in encrypted.scope.items()
    )
    root = parse(f"<outside {declarations}>".encode() + plain.strip() + b"</outside>")
    (inside,) = root.children  # ValueError where there is more than one, or none
    if root.text.strip():
        raise ValueError("there is text beside the assertion")
    return inside


def _escaped(uri: str) -> str:
    return uri.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _cipher_value(node: Node) -> bytes:
    data = node.first((ENCRYPTION_NS, "CipherData"))
    value = data.first((ENCRYPTION_NS, "CipherValue")) if data is not None else None
    if value is None:
        raise ValueError("there is no value")
    return _base64(value.text)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
