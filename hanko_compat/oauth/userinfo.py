"""User data by the access token: the userinfo endpoint (OpenID Connect Core s. 5.3)."""

from typing import Any

from hanko_compat.errors.third_party import ProviderUserUnavailable
from hanko_compat.oauth.provider import Access, Claims, Kind


def fetch_userinfo(access: Access) -> Claims:
    """What the userinfo endpoint tells: one JSON object; a signed JWT is not read.

    Raises:
        RequestFailed: no answer with status 200 that is JSON.
        ProviderUserUnavailable: there is no such endpoint, or it sends something else than an object.
    """
    if not access.endpoints.userinfo:
        raise ProviderUserUnavailable("no userinfo endpoint")
    return as_object(access.get(access.endpoints.userinfo))


def as_object(value: Any) -> Claims:
    """*value*, which has to be a JSON object.

    Raises:
        ProviderUserUnavailable: it is none.
    """
    if not isinstance(value, dict):
        raise ProviderUserUnavailable("an answer that is no JSON object")
    return value


CUSTOM = Kind(fetch=fetch_userinfo)
"""Every provider that is not built in."""
