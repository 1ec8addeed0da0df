"""A software authenticator: it makes and uses real keys, and each of its answers may have one fault."""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from fido2 import cbor

from hanko_compat.base64url import decode, encode

ORIGIN = "http://localhost:8888"
UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80

HASHES = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
CURVES = {
    "ES256": (ec.SECP256R1(), 1, 32),
    "ES384": (ec.SECP384R1(), 2, 48),
    "ES512": (ec.SECP521R1(), 3, 66),
}
ALGORITHMS = {
    "ES256": -7, "ES384": -35, "ES512": -36, "RS256": -257, "RS384": -258, "RS512": -259,
    "PS256": -37, "PS384": -38, "PS512": -39, "EdDSA": -8, "Ed448": -53,
}  # fmt: skip
OID_AAGUID = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")

Change = Callable[[Any], Any]


@dataclass
class Key:
    """A key pair of one algorithm, with its COSE form (RFC 9053)."""

    algorithm: str = "ES256"
    private: Any = None
    cose: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        number = ALGORITHMS[self.algorithm]
        if self.algorithm in CURVES:
            curve, name, length = CURVES[self.algorithm]
            self.private = self.private or ec.generate_private_key(curve)
            point = self.private.public_key().public_numbers()
            self.cose = {
                1: 2,
                3: number,
                -1: name,
                -2: point.x.to_bytes(length),
                -3: point.y.to_bytes(length),
            }
        elif self.algorithm in ("EdDSA", "Ed448"):
            kinds = {"EdDSA": (ed25519.Ed25519PrivateKey, 6), "Ed448": (ed448.Ed448PrivateKey, 7)}
            kind, name = kinds[self.algorithm]
            self.private = self.private or kind.generate()
            self.cose = {1: 1, 3: number, -1: name, -2: self.private.public_key().public_bytes_raw()}
        else:
            self.private = self.private or rsa.generate_private_key(65537, 2048)
            numbers = self.private.public_key().public_numbers()
            modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
            self.cose = {1: 3, 3: number, -1: modulus, -2: numbers.e.to_bytes(3)}

    @property
    def public_key(self) -> str:
        """The COSE key in base64url, as it is stored."""
        return encode(cbor.encode(self.cose))

    def sign(self, data: bytes) -> bytes:
        """Sign *data* as the algorithm wants it."""
        if self.algorithm in ("EdDSA", "Ed448"):
            return self.private.sign(data)
        digest = HASHES[int(self.algorithm[2:])]
        if self.algorithm in CURVES:
            return self.private.sign(data, ec.ECDSA(digest))
        if self.algorithm.startswith("PS"):
            pss = padding.PSS(padding.MGF1(digest), salt_length=digest.digest_size)
            return self.private.sign(data, pss, digest)
        return self.private.sign(data, padding.PKCS1v15(), digest)


