"""Signed passkey data: a token that says that a user logged in with a passkey.

It is no session: its ``typ`` is another one, and it counts only once.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hanko_compat.errors.jose import TokenForged, TokenMalformed
from hanko_compat.errors.passkeys import PasskeyDataRefused, PasskeyDataResult
from hanko_compat.jose import compact_jws
from hanko_compat.jose.compact_jws import FindKey, numeric_date
from hanko_compat.jose.signing_keys import SigningKey
from hanko_compat.public_ids import decode, encode

TYPE = "passkey-data+jwt"
LIFETIME = timedelta(seconds=300)
LEEWAY = timedelta(seconds=10)
"""How far the clock of whoever verifies it may be behind."""
TOKEN_ID = re.compile(r"[0-9A-Za-z]{30}", re.ASCII)


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
    return compact_jws.sign(members, key=key, typ=TYPE)


def verify(token: str, *, find_key: FindKey, project_id: str, now: datetime) -> PasskeyClaims:
    """Check signature, times and issuer; that it was not used before is for the caller to find out.

    Raises:
        PasskeyDataRefused: whatever is wrong with it.
    """
    try:
        members = compact_jws.verify(token, find_key=find_key, typ=TYPE).claims
        is_good = numeric_date(members, "nbf") <= now < numeric_date(members, "exp")
        if is_good and members.get("iss") == project_id:
            return _claims(members)
    except TokenForged as error:
        raise PasskeyDataRefused(reason=PasskeyDataResult.INVALID_SIGNATURE) from error
    except TokenMalformed as error:
        raise PasskeyDataRefused(reason=PasskeyDataResult.GENERIC_ERROR) from error
    raise PasskeyDataRefused(reason=PasskeyDataResult.GENERIC_ERROR)


def _claims(members: dict[str, Any]) -> PasskeyClaims:
    token_id = _text(members, "jti")
    if not TOKEN_ID.fullmatch(token_id):
        raise TokenMalformed
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
        raise TokenMalformed
    return found


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise TokenMalformed
    return value
