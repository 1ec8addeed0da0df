"""Claims about a user (OpenID Connect Core s. 5.1), read leniently: servers differ in types.

What is known is brought into one form, which is also the one in ``identities.data``; all else is kept as it
came. Whether an address is verified is the exception: only the boolean true says so.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from hanko_compat.errors.third_party import ProviderUserInvalid
from hanko_compat.oauth.provider import Claims
from hanko_compat.provider_user import ProviderUser

TEXTS = frozenset(
    {
        "aud",
        "birthdate",
        "email",
        "family_name",
        "gender",
        "given_name",
        "iss",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "phone_number",
        "picture",
        "preferred_username",
        "profile",
        "sub",
        "updated_at",
        "website",
        "zoneinfo",
    }
)
SWITCHES = frozenset({"email_verified", "phone_number_verified"})
MOMENTS = frozenset({"exp", "iat"})
CUSTOM = "custom_claims"
NAMES = ("name", "given_name", "family_name")
MAX_LENGTH = 255  # characters of a subject or a name: the columns of Hanko's tables
MAX_BYTES = 32 * 1024
"""How long all claims of a user may be: MySQL keeps 64 kB in a text, and some letters are escaped there."""


def mapped(claims: Claims, mapping: Mapping[str, str]) -> Claims:
    """Move claims to the names of *mapping* {ours: theirs}; where theirs is missing, ours is removed."""
    kept = {name: value for name, value in claims.items() if name not in {*mapping, *mapping.values()}}
    moved = {ours: claims[theirs] for ours, theirs in mapping.items() if theirs in claims}
    return kept | moved


def to_user(claims: Claims, *, provider_id: str) -> ProviderUser:
    """Make a user of what a provider tells.

    Raises:
        ProviderUserInvalid: no subject, a subject or a name that is too long, or too much of all.
    """
    known = _known(claims)
    subject = known.get("sub")
    if not subject:
        raise ProviderUserInvalid("no subject")
    for name in ("sub", *NAMES):
        if len(known.get(name, "")) > MAX_LENGTH:
            raise ProviderUserInvalid(f"{name} is longer than {MAX_LENGTH} characters")
    return ProviderUser(
        provider_id=provider_id,
        subject=subject,
        email=known.get("email"),
        is_email_verified=claims.get("email_verified") is True,
        name=known.get("name", ""),
        given_name=known.get("given_name", ""),
        family_name=known.get("family_name", ""),
        picture=_web_address(known.get("picture", "")),
        claims=_stored(claims, known),
    )


def _known(claims: Claims) -> Claims:
    """The claims that are known, in their form; none that is empty or can't be read."""
    known: Claims = {name: text for name in TEXTS if (text := _text(claims.get(name)))}
    known |= {name: True for name in SWITCHES if claims.get(name) is True}
    return known | {
        name: value
        for name in MOMENTS
        if isinstance(value := claims.get(name), int | float) and not isinstance(value, bool) and value
    }


def _text(value: Any) -> str:
    """Text, or a number that stands where there should be text; "" for all else."""
    if isinstance(value, list) and len(value) == 1:  # ``aud``
        value = value[0]
    if isinstance(value, str):
        return value
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole and abs(value) < 10**MAX_LENGTH else ""


def _stored(claims: Claims, known: Claims) -> Claims:
    """What is kept of *claims*, names sorted: all but known ones that are empty, or that only say no."""
    custom = {
        name: value
        for name, value in sorted(claims.items())
        if name not in known and not (name in TEXTS | SWITCHES | MOMENTS and not value)
    }
    whole = dict(sorted((known | {CUSTOM: custom}).items())) if custom else dict(sorted(known.items()))
    if _length(whole) > MAX_BYTES:
        whole = dict(sorted(known.items()))
    if _length(whole) > MAX_BYTES:
        raise ProviderUserInvalid("claims that are too long")
    return whole


def _length(value: Claims) -> int:
    return len(json.dumps(value))


def _web_address(text: str) -> str:
    """*text* if it is an address with http or https, else ""."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""