class Authenticator:
    """One passkey on one device; keyword arguments of `create` and `get` say what is wrong with it."""

    def __init__(
        self,
        algorithm: str = "ES256",
        *,
        private: Any = None,
        credential_id: bytes | None = None,
        user_handle: bytes = b"",
        aaguid: bytes = bytes(16),
        sign_count: int = 0,
        counts: bool = True,
        flags: int = 0,
    ) -> None:
        """*counts* is False for one whose sign count stays 0; *flags* are those of every answer (BE, BS)."""
        self.key = Key(algorithm, private)
        self.credential_id = secrets.token_bytes(32) if credential_id is None else credential_id
        self.user_handle = user_handle
        self.aaguid = aaguid
        self.sign_count = sign_count
        self.counts = counts
        self.flags = flags

    @property
    def id(self) -> str:
        """The credential ID in base64url."""
        return encode(self.credential_id)

    @property
    def public_key(self) -> str:
        """The COSE key in base64url, as it is stored."""
        return self.key.public_key

    def create(
        self,
        options: dict[str, Any],
        *,
        origin: str = ORIGIN,
        rp_id: str | None = None,
        challenge: str | None = None,
        type_: str = "webauthn.create",
        flags: int = UP | UV,
        fmt: str = "none",
        statement: Change | None = None,
        signed: Change | None = None,
        transports: list[str] | None = None,
        client_data: dict[str, Any] | None = None,
        cose: Change | None = None,
        attested_id: bytes | None = None,
        authenticator_data: Change | None = None,
        attestation_object: Change | None = None,
        extensions: Any = None,
    ) -> dict[str, Any]:
        """Answer creation options: a new credential with an attestation of the format *fmt*.

        A `Change` takes what would be right and returns what is sent, or signed, instead.
        """
        public_key = options["publicKey"]
        self.user_handle = decode(public_key["user"]["id"])
        told = _client_data(type_, challenge or public_key["challenge"], origin, client_data)
        attested_id = self.credential_id if attested_id is None else attested_id
        key = cbor.encode(_changed(cose, dict(self.key.cose)))
        data = self._authenticator_data(rp_id or public_key["rp"]["id"], flags | AT, extensions)
        head, rest = data[:37], data[37:]
        data = head + self.aaguid + len(attested_id).to_bytes(2) + attested_id + key + rest
        data = _changed(authenticator_data, data)
        to_sign = _changed(signed, data + sha256(told).digest())
        attested = {
            "fmt": fmt,
            "attStmt": _changed(statement, self._statement(fmt, to_sign)),
            "authData": data,
        }
        sent = _changed(attestation_object, cbor.encode(attested))
        response: dict[str, Any] = {"clientDataJSON": encode(told), "attestationObject": encode(sent)}
        if transports is not None:
            response["transports"] = transports
        return self._credential(response)

    def get(
        self,
        options: dict[str, Any],
        *,
        origin: str = ORIGIN,
        rp_id: str | None = None,
        challenge: str | None = None,
        type_: str = "webauthn.get",
        flags: int = UP | UV,
        sign_count: int | None = None,
        signed: Change | None = None,
        user_handle: bytes | None = None,
        client_data: dict[str, Any] | None = None,
        authenticator_data: Change | None = None,
        signature: Change | None = None,
        extensions: Any = None,
    ) -> dict[str, Any]:
        """Answer request options with a signature. ``user_handle=b""`` leaves the handle out."""
        public_key = options["publicKey"]
        self.sign_count += self.counts
        told = _client_data(type_, challenge or public_key["challenge"], origin, client_data)
        data = self._authenticator_data(rp_id or public_key["rpId"], flags, extensions, sign_count)
        data = _changed(authenticator_data, data)
        made = _changed(signature, self.key.sign(_changed(signed, data + sha256(told).digest())))
        response = {
            "clientDataJSON": encode(told),
            "authenticatorData": encode(data),
            "signature": encode(made),
        }
        handle = self.user_handle if user_handle is None else user_handle
        if handle:
            response["userHandle"] = encode(handle)
        return self._credential(response)

    def _authenticator_data(
        self, rp_id: str, flags: int, extensions: Any, sign_count: int | None = None
    ) -> bytes:
        count = self.sign_count if sign_count is None else sign_count
        flags |= self.flags | (ED if extensions is not None else 0)
        data = sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4)
        return data if extensions is None else data + cbor.encode(extensions)

    def _statement(self, fmt: str, to_sign: bytes) -> dict[str, Any]:
        if fmt == "packed":
            return {"alg": self.key.cose[3], "sig": self.key.sign(to_sign)}
        return {}

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }


def _client_data(type_: str, challenge: str, origin: str, changes: dict[str, Any] | None) -> bytes:
    content = {"type": type_, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(content | (changes or {})).encode()


def _changed(change: Change | None, value: Any) -> Any:
    return value if change is None else change(value)


def attestation_certificate(key: Key, aaguid: bytes) -> bytes:
    """A certificate such as the maker of an authenticator gives its devices (WebAuthn s. 8.2.1)."""
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Maker"),
            x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "Device"),
        ]
    )
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.private.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(
        x509.UnrecognizedExtension(OID_AAGUID, b"\x04\x10" + aaguid), critical=False
    )
    return builder.sign(key.private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
