"""Public keys of credentials: COSE keys (RFC 9053, RFC 8230) of the algorithms that are offered."""

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from fido2 import cbor
from fido2.cose import ES256, ES384, ES512, RS256, CoseKey, Ed448, EdDSA

from hanko_compat.errors.passkeys import CredentialMalformed
from hanko_compat.webauthn.cbor import end_of_item
from hanko_compat.webauthn.library import FAILURES

OKP, EC2, RSA = 1, 2, 3  # COSE key types (RFC 9053 s. 7)
KTY, ALG, CRV, X, Y = 1, 3, -1, -2, -3
N, E = -1, -2
MODULUS_BITS = range(2048, 8193)
LARGEST_EXPONENT = 2**32  # a larger one makes a check as slow as its sender likes


class RS384(RS256):
    """RSASSA-PKCS1-v1_5 with SHA-384 (RFC 8812 s. 2)."""

    ALGORITHM = -258
    _HASH_ALG = hashes.SHA384()  # type: ignore[assignment]


class RS512(RS256):
    """RSASSA-PKCS1-v1_5 with SHA-512 (RFC 8812 s. 2)."""

    ALGORITHM = -259
    _HASH_ALG = hashes.SHA512()  # type: ignore[assignment]


class PS256(RS256):
    """RSASSA-PSS with SHA-256 (RFC 8230 s. 2); the library's own wants a salt longer than that allows."""

    ALGORITHM = -37
    _HASH_ALG: hashes.HashAlgorithm = hashes.SHA256()  # type: ignore[assignment]

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a signature whose salt is as long as the hash.

        Raises:
            InvalidSignature: it is not this key's.
        """
        numbers = rsa.RSAPublicNumbers(int.from_bytes(self[E]), int.from_bytes(self[N]))
        pss = padding.PSS(padding.MGF1(self._HASH_ALG), salt_length=self._HASH_ALG.digest_size)
        numbers.public_key().verify(signature, message, pss, self._HASH_ALG)


class PS384(PS256):
    """RSASSA-PSS with SHA-384."""

    ALGORITHM = -38
    _HASH_ALG = hashes.SHA384()


class PS512(PS256):
    """RSASSA-PSS with SHA-512."""

    ALGORITHM = -39
    _HASH_ALG = hashes.SHA512()


# In the order in which they are offered.
OFFERED: tuple[type[CoseKey], ...] = (
    ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512, EdDSA,
)  # fmt: skip
ALGORITHMS = tuple(kind.ALGORITHM for kind in OFFERED)
# Ed448 was never offered; keys that were imported may have it.
KINDS = {kind.ALGORITHM: kind for kind in OFFERED} | {Ed448.ALGORITHM: Ed448}
# What has to stand in a key: its type, its curve, the length of each coordinate in bytes.
CURVES = {-7: (EC2, 1, 32), -35: (EC2, 2, 48), -36: (EC2, 3, 66), -8: (OKP, 6, 32), -53: (OKP, 7, 57)}


def read_key(data: bytes) -> CoseKey:
    """Read a public key as it is stored.

    Raises:
        CredentialMalformed: not one COSE key of an algorithm that we know.
    """
    if end_of_item(data) != len(data):
        raise CredentialMalformed
    try:
        content = cbor.decode(data)
    except FAILURES as error:
        raise CredentialMalformed from error
    return _key(content)


def checked_key(content: object) -> CoseKey:
    """The key with the given parameters, which really are a key's.

    Raises:
        CredentialMalformed: an algorithm that we don't know, or parameters that are not of its keys.
    """
    key = _key(content)
    try:
        key.verify(b"", b"")
    except InvalidSignature:
        return key  # what a key says to this
    except FAILURES as error:
        raise CredentialMalformed from error
    return key


def is_signed(key: CoseKey, message: bytes, signature: bytes) -> bool:
    """Whether *signature* is that of *message* under *key*."""
    try:
        key.verify(message, signature)
    except FAILURES:
        return False
    return True


def _key(content: object) -> CoseKey:
    if not isinstance(content, Mapping):
        raise CredentialMalformed
    algorithm = content.get(ALG)
    if type(algorithm) is not int or algorithm not in KINDS:
        raise CredentialMalformed
    has_shape = _is_on_curve(content, algorithm) if algorithm in CURVES else _is_rsa(content)
    if not has_shape:
        raise CredentialMalformed
    return KINDS[algorithm](content)


def _is_on_curve(content: Mapping[Any, Any], algorithm: int) -> bool:
    kind, curve, length = CURVES[algorithm]
    coordinates = (X, Y) if kind == EC2 else (X,)
    return (content.get(KTY), content.get(CRV)) == (kind, curve) and all(
        isinstance(content.get(name), bytes) and len(content[name]) == length for name in coordinates
    )


def _is_rsa(content: Mapping[Any, Any]) -> bool:
    modulus, exponent = content.get(N), content.get(E)
    if content.get(KTY) != RSA or not isinstance(modulus, bytes) or not isinstance(exponent, bytes):
        return False
    return (
        int.from_bytes(modulus).bit_length() in MODULUS_BITS
        and 3 <= int.from_bytes(exponent) <= LARGEST_EXPONENT
    )
