"""Session tokens: what they say of a session and of its user."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from hanko_compat.errors.jose import TokenForged, TokenMalformed
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.jose import compact_jws
from hanko_compat.jose.compact_jws import FindKey, numeric_date
from hanko_compat.jose.signing_keys import SigningKey

REGISTERED_CLAIMS = frozenset({"aud", "exp", "iat", "iss", "jti", "nbf", "sub"})  # RFC 7519 s. 4.1
SESSION_CLAIMS = frozenset({"session_id", "email", "username"})


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
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    picture: str | None = None
    public_metadata: Mapping[str, Any] = field(default_factory=dict)
    unsafe_metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str | None:
        """The primary address, where there is one."""
        return None if self.email is None else self.email.address


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """The claims of a token whose signature and times are good; ``kid`` names the key that signed it."""

    kid: str
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
    """The standard claims of a session; ``email`` and ``iss`` only where there is a value."""
    # As Hanko 2.7.0: no ``username``, also of a user who has one; the log-ins of later versions write it.
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
    if issuer:
        claims["iss"] = issuer
    return claims


def sign(claims: dict[str, Any], *, key: SigningKey) -> str:
    """Sign *claims*. RSA with 4096 bits takes milliseconds."""
    return compact_jws.sign(claims, key=key)


def verify(token: str, *, find_key: FindKey, now: datetime) -> SessionClaims:
    """Check the signature and the times of a session token; audience and issuer do not decide.

    Raises:
        SessionInvalid: whatever is wrong with it.
    """
    try:
        return _checked_claims(*compact_jws.verify(_tidied(token), find_key=find_key), now=now)
    except (TokenMalformed, TokenForged) as error:
        raise SessionInvalid from error


def _tidied(token: str) -> str:
    """*token* without what files, forms and terminals add: blanks around it, line ends, padding."""
    # As Hanko 2.7.0: the signature may be padded (RFC 4648 s. 3.2) and have line ends.
    signed, dot, signature = token.strip().rpartition(".")
    signature = signature.replace("\r", "").replace("\n", "")
    if signature.endswith("=") and len(signature) % 4 == 0:
        signature = signature.removesuffix("=").removesuffix("=")
    return signed + dot + signature


def _checked_claims(claims: dict[str, Any], kid: str, *, now: datetime) -> SessionClaims:
    """Check the times, without leeway as the original, and read the claims."""
    expires_at, issued_at = numeric_date(claims, "exp"), numeric_date(claims, "iat")
    if expires_at <= now or issued_at > now or ("nbf" in claims and numeric_date(claims, "nbf") > now):
        raise SessionInvalid
    email, username, issuer = claims.get("email"), claims.get("username"), claims.get("iss")
    standard = REGISTERED_CLAIMS | SESSION_CLAIMS
    return SessionClaims(
        kid=kid,
        user_id=_uuid(claims.get("sub")),
        session_id=_uuid(claims.get("session_id")),
        issued_at=issued_at,
        expires_at=expires_at,
        audience=_audience(claims.get("aud")),
        issuer=issuer if isinstance(issuer, str) else None,
        email=email if isinstance(email, dict) else None,
        username=username if isinstance(username, str) else None,
        extra_claims={name: value for name, value in claims.items() if name not in standard},
    )


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
