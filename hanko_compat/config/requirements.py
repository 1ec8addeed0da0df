"""What Hanko does not start without: settings that others make necessary. Refused outside ``--dev``."""

import re
from collections.abc import Iterator

from hanko_compat.config import redirect_patterns
from hanko_compat.config.fields import is_address
from hanko_compat.config.model import Config
from hanko_compat.config.rate_limiter import STORES
from hanko_compat.config.third_party import ENDPOINTS, CustomProvider
from hanko_compat.errors.config import PatternMalformed, Problem

# What hooks can be sent. Of the names below them Hanko's releases have had different ones.
EVENT = re.compile(r"(user|email)(\.[a-z_]+)*")


def missing(config: Config) -> list[Problem]:
    """Every setting that has to be given, or changed, as another one is on."""
    return [
        *_rate_limiter(config),
        *_third_party(config),
        *_custom_providers(config),
        *_saml(config),
        *_webhooks(config),
    ]


def _rate_limiter(config: Config) -> Iterator[Problem]:
    limiter = config.rate_limiter
    if not limiter.enabled:
        return
    if limiter.store not in STORES:
        yield Problem("rate_limiter.store", f"Must be one of {', '.join(STORES)}.")
    if limiter.store == "redis" and not is_address(limiter.redis_config.address):
        yield Problem(
            "rate_limiter.redis_config.address", "Must be host:port, as rate_limiter.store is redis."
        )


def _third_party(config: Config) -> Iterator[Problem]:
    section = config.third_party
    built_in = {name: getattr(section.providers, name) for name in vars(section.providers)}
    enabled = {name: provider for name, provider in built_in.items() if provider.enabled}
    enabled_custom = {name for name, provider in section.custom_providers.items() if provider.enabled}
    if enabled or enabled_custom:
        why = f"as {', '.join(sorted({*enabled, *enabled_custom}))} is enabled"
        for key in ("redirect_url", "error_redirect_url", "allowed_redirect_urls"):
            if not getattr(section, key):
                yield Problem(f"third_party.{key}", f"Must be given, {why}.")
        yield from _redirect_patterns("third_party.allowed_redirect_urls", section.allowed_redirect_urls)
    for name, provider in enabled.items():
        for key in ("client_id", "secret"):
            if not getattr(provider, key):
                place = f"third_party.providers.{name}.{key}"
                variable = place.replace(".", "_").upper()
                yield Problem(place, f"Must be given, as {name} is enabled; or set {variable}.")


def _custom_providers(config: Config) -> Iterator[Problem]:
    seen: set[str] = set()
    for name, provider in config.third_party.custom_providers.items():
        if name.lower() in seen:
            yield Problem(
                f"third_party.custom_providers.{name}", "Stands twice, in letters of different case."
            )
        seen.add(name.lower())
        if provider.enabled:
            for key in _needed(provider):
                place = f"third_party.custom_providers.{name}.{key}"
                yield Problem(place, f"Must be given, as {name} is enabled.")


def _needed(provider: CustomProvider) -> list[str]:
    """The keys that a provider lacks."""
    keys = ("client_id", "secret", "scopes", "display_name")
    wanted = keys if provider.use_discovery else (*keys, *ENDPOINTS)
    return [key for key in wanted if not getattr(provider, key)]


def _redirect_patterns(key: str, patterns: tuple[str, ...]) -> Iterator[Problem]:
    for index, pattern in enumerate(patterns):
        if pattern.endswith("/"):
            yield Problem(f"{key}[{index}]", "Must not end in a slash.")
        try:
            redirect_patterns.parse(pattern)
        except PatternMalformed as error:
            yield Problem(
                f"{key}[{index}]", f"Must be a pattern of URLs such as https://*.example.com/**: {error}."
            )


def _saml(config: Config) -> Iterator[Problem]:
    saml = config.saml
    if not saml.enabled:
        return
    for key in ("endpoint_url", "audience_uri", "identity_providers"):
        if not getattr(saml, key):
            yield Problem(f"saml.{key}", "Must be given, as saml is enabled.")
    yield from _redirect_patterns("saml.allowed_redirect_urls", saml.allowed_redirect_urls)
    if config.hanko_compat.saml.allow_unsolicited and not saml.default_redirect_url:
        yield Problem(
            "saml.default_redirect_url", "Must be given, as hanko_compat.saml.allow_unsolicited is on."
        )
    domains: set[str] = set()
    for index, provider in enumerate(saml.identity_providers):
        place = f"saml.identity_providers[{index}]"
        if not provider.enabled:
            continue
        for key in ("name", "domain", "metadata_url"):
            if not getattr(provider, key):
                yield Problem(f"{place}.{key}", "Must be given, as this provider is enabled.")
        if provider.domain in domains:
            yield Problem(f"{place}.domain", f"{provider.domain} is the domain of another one.")
        domains.add(provider.domain)


def _webhooks(config: Config) -> Iterator[Problem]:
    if not config.webhooks.enabled:
        return
    for number, hook in enumerate(config.webhooks.hooks):
        for index, event in enumerate(hook.events):
            if not EVENT.fullmatch(event):
                place = f"webhooks.hooks[{number}].events[{index}]"
                yield Problem(place, "Must be user, email.send, or an event below user such as user.create.")
