"""What is peculiar to a provider: where and how it describes a user. All end in claims of OpenID Connect."""

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import urlencode

from hanko_compat.errors.third_party import ProviderUserInvalid, ProviderUserUnavailable
from hanko_compat.oauth.provider import Access, Claims
from hanko_compat.oauth.userinfo import as_object, fetch_userinfo

NO_EMAIL = "no address"
GOOGLE_CLAIMS = ("sub", "name", "given_name", "family_name", "picture", "email", "email_verified")
FACEBOOK_FIELDS = "id,name,first_name,last_name,email,picture"
DISCORD_AVATARS = "https://cdn.discordapp.com/avatars"
PROTECTING = ("at_hash", "azp", "c_hash", "nonce", "nonce_supported")
"""Claims that are about an ID token and not about the user."""
MICROSOFT_ISSUER = re.compile(r"https://login\.microsoftonline\.com/[0-9A-Za-z.-]+/v2\.0")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def fetch_github(access: Access) -> Claims:
    """GitHub: the account, and the list of its addresses, which alone decides.

    https://docs.github.com/en/rest/users/users, https://docs.github.com/en/rest/users/emails
    """
    user = as_object(access.get(access.endpoints.userinfo))
    emails = access.get(f"{access.endpoints.userinfo}/emails")
    if not isinstance(emails, list) or not emails:
        raise ProviderUserUnavailable("no list of addresses")
    primary = next((each for each in emails if isinstance(each, dict) and each.get("primary") is True), {})
    return {
        "sub": _number(user.get("id")),
        "name": user.get("name"),
        "preferred_username": user.get("login"),
        "picture": user.get("avatar_url"),
        "email": primary.get("email"),
        "email_verified": primary.get("verified"),
    }


def fetch_google(access: Access) -> Claims:
    """Google: the userinfo endpoint, of which little is kept."""
    user = fetch_userinfo(access)
    _require_email(user)
    return {name: user[name] for name in GOOGLE_CLAIMS if name in user}


def fetch_discord(access: Access) -> Claims:
    """Discord: https://discord.com/developers/docs/resources/user."""
    user = fetch_userinfo(access)
    id_, avatar = user.get("id"), user.get("avatar")
    has_avatar = isinstance(avatar, str) and avatar and isinstance(id_, str)
    ending = "gif" if has_avatar and str(avatar).startswith("a_") else "png"
    return {
        "sub": id_,
        "name": user.get("global_name"),
        "preferred_username": user.get("username"),
        "picture": f"{DISCORD_AVATARS}/{id_}/{avatar}.{ending}" if has_avatar else None,
        "locale": user.get("locale"),
        "email": user.get("email"),
        "email_verified": user.get("verified"),
    }


def fetch_facebook(access: Access) -> Claims:
    """Facebook, which tells no address that it has not verified.

    https://developers.facebook.com/docs/graph-api/securing-requests#appsecret_proof
    """
    proof = hmac.new(access.secret.encode(), access.token.encode(), hashlib.sha256).hexdigest()
    query = urlencode({"fields": FACEBOOK_FIELDS, "appsecret_proof": proof})
    user = as_object(access.get(f"{access.endpoints.userinfo}?{query}"))
    _require_email(user)
    picture = _member(_member(user, "picture"), "data").get("url")
    return {
        "sub": user.get("id"),
        "name": user.get("name"),
        "given_name": user.get("first_name"),
        "family_name": user.get("last_name"),
        "picture": picture,
        "email": user["email"],
        "email_verified": True,
    }


def fetch_linkedin(access: Access) -> Claims:
    """LinkedIn, whose locale is an object; kept is what Hanko makes of it."""
    user = fetch_userinfo(access)
    locale = user.get("locale")
    if not isinstance(locale, str):
        parts = locale if isinstance(locale, dict) else {}
        # As Hanko 2.7.0: the country comes first, and "-" is all that is left of none.
        user["locale"] = "-".join(str(parts.get(name) or "") for name in ("country", "language"))
    return user


def read_apple(claims: Claims) -> Claims:
    """Apple, whose booleans may be text.

    https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple
    """
    user = _without(claims)
    _require_email(user)
    return user | {
        "email_verified": user.get("email_verified") is True or user.get("email_verified") == "true"
    }


def read_microsoft(claims: Claims) -> Claims:
    """Microsoft, where an organisation may give its accounts any address: ``xms_edov`` vouches for it.

    https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
    """
    user = _without(claims)
    principal = user.get("upn")
    if isinstance(principal, str) and ADDRESS.fullmatch(principal):
        user["email"] = principal
    _require_email(user)
    vouched = user.get("xms_edov")
    return user | {"email_verified": vouched is True or vouched in ("1", "true")}


def is_microsoft(claims: Claims, issuer_of_key: str | None) -> bool:
    """Whether the issuer is the tenant of Microsoft's that the claim ``tid`` and the key name.

    https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
    """
    issuer, tenant = claims.get("iss"), claims.get("tid")
    if not isinstance(issuer, str) or not MICROSOFT_ISSUER.fullmatch(issuer):
        return False
    if tenant is not None and issuer != f"https://login.microsoftonline.com/{tenant}/v2.0":
        return False
    # Keys for accounts of one tenant must not sign for others.
    return issuer_of_key is None or issuer_of_key.replace("{tenantid}", str(tenant)) == issuer


def _without(claims: Claims) -> Claims:
    return {name: value for name, value in claims.items() if name not in PROTECTING}


def _require_email(user: Claims) -> None:
    if not isinstance(user.get("email"), str) or not user["email"]:
        raise ProviderUserUnavailable(NO_EMAIL)


def _number(value: Any) -> str:
    """An ID that is a number, as text."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ProviderUserInvalid("no subject")
    return str(value)


def _member(value: Any, name: str) -> Any:
    """A member that is an object; an empty one where there is none."""
    member = value.get(name)
    return member if isinstance(member, dict) else {}
