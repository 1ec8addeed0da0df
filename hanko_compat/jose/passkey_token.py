"""Signed passkey data: a JSON Web Token (RFC 7519) that says that a user logged in with a passkey.

It is no session: its ``typ`` is another one (RFC 8725 s. 3.11), and it counts only once.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

import jwt

from hanko_compat.errors.passkeys import PasskeyDataRefused
from hanko_compat.jose.signing_keys import SigningKey
from hanko_compat.public_ids import decode, encode

TYPE = "passkey-data+jwt"
LIFETIME = timedelta(seconds=300)
LEEWAY = timedelta(seconds=10)
"""How far the clock of whoever verifies it may be behind."""
MAX_LENGTH = 16 * 1024  # characters
TOKEN_ID = re.compile(r"[0-9A-Za-z]{30}", re.ASCII)

FORGED, MALFORMED = "invalid_signature", "generic_error"


@dataclass(frozen=True, slots=True)
class PasskeyClaims:
    """Who logged in where with what; ``is_conditional`` where no user was named before."""

    token_id: str
    project_id: str
    user_id: UUID
    username: str
    process_id: str
    credential_id: UUID
    challenge_id: UUID
    webauthn_id: str
    is_conditional: bool


def sign(claims: PasskeyClaims, *, key: SigningKey, now: datetime) -> str:
    """Sign *claims* for the next minutes. RSA with 4096 bits takes milliseconds."""
    members = {
        "iss": claims.project_id,
        "sub": encode("user_id", claims.user_id),
        "iat": int(now.timestamp()),
        "nbf": int((now - LEEWAY).timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "jti": claims.token_id,
        "processId": claims.process_id,
        "username": claims.username,
        "credential": encode("credential_id", claims.credential_id),
        "challengeId": encode("passkey_challenge_id", claims.challenge_id),
        "webauthnId": claims.webauthn_id,
        "isCUI": claims.is_conditional,
    }
    headers = {"kid": key.kid, "typ": TYPE}
    return jwt.encode(members, key.private_key, algorithm=key.algorithm, headers=headers)


def verify(
    token: str, *, find_key: Callable[[str], SigningKey | None], project_id: str, now: datetime
) -> PasskeyClaims:
    """Check signature, times and issuer; that it was not used before is for the caller to find out.

    As with sessions, the key is found by ``kid`` alone, and brings its own algorithm (RFC 8725 s. 3.1).

    Raises:
        PasskeyDataRefused: whatever is wrong with it.
    """
    header, payload, signature = _parts(token)
    kid = header.get("kid")
    if not isinstance(kid, str) or header.get("typ") != TYPE or "crit" in header:
        _refuse(MALFORMED)
    key = find_key(kid)
    if key is None or header.get("alg") != key.algorithm:
        _refuse(FORGED)
    if not key.verify(token.rpartition(".")[0].encode(), signature):
        _refuse(FORGED)
    members = _object(payload)
    moment = now.timestamp()
    if not _seconds(members, "nbf") <= moment < _seconds(members, "exp") or members.get("iss") != project_id:
        _refuse(MALFORMED)
    return _claims(members)


def _parts(token: str) -> tuple[dict[str, Any], bytes, bytes]:
    if len(token) > MAX_LENGTH:
        _refuse(MALFORMED)
    try:
        read = jwt.PyJWS().decode_complete(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        _refuse(MALFORMED)
    return read["header"], read["payload"], read["signature"]


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        _refuse(MALFORMED)
    if not isinstance(value, dict):
        _refuse(MALFORMED)
    return value


def _claims(members: dict[str, Any]) -> PasskeyClaims:
    token_id = _text(members, "jti")
    if not TOKEN_ID.fullmatch(token_id):
        _refuse(MALFORMED)
    return PasskeyClaims(
        token_id=token_id,
        project_id=_text(members, "iss"),
        user_id=_id(members, "sub", "user_id"),
        username=_text(members, "username"),
        process_id=_text(members, "processId"),
        credential_id=_id(members, "credential", "credential_id"),
        challenge_id=_id(members, "challengeId", "passkey_challenge_id"),
        webauthn_id=_text(members, "webauthnId"),
        is_conditional=members.get("isCUI") is True,
    )


def _id(members: dict[str, Any], name: str, kind: str) -> UUID:
    text = _text(members, name)
    found = decode(kind, text)
    # A UUID would name it as well, but is not what `sign` writes.
    if found is None or encode(kind, found) != text:
        _refuse(MALFORMED)
    return found


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        _refuse(MALFORMED)
    return value


def _seconds(members: dict[str, Any], name: str) -> int:
    value = members.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        _refuse(MALFORMED)
    return value


def _refuse(reason: str) -> NoReturn:
    raise PasskeyDataRefused(reason=reason)
