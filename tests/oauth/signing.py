"""Keys and ID tokens of a provider."""

from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.clock import FakeClock

Key = RSAKey | ECKey | OKPKey | OctKey
KINDS: dict[str, tuple[str, Any]] = {
    "RS256": ("RSA", 2048),
    "PS256": ("RSA", 2048),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "Ed25519": ("OKP", "Ed25519"),
}


class _Any(JWSRegistry):
    """All that the library knows, without a warning of what is old."""

    max_header_length = 64 * 1024

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


ANY = _Any(strict_check_header=False)


def key_for(alg: str, number: int = 0) -> Key:
    """A private key for an algorithm; the same for the same *number*, as some take long to make."""
    return _made(alg, number)


@cache
def _made(alg: str, _number: int) -> Key:
    return JWKRegistry.generate_key(*KINDS[alg])


class Signer:
    """Signs as a provider does, with the newest of its keys."""

    def __init__(self, clock: FakeClock, alg: str = "RS256") -> None:
        self._clock = clock
        self.keys: list[dict[str, Any]] = []
        self._private: dict[str, Key] = {}
        self.alg = alg
        self.rotate("k0", alg=alg)

    def rotate(self, kid: str, *, alg: str = "", number: int = 0, keep: bool = False) -> None:
        """Sign with another key from now on; the former ones are published as long as they are kept."""
        self.alg, self.kid = alg or self.alg, kid
        self._private[kid] = key = key_for(self.alg, number)
        published = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": self.alg}
        self.keys = [published, *(self.keys if keep else [])]

    def public(self) -> list[dict[str, Any]]:
        return self.keys

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Those of a good ID token; a change to None takes one away."""
        now = int(self._clock().timestamp())
        claims = {"sub": "alice-1", "aud": "client", "iat": now, "exp": now + 300, "nonce": "n-1", **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def id_token(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        return self.sign(self.claims(**changes), header=header)

    def sign(self, claims: dict[str, Any], *, header: dict[str, Any] | None = None) -> str:
        head = {"alg": self.alg, "kid": self.kid, **(header or {})}
        head = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(head, claims, self._private[self.kid], registry=ANY)
