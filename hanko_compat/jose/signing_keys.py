"""Signing keys as JSON Web Keys (RFC 7517; RSA and EC: RFC 7518 s. 6; Ed25519: RFC 8037 s. 2)."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from uuid import uuid4

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import Algorithm, ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from hanko_compat.base64url import decode
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.keys import SigningKeyUnreadable

RSA_PUBLIC_EXPONENT = 65537

# What `hanko_compat.jwk.algorithm` may name, with the size of an RSA key in bits.
RSA_BITS = {"RS256-4096": 4096, "RS256-3072": 3072, "RS256-2048": 2048}

# A token's algorithm is its key's (RFC 8725 s. 3.1): the type of the key allows exactly one.
ALGORITHMS: dict[tuple[str, str | None], tuple[str, Algorithm]] = {
    ("RSA", None): ("RS256", RSAAlgorithm(RSAAlgorithm.SHA256)),
    ("EC", "P-256"): ("ES256", ECAlgorithm(ECAlgorithm.SHA256, ec.SECP256R1)),
    ("OKP", "Ed25519"): ("EdDSA", OKPAlgorithm()),
}
RSA_MEMBERS = ("n", "e", "d", "p", "q", "dp", "dq", "qi")
PROBE = b"do these halves belong together?"
DAMAGED = "the private half of the JWK is damaged"
UNUSABLE = (
    Base64urlMalformed,
    KeyError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    jwt.InvalidKeyError,
)
"""What a private half raises that can't be used."""
PUBLIC_MEMBERS = ("alg", "crv", "e", "kid", "kty", "n", "use", "x", "y")


class SigningKey:
    """A key pair with its ``kid``, prepared for use; safe to share between threads."""

    def __init__(self, private_jwk: Mapping[str, Any]) -> None:
        """Prepare the public half; only the key that signs needs the private one.

        Raises:
            SigningKeyUnreadable: the JWK is none that signs session tokens.
        """
        self._private_jwk = dict(private_jwk)
        self.public_jwk = {name: private_jwk[name] for name in PUBLIC_MEMBERS if name in private_jwk}
        try:
            kty, crv = private_jwk["kty"], private_jwk.get("crv")
            self.kid: str = private_jwk["kid"]
            self.algorithm, self._implementation = ALGORITHMS[kty, crv]
            self._public_key = self._implementation.from_jwk(self.public_jwk)
        except (KeyError, TypeError, ValueError, jwt.InvalidKeyError) as error:
            raise SigningKeyUnreadable("not a JWK of the type RSA, EC P-256 or OKP Ed25519") from error
        if private_jwk.get("alg", self.algorithm) != self.algorithm or not isinstance(self.kid, str):
            raise SigningKeyUnreadable(f"a JWK of this type needs a kid and the alg {self.algorithm}")

    @cached_property
    def private_key(self) -> Any:
        """The private half, as PyJWT wants it; proved by a signature when it is first used.

        Raises:
            SigningKeyUnreadable: it does not belong to the public half.
        """
        try:
            is_rsa = self._private_jwk["kty"] == "RSA"
            key = _rsa_key(self._private_jwk) if is_rsa else self._implementation.from_jwk(self._private_jwk)
            if self.verify(PROBE, self._implementation.sign(PROBE, key)):
                return key
        except UNUSABLE as error:
            raise SigningKeyUnreadable(DAMAGED) from error
        raise SigningKeyUnreadable(DAMAGED)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether *signature* over *message* was made with this key (RFC 7515 s. 5.2, step 8)."""
        return self._implementation.verify(message, self._public_key, signature)


def _rsa_key(private_jwk: Mapping[str, Any]) -> rsa.RSAPrivateKey:
    """The key of RFC 7518 s. 6.3.2 without OpenSSL's proof that its factors are primes, which takes 0.3 s.

    What was decrypted is what we or Hanko wrote, so damage is all there is to find; a signature shows it.
    """
    n, e, d, p, q, dp, dq, qi = (int.from_bytes(decode(private_jwk[name])) for name in RSA_MEMBERS)
    numbers = rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, rsa.RSAPublicNumbers(e, n))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def generate(algorithm: str) -> dict[str, Any]:
    """Make a private JWK; *algorithm* is a value of ``hanko_compat.jwk.algorithm``. RSA takes seconds."""
    members = _generated_members(algorithm)
    members.pop("key_ops", None)
    kty, crv = members["kty"], members.get("crv")
    return members | {"kid": str(uuid4()), "alg": ALGORITHMS[kty, crv][0], "use": "sig"}


def _generated_members(algorithm: str) -> dict[str, Any]:
    if algorithm == "ES256":
        return ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
    if algorithm == "EdDSA":
        return OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate(), as_dict=True)
    key = rsa.generate_private_key(public_exponent=RSA_PUBLIC_EXPONENT, key_size=RSA_BITS[algorithm])
    return RSAAlgorithm.to_jwk(key, as_dict=True)


def to_json(private_jwk: Mapping[str, Any]) -> bytes:
    """Write a private JWK as Hanko does: compact, the members in alphabetical order."""
    return json.dumps(private_jwk, sort_keys=True, separators=(",", ":")).encode()


def from_json(text: bytes) -> SigningKey:
    """Read a private JWK.

    Raises:
        SigningKeyUnreadable: no JSON object, or no key that signs session tokens.
    """
    try:
        private_jwk = json.loads(text)
    except ValueError as error:
        raise SigningKeyUnreadable("not JSON") from error
    if not isinstance(private_jwk, dict):
        raise SigningKeyUnreadable("not a JSON object")
    return SigningKey(private_jwk)
