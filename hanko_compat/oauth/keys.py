"""The keys with which a provider signs its ID tokens (RFC 7517 s. 5): asymmetric ones of fixed algorithms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from hanko_compat.base64url import decode
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.http_client import RequestFailed

Key = RSAKey | ECKey | OKPKey

RSA = ("kty", "n", "e")
EC = ("kty", "crv", "x", "y")
OKP = ("kty", "crv", "x")
MEMBERS: Mapping[str, tuple[str, ...]] = {"RSA": RSA, "EC": EC, "OKP": OKP}
"""What makes a public key of each type (RFC 7518 s. 6, RFC 8037 s. 2); no other member is imported."""
ALGORITHMS: Mapping[str, tuple[str, str]] = {
    "RS256": ("RSA", ""),
    "RS384": ("RSA", ""),
    "RS512": ("RSA", ""),
    "PS256": ("RSA", ""),
    "PS384": ("RSA", ""),
    "PS512": ("RSA", ""),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}
"""Those that a signature may have, with type and curve of their keys: never one with a shared secret."""
MOST = 64
"""How many keys of a set are read."""
RSA_BITS = range(2048, 8192 + 1)


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, with what its set says of it; ``alg`` and ``kid`` are None where that is nothing."""

    key: Key
    type: str
    curve: str
    kid: str | None
    alg: str | None
    issuer: str | None

    def may_verify(self, *, alg: str, kid: str | None, needs_alg: bool) -> bool:
        """Whether a signature with these headers may be this key's.

        A key without algorithm is good for every one of its type, unless it *needs_alg*.
        """
        is_named = not needs_alg if self.alg is None else _same(self.alg) == _same(alg)
        return is_named and ALGORITHMS.get(alg) == (self.type, self.curve) and kid in (None, self.kid)


def read_key_set(document: Any) -> tuple[VerificationKey, ...]:
    """The keys of a set that can be used here; others are passed over (RFC 7517 s. 5).

    Raises:
        RequestFailed: it is no key set.
    """
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise RequestFailed("an answer that is no key set")
    return tuple(_usable(keys[:MOST]))


def _usable(keys: list[Any]) -> Iterator[VerificationKey]:
    for each in keys:
        if isinstance(each, dict) and each.get("use") in (None, "sig") and (key := _import(each)):
            texts = (_text(each.get(name)) for name in ("kid", "alg", "issuer"))
            yield VerificationKey(key, each["kty"], _curve(each), *texts)


def _import(each: dict[str, Any]) -> Key | None:
    """The key, or None where its type is none of ours or its numbers are no key.

    One by one: of a set with one broken key joserfc imports nothing.
    """
    type_ = each.get("kty")
    members = MEMBERS.get(type_) if isinstance(type_, str) else None
    if members is None or not all(isinstance(each.get(name), str) for name in members):
        return None
    if (type_, _curve(each)) not in ALGORITHMS.values():
        return None
    try:
        if type_ == "RSA" and int.from_bytes(decode(each["n"])).bit_length() not in RSA_BITS:
            return None
        key = JWKRegistry.import_key({name: each[name] for name in members})
    except (Base64urlMalformed, JoseError, ValueError, TypeError, OverflowError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Key) else None


def _curve(each: dict[str, Any]) -> str:
    return "" if each["kty"] == "RSA" else str(each["crv"])


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _same(alg: str) -> str:
    """One name for the algorithm that has two (RFC 9864 s. 2.2)."""
    return "Ed25519" if alg == "EdDSA" else alg
