"""Sections about other servers: ``third_party``, ``saml``, ``webhooks``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hanko_compat.config.fields import ListOf, MapOf, Switch, Text
from hanko_compat.config.secret_kinds import Hidden, ServerUrl, Url
from hanko_compat.config.settings import Entry, section, setting

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
"""What a custom provider has to be given that is not discovered."""


@dataclass(frozen=True)
class Provider:
    """``third_party.providers.<name>``: a provider that is built in."""

    allow_linking: bool = setting(Switch(), True)
    client_id: str = setting(Text(), "")
    enabled: bool = setting(Switch(), False)
    prompt: str = setting(Text(), "")
    secret: str = setting(Hidden(), "")


@dataclass(frozen=True)
class Providers:
    """``third_party.providers``: the providers that are built in."""

    apple: Provider = section(Provider)
    discord: Provider = section(Provider)
    facebook: Provider = section(Provider)
    github: Provider = section(Provider)
    google: Provider = section(Provider)
    linkedin: Provider = section(Provider)
    microsoft: Provider = section(Provider)


@dataclass(frozen=True)
class CustomProvider:
    """``third_party.custom_providers.<name>``: any provider of OAuth 2.0 or OpenID Connect."""

    acr_values: tuple[str, ...] = setting(ListOf(Text()), ())
    allow_linking: bool = setting(Switch(), False)
    attribute_mapping: dict[str, str] = setting(MapOf(Text()), {})
    authorization_endpoint: str = setting(Url(), "")
    client_id: str = setting(Text(), "")
    display_name: str = setting(Text(), "")
    enabled: bool = setting(Switch(), False)
    issuer: str = setting(Url(), "")
    prompt: str = setting(Text(), "")
    scopes: tuple[str, ...] = setting(ListOf(Text()), ())
    secret: str = setting(Hidden(), "")
    token_endpoint: str = setting(Url(), "")
    use_discovery: bool = setting(Switch(), True)
    userinfo_endpoint: str = setting(Url(), "")


class CustomProviderEntry(Entry):
    """One custom provider. Where nothing says whether it is discovered, it is unless it has its endpoints.

    As Hanko 2.7.0: it starts with endpoints alone, and uses them.
    """

    def __init__(self) -> None:
        super().__init__(CustomProvider)

    def _read(self, value: Any) -> Any:
        if isinstance(value, Mapping) and "use_discovery" not in value and all(map(value.get, ENDPOINTS)):
            value = {**value, "use_discovery": False}
        return super()._read(value)


@dataclass(frozen=True)
class ThirdParty:
    """``third_party``: log-in with other providers."""

    allowed_redirect_urls: tuple[str, ...] = setting(ListOf(Url()), ())
    custom_providers: dict[str, CustomProvider] = setting(
        MapOf(CustomProviderEntry()), {}, env="CUSTOMPROVIDERS"
    )
    default_redirect_url: str = setting(Url(), "")
    error_redirect_url: str = setting(Url(), "")
    providers: Providers = section(Providers)
    redirect_url: str = setting(Url(), "")


@dataclass(frozen=True)
class AttributeMap:
    """``saml.identity_providers[].attribute_map``: which SAML attribute holds which claim."""

    birthdate: str = setting(Text(), "")
    email: str = setting(Text(), f"{CLAIMS}emailaddress")
    email_verified: str = setting(Text(), "")
    family_name: str = setting(Text(), f"{CLAIMS}surname")
    gender: str = setting(Text(), "")
    given_name: str = setting(Text(), f"{CLAIMS}givenname")
    locale: str = setting(Text(), "")
    middle_name: str = setting(Text(), "")
    name: str = setting(Text(), f"{CLAIMS}name")
    nickname: str = setting(Text(), "")
    phone: str = setting(Text(), "")
    phone_verified: str = setting(Text(), "")
    picture: str = setting(Text(), "")
    preferred_username: str = setting(Text(), "")
    profile: str = setting(Text(), "")
    updated_at: str = setting(Text(), "")
    website: str = setting(Text(), "")
    zone_info: str = setting(Text(), "")


@dataclass(frozen=True)
class IdentityProvider:
    """``saml.identity_providers[]``: one SAML identity provider."""

    attribute_map: AttributeMap = section(AttributeMap)
    domain: str = setting(Text(), "")
    enabled: bool = setting(Switch(), False)
    metadata_url: str = setting(ServerUrl(), "")
    name: str = setting(Text(), "")
    skip_email_verification: bool = setting(Switch(), False)


@dataclass(frozen=True)
class SamlOptions:
    """``saml.options``: how strict the service provider is."""

    allow_missing_attributes: bool = setting(Switch(), False, env="ALLOWMISSINGATTRIBUTES")
    force_login: bool = setting(Switch(), False, env="FORCELOGIN")
    sign_authn_requests: bool = setting(Switch(), False, env="SIGNAUTHNREQUESTS")
    skip_signature_validation: bool = setting(Switch(), False, env="SKIPSIGNATUREVALIDATION")
    validate_encryption_cert: bool = setting(Switch(), False, env="VALIDATEENCRYPTIONCERTIFICATE")


@dataclass(frozen=True)
class Saml:
    """``saml``: log-in with SAML identity providers."""

    allowed_redirect_urls: tuple[str, ...] = setting(ListOf(Url()), ())
    audience_uri: str = setting(Url(), "", env="AUDIENCEURI")
    default_redirect_url: str = setting(Url(), "", env="DEFAULTREDIRECTURL")
    enabled: bool = setting(Switch(), False)
    endpoint_url: str = setting(Url(), "", env="ENDPOINT")
    identity_providers: tuple[IdentityProvider, ...] = setting(
        ListOf(Entry(IdentityProvider)), (), env="IDENTITYPROVIDERS"
    )
    options: SamlOptions = section(SamlOptions)


@dataclass(frozen=True)
class Webhook:
    """``webhooks.hooks[]``: a URL, and the events that are sent to it."""

    callback: str = setting(ServerUrl(), "")
    events: tuple[str, ...] = setting(ListOf(Text()), ())


@dataclass(frozen=True)
class Webhooks:
    """``webhooks``: other servers that events are sent to."""

    allow_time_expiration: bool = setting(Switch(), False, env="ALLOWTIMEEXPIRATION")
    enabled: bool = setting(Switch(), False)
    hooks: tuple[Webhook, ...] = setting(ListOf(Entry(Webhook)), ())
