"""The providers that are built in, as a table. What is peculiar to one is in `peculiarities`."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hanko_compat.oauth import peculiarities
from hanko_compat.oauth.provider import Endpoints, Kind, Nonce


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the configuration need not say of a provider. Without ``endpoints`` they are discovered."""

    kind: Kind
    scopes: tuple[str, ...]
    endpoints: Endpoints | None = None
    issuer: str = ""
    issuers: tuple[str, ...] = ()


APPLE = Entry(
    kind=Kind(
        read_id_token=peculiarities.read_apple,
        keys_need_alg=True,
        nonce=Nonce.DECLARED,
        parameters=MappingProxyType({"response_mode": "form_post"}),
    ),
    scopes=("name", "email"),
    endpoints=Endpoints(
        authorization="https://appleid.apple.com/auth/authorize",
        token="https://appleid.apple.com/auth/token",  # noqa: S106 - an address
        keys="https://appleid.apple.com/auth/keys",
    ),
    issuers=("https://appleid.apple.com",),
)
DISCORD = Entry(
    kind=Kind(fetch=peculiarities.fetch_discord),
    scopes=("identify", "email"),
    endpoints=Endpoints(
        authorization="https://discord.com/oauth2/authorize",
        token="https://discord.com/api/oauth2/token",  # noqa: S106
        userinfo="https://discord.com/api/users/@me",
        has_pkce=True,  # https://discord.com/.well-known/oauth-authorization-server
    ),
)
FACEBOOK = Entry(
    kind=Kind(fetch=peculiarities.fetch_facebook),
    scopes=("email", "public_profile"),
    endpoints=Endpoints(
        authorization="https://www.facebook.com/v21.0/dialog/oauth",
        token="https://graph.facebook.com/v21.0/oauth/access_token",  # noqa: S106
        userinfo="https://graph.facebook.com/me",
    ),
)
GITHUB = Entry(
    kind=Kind(fetch=peculiarities.fetch_github),
    scopes=("user:email", "user:read"),
    endpoints=Endpoints(
        authorization="https://github.com/login/oauth/authorize",
        token="https://github.com/login/oauth/access_token",  # noqa: S106
        userinfo="https://api.github.com/user",
        has_pkce=True,  # https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    ),
    issuers=("https://github.com/login/oauth",),  # as ``iss`` in its answers has it
)
GOOGLE = Entry(
    kind=Kind(fetch=peculiarities.fetch_google),
    scopes=("email", "profile"),
    endpoints=Endpoints(
        authorization="https://accounts.google.com/o/oauth2/auth",
        token="https://oauth2.googleapis.com/token",  # noqa: S106
        userinfo="https://www.googleapis.com/oauth2/v3/userinfo",
        keys="https://www.googleapis.com/oauth2/v3/certs",
        has_pkce=True,  # https://accounts.google.com/.well-known/openid-configuration
    ),
    issuers=("https://accounts.google.com", "accounts.google.com"),
)
LINKEDIN = Entry(
    # Its ID tokens repeat no nonce.
    kind=Kind(fetch=peculiarities.fetch_linkedin, nonce=Nonce.UNKNOWN),
    scopes=("openid", "profile", "email"),
    issuer="https://www.linkedin.com/oauth",
    issuers=("https://www.linkedin.com/oauth", "https://www.linkedin.com"),
)
MICROSOFT = Entry(
    kind=Kind(read_id_token=peculiarities.read_microsoft, is_issuer=peculiarities.is_microsoft),
    scopes=("openid", "profile", "email"),
    endpoints=Endpoints(
        authorization="https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token="https://login.microsoftonline.com/common/oauth2/v2.0/token",  # noqa: S106
        keys="https://login.microsoftonline.com/common/discovery/v2.0/keys",
        has_pkce=True,  # https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
    ),
)
BUILT_IN: Mapping[str, Entry] = MappingProxyType(
    {
        "apple": APPLE,
        "discord": DISCORD,
        "facebook": FACEBOOK,
        "github": GITHUB,
        "google": GOOGLE,
        "linkedin": LINKEDIN,
        "microsoft": MICROSOFT,
    }
)
