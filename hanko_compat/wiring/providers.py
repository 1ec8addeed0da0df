"""Other providers that people log in with, by ``third_party.*`` and ``hanko_compat.third_party.*``."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from hanko_compat.clock import Clock, utc_now
from hanko_compat.config import Config
from hanko_compat.config.third_party import CustomProvider
from hanko_compat.config.third_party import Provider as BuiltInProvider
from hanko_compat.oauth.built_in import BUILT_IN
from hanko_compat.oauth.client import ProviderClient
from hanko_compat.oauth.provider import Endpoints, Provider
from hanko_compat.oauth.userinfo import CUSTOM
from hanko_compat.services.profiles.providers import BUILT_IN as NAMES
from hanko_compat.services.profiles.providers import CUSTOM_PREFIX
from hanko_compat.services.third_party.examination import ProviderExamination
from hanko_compat.wiring.parts import Parts


def build_providers(parts: Parts) -> Mapping[str, Provider]:
    """The providers that are enabled, by ID."""
    return providers_of(parts.config)


def providers_of(config: Config) -> Mapping[str, Provider]:
    """The providers that *config* enables, by ID."""
    section = config.third_party
    built_in = [_built_in(name, getattr(section.providers, name)) for name in NAMES]
    custom = [_custom(name.lower(), settings) for name, settings in section.custom_providers.items()]
    return {provider.id: provider for provider in _present(*built_in, *custom)}


def build_provider_client(parts: Parts) -> ProviderClient:
    """What asks them."""
    settings = parts.config.hanko_compat.third_party
    return ProviderClient(
        timeout=settings.timeout.total_seconds(), networks=settings.private_networks, now=parts.now
    )


def provider_examination(config: Config, *, now: Clock = utc_now) -> ProviderExamination:
    """What asks them on behalf of the operator."""
    settings = config.hanko_compat.third_party
    return ProviderExamination(
        timeout=settings.timeout.total_seconds(), networks=settings.private_networks, now=now
    )


def _present(*providers: Provider | None) -> Iterator[Provider]:
    return (provider for provider in providers if provider is not None)


def _built_in(name: str, settings: BuiltInProvider) -> Provider | None:
    if not settings.enabled:
        return None
    entry = BUILT_IN[name]
    return Provider(
        id=name,
        display_name=NAMES[name],
        client_id=settings.client_id,
        secret=settings.secret,
        scopes=entry.scopes,
        allow_linking=settings.allow_linking,
        kind=entry.kind,
        endpoints=entry.endpoints,
        issuer=entry.issuer,
        issuers=entry.issuers,
        prompt=settings.prompt,
    )


def _custom(name: str, settings: CustomProvider) -> Provider | None:
    if not settings.enabled:
        return None
    endpoints = Endpoints(
        authorization=settings.authorization_endpoint,
        token=settings.token_endpoint,
        userinfo=settings.userinfo_endpoint,
    )
    return Provider(
        id=CUSTOM_PREFIX + name,
        display_name=settings.display_name,
        client_id=settings.client_id,
        secret=settings.secret,
        scopes=settings.scopes,
        allow_linking=settings.allow_linking,
        kind=CUSTOM,
        endpoints=None if settings.use_discovery else endpoints,
        issuer=settings.issuer,
        issuers=(settings.issuer,) if settings.issuer else (),
        prompt=settings.prompt,
        acr_values=settings.acr_values,
        attribute_mapping=settings.attribute_mapping,
        private_hosts=_hosts(settings),
    )


def _hosts(settings: CustomProvider) -> frozenset[str]:
    """Those that the operator has named: they may be where he put them. Others are named by the provider."""
    urls = (
        (settings.issuer,)
        if settings.use_discovery
        else (settings.token_endpoint, settings.userinfo_endpoint)
    )
    return frozenset(filter(None, map(_host, urls)))


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
