"""ID tokens (OpenID Connect Core s. 2, 3.1.3.7): whose they are, for whom, and for which log-in."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

from hanko_compat.base64url import decode
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.errors.third_party import ProviderUserUnavailable
from hanko_compat.oauth.conversation import parse_json
from hanko_compat.oauth.keys import ALGORITHMS, VerificationKey
from hanko_compat.oauth.provider import Claims, Nonce, Provider

LEEWAY = 60
"""Seconds by which clocks may differ."""
LONGEST_HEADER = 8 * 1024  # bytes: some providers put a chain of certificates into it


class _Registry(JWSRegistry):
    """Our algorithms and no other; further members of a header are passed over (RFC 7515 s. 4)."""

    max_header_length = LONGEST_HEADER

    def __init__(self) -> None:
        super().__init__(algorithms=ALGORITHMS.keys(), strict_check_header=False)

    def get_alg(self, name: str) -> Any:
        # The older name of the same (RFC 9864 s. 2.2), with which joserfc warns at each use.
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


_REGISTRY = _Registry()


@dataclass(frozen=True, slots=True)
class IdToken:
    """An ID token that nobody has vouched for yet."""

    text: str = field(repr=False)
    alg: str
    kid: str | None
    claims: Claims = field(repr=False)

    def signer_among(self, keys: Iterable[VerificationKey], *, needs_alg: bool) -> VerificationKey | None:
        """The one of *keys* that has signed it; None if none has."""
        for each in keys:
            if each.may_verify(alg=self.alg, kid=self.kid, needs_alg=needs_alg) and self._is_signed_by(each):
                return each
        return None

    def _is_signed_by(self, key: VerificationKey) -> bool:
        try:
            jws.deserialize_compact(self.text, key.key, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError):
            return False
        return True


def parse(text: str) -> IdToken:
    """Read an ID token; its signature and its claims are for the caller to check.

    Raises:
        ProviderUserUnavailable: it is no JWT, encrypted, or has an algorithm that is never accepted.
    """
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii():
        raise ProviderUserUnavailable("an ID token that is no signed JWT")
    header, claims = map(_object, parts[:2])
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in ALGORITHMS or "crit" in header:
        raise ProviderUserUnavailable("an ID token with another algorithm")
    return IdToken(text, alg, kid if isinstance(kid, str) and kid else None, claims)


def check_claims(claims: Claims, *, provider: Provider, nonce: str, now: datetime) -> None:
    """Check issuer, audience, times and nonce (s. 3.1.3.7).

    Raises:
        ProviderUserUnavailable: one of them is not right.
    """
    issuer: Any = {"essential": True} | ({"values": list(provider.issuers)} if provider.issuers else {})
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss=issuer,
        sub={"essential": True},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise ProviderUserUnavailable(f"ID token: {getattr(error, 'claim', error.error)}") from error
    _check_party(claims, client_id=provider.client_id)
    _check_nonce(claims, provider=provider, nonce=nonce)


def _check_party(claims: Claims, *, client_id: str) -> None:
    """Among several audiences, the authorized party has to be this client (s. 2, ``azp``)."""
    audience, party = claims["aud"], claims.get("azp")
    is_needed = isinstance(audience, list) and len(audience) > 1
    if (party is not None or is_needed) and party != client_id:
        raise ProviderUserUnavailable("ID token: azp")


def _check_nonce(claims: Claims, *, provider: Provider, nonce: str) -> None:
    found = claims.get("nonce")
    if found is None:
        is_optional = provider.kind.nonce is Nonce.DECLARED and claims.get("nonce_supported") not in (
            True,
            "true",
        )
        if provider.sends_nonce and not is_optional:
            raise ProviderUserUnavailable("ID token: no nonce")
        return
    is_same = isinstance(found, str) and hmac.compare_digest(found.encode(), nonce.encode())
    if not provider.sends_nonce or not is_same:
        raise ProviderUserUnavailable("ID token: nonce")


def _object(part: str) -> dict[str, Any]:
    try:
        value = parse_json(decode(part))
    except (Base64urlMalformed, RequestFailed) as error:
        raise ProviderUserUnavailable("an ID token that can't be read") from error
    if not isinstance(value, dict):
        raise ProviderUserUnavailable("an ID token that can't be read")
    return value
