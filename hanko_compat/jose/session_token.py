"""Session tokens: JSON Web Tokens (RFC 7519) in the compact serialisation (RFC 7515 s. 7.1)."""

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt

from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.jose.signing_keys import SigningKey

# Our own tokens have 1 to 4 kB, and no browser keeps a larger cookie.
MAX_TOKEN_LENGTH = 16 * 1024

REGISTERED_CLAIMS = frozenset({"aud", "exp", "iat", "iss", "jti", "nbf", "sub"})  # RFC 7519 s. 4.1
SESSION_CLAIMS = frozenset({"session_id", "email", "username"})

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class TokenEmail:
    """The user's primary address, as the claim ``email`` shows it."""

    address: str
    is_primary: bool
    is_verified: bool


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """What a token and its claim templates tell of a user."""

    user_id: UUID
    email: TokenEmail | None = None
    username: str | None = None
    public_metadata: Mapping[str, Any] = field(default_factory=dict)
    unsafe_metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str | None:
        """The primary address, where there is one."""
        return None if self.email is None else self.email.address


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """The claims of a token whose signature and times are good."""

    user_id: UUID
    session_id: UUID
    issued_at: datetime
    expires_at: datetime
    audience: tuple[str, ...]
    issuer: str | None
    email: dict[str, Any] | None
    username: str | None
    extra_claims: dict[str, Any]


def build_claims(
    subject: TokenSubject,
    *,
    session_id: UUID,
    issued_at: datetime,
    expires_at: datetime,
    audience: tuple[str, ...],
    issuer: str | None,
) -> dict[str, Any]:
    """The standard claims of a session; ``email``, ``username`` and ``iss`` only where there is a value."""
    claims: dict[str, Any] = {
        "sub": str(subject.user_id),
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "aud": list(audience),
        "session_id": str(session_id),
    }
    if subject.email is not None:
        email = subject.email
        claims["email"] = {
            "address": email.address,
            "is_primary": email.is_primary,
            "is_verified": email.is_verified,
        }
    if subject.username:
        claims["username"] = subject.username
    if issuer:
        claims["iss"] = issuer
    return claims


def sign(claims: dict[str, Any], *, key: SigningKey) -> str:
    """Sign *claims*; the header is alg, kid and ``typ: JWT``. RSA with 4096 bits takes milliseconds."""
    return jwt.encode(claims, key.private_key, algorithm=key.algorithm, headers={"kid": key.kid})


def verify(token: str, *, find_key: Callable[[str], SigningKey | None], now: datetime) -> SessionClaims:
    """Check the signature and the times of a session token; audience and issuer do not decide.

    The key is found by ``kid`` alone and brings its own algorithm: what the header says of algorithms
    must agree, and ``jku``, ``jwk`` and ``x5u`` are not read (RFC 8725 s. 3.1, 3.10).

    Raises:
        SessionInvalid: whatever is wrong with it.
    """
    header, payload, signature = _split(token)
    key = find_key(_key_id(header))
    if key is None or header.get("alg") != key.algorithm:
        raise SessionInvalid
    if not key.verify(token.rpartition(".")[0].encode(), signature):
        raise SessionInvalid
    return _checked_claims(_json_object(payload), now=now.timestamp())


def _split(token: str) -> tuple[dict[str, Any], bytes, bytes]:
    """Take the compact serialisation apart into header, payload and signature."""
    if len(token) > MAX_TOKEN_LENGTH:
        raise SessionInvalid
    parts = _COMPACT.fullmatch(token)
    if parts is None:
        raise SessionInvalid
    header, payload, signature = map(_base64url, parts.groups())
    return _json_object(header), payload, signature


def _base64url(segment: str) -> bytes:
    """Decode *segment*, which must be the one way to write its bytes (RFC 4648 s. 3.5)."""
    try:
        raw = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error as error:
        raise SessionInvalid from error
    if urlsafe_b64encode(raw).rstrip(b"=") != segment.encode():
        raise SessionInvalid
    return raw


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SessionInvalid from error
    if not isinstance(value, dict):
        raise SessionInvalid
    return value


def _key_id(header: Mapping[str, Any]) -> str:
    """The ``kid`` of a header that claims nothing we don't know (RFC 7515 s. 4.1.11)."""
    kid, typ = header.get("kid"), header.get("typ", "JWT")
    # Other tokens of ours carry another `typ`, so that none of them passes as a session (RFC 8725 s. 3.11).
    if not isinstance(kid, str) or typ != "JWT" or "crit" in header or "b64" in header:
        raise SessionInvalid
    return kid


def _checked_claims(claims: dict[str, Any], *, now: float) -> SessionClaims:
    """Check the times, without leeway as the original, and read the claims."""
    expires, issued = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    if expires <= now or issued > now or ("nbf" in claims and _seconds(claims["nbf"]) > now):
        raise SessionInvalid
    email, username, issuer = claims.get("email"), claims.get("username"), claims.get("iss")
    standard = REGISTERED_CLAIMS | SESSION_CLAIMS
    return SessionClaims(
        user_id=_uuid(claims.get("sub")),
        session_id=_uuid(claims.get("session_id")),
        issued_at=_time(issued),
        expires_at=_time(expires),
        audience=_audience(claims.get("aud")),
        issuer=issuer if isinstance(issuer, str) else None,
        email=email if isinstance(email, dict) else None,
        username=username if isinstance(username, str) else None,
        extra_claims={name: value for name, value in claims.items() if name not in standard},
    )


def _seconds(value: Any) -> float:
    """Read a NumericDate (RFC 7519 s. 2), which may have a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SessionInvalid
    try:
        return float(value)
    except OverflowError as error:
        raise SessionInvalid from error


def _time(seconds: float) -> datetime:
    """The moment of a NumericDate; infinity, NaN and years beyond 9999 are no times."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise SessionInvalid from error


def _uuid(value: Any) -> UUID:
    """Read an id; what is no UUID is no session of a user (a webhook token has ``sub: hanko webhooks``)."""
    if not isinstance(value, str):
        raise SessionInvalid
    try:
        return UUID(value)
    except ValueError as error:
        raise SessionInvalid from error


def _audience(value: Any) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        return ()
    return tuple(item for item in values if isinstance(item, str))
