"""Signed tokens: JSON Web Tokens (RFC 7519) in the compact serialisation (RFC 7515 s. 7.1).

What holds for each kind of token is here: how long one may be, which headers it may have, and which
algorithm counts.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jwt

from hanko_compat.base64url import decode, encode
from hanko_compat.errors.base64url import Base64urlMalformed
from hanko_compat.errors.jose import TokenForged, TokenMalformed
from hanko_compat.jose.signing_keys import SigningKey

# Our own tokens have 1 to 4 kB, and no browser keeps a larger cookie.
MAX_LENGTH = 16 * 1024  # characters
JWT = "JWT"
"""The type of a token that names none (RFC 7519 s. 5.1)."""


class VerifiedToken(NamedTuple):
    """The claims of a token whose signature is good, and the ``kid`` of the key that made it."""

    claims: dict[str, Any]
    kid: str


FindKey = Callable[[str], SigningKey | None]
"""Finds the key of a ``kid``."""


def sign(claims: dict[str, Any], *, key: SigningKey, typ: str = JWT) -> str:
    """Sign *claims*; the header is alg, kid and *typ*. RSA with 4096 bits takes milliseconds."""
    headers = {"kid": key.kid, "typ": typ}
    return jwt.encode(claims, key.private_key, algorithm=key.algorithm, headers=headers)


def verify(token: str, *, find_key: FindKey, typ: str = JWT) -> VerifiedToken:
    """Check the type and the signature of a token; its claims are for the caller to check.

    The key is found by ``kid`` alone and brings its own algorithm: what the header says of algorithms
    must agree, and ``jku``, ``jwk`` and ``x5u`` are not read (RFC 8725 s. 3.1, 3.10).

    Raises:
        TokenMalformed: not three parts of base64url, no JSON, another type, or an extension.
        TokenForged: an unknown key, another algorithm than the key's, or a signature that is not of this key.
    """
    header, payload, signature = _split(token)
    key = find_key(_key_id(header, typ=typ))
    if key is None or header.get("alg") != key.algorithm:
        raise TokenForged
    message, _, text = token.rpartition(".")
    # There is one way to write a signature (RFC 4648 s. 3.5); the other parts are signed as they are written.
    if text != encode(signature) or not key.verify(message.encode(), signature):
        raise TokenForged
    return VerifiedToken(_json_object(payload), key.kid)


def numeric_date(claims: Mapping[str, Any], name: str) -> datetime:
    """The moment of a claim such as ``exp`` (RFC 7519 s. 2); it may have a fraction of a second.

    Raises:
        TokenMalformed: absent, no number, or no moment: infinity, NaN and years beyond 9999.
    """
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenMalformed
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise TokenMalformed from error


def _split(token: str) -> tuple[dict[str, Any], bytes, bytes]:
    """Header, payload and signature."""
    parts = token.split(".", 3) if len(token) <= MAX_LENGTH else []
    if len(parts) != 3:
        raise TokenMalformed
    try:
        header, payload, signature = map(decode, parts)
    except Base64urlMalformed as error:
        raise TokenMalformed from error
    return _json_object(header), payload, signature


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TokenMalformed from error
    if not isinstance(value, dict):
        raise TokenMalformed
    return value


def _key_id(header: Mapping[str, Any], *, typ: str) -> str:
    """The ``kid`` of a header that claims nothing we don't know (RFC 7515 s. 4.1.11)."""
    kid = header.get("kid")
    # Each kind of token has a `typ` of its own, so that none of them passes as another (RFC 8725 s. 3.11).
    if not isinstance(kid, str) or header.get("typ", JWT) != typ or "crit" in header or "b64" in header:
        raise TokenMalformed
    return kid
