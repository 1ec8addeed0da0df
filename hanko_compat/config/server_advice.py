"""Warnings about ``third_party``, ``saml`` and ``webhooks``: what leads nowhere, or past TLS.

Hanko starts with all of it, and its users meet the mistake.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from hanko_compat.config import redirect_patterns
from hanko_compat.config.draft import Draft
from hanko_compat.config.model import Config
from hanko_compat.config.origins import THIS_HOST
from hanko_compat.config.third_party import ENDPOINTS, CustomProvider, IdentityProvider, Webhook
from hanko_compat.errors.config import Problem

OWN_NAMES = (".local", ".localhost", ".internal", ".svc")
"""How names end that are known in an operator's own network only."""
CALLBACK = "/thirdparty/callback"
DISCOVERY = "/.well-known/openid-configuration"
CLAIMS = (
    *("aud", "birthdate", "email", "email_verified", "exp", "family_name", "gender", "given_name", "iat"),
    *("iss", "locale", "middle_name", "name", "nickname", "phone_number", "phone_number_verified"),
    *("picture", "preferred_username", "profile", "sub", "updated_at", "website", "zoneinfo"),
)
"""What ``attribute_mapping`` can fill in (OpenID Connect Core s. 5.1)."""
EVENTS = (
    "user.create",
    "user.delete",
    "user.login",
    "user.update.email.create",
    "user.update.email.delete",
    "user.update.email.primary",
    "user.update.password.update",
    "user.update.username.create",
    "user.update.username.delete",
    "user.update.username.update",
    "email.send",
)
"""What Hanko's hooks can be told."""

_DOMAIN = re.compile(r"[^\s@:/?#]+\.[^\s@:/?#]+")


def server_advice(config: Config, draft: Draft) -> Iterator[Problem]:
    """What to change about other servers, in sections that are used; *draft* is what the operator wrote."""
    section = config.third_party
    yield from _without_switch(draft)
    built_in = {name: each for name, each in vars(section.providers).items() if each.enabled}
    custom = {name: each for name, each in section.custom_providers.items() if each.enabled}
    if built_in or custom:
        yield from _ways_back(config)
    for name, provider in built_in.items():
        yield from _credentials(f"third_party.providers.{name}", provider.client_id, provider.secret)
    for name, settings in custom.items():
        yield from _custom(f"third_party.custom_providers.{name}", settings)
    if config.saml.enabled:
        yield from _saml(config)
    if config.webhooks.enabled:
        for index, hook in enumerate(config.webhooks.hooks):
            yield from _hook(f"webhooks.hooks[{index}]", hook)


def _without_switch(draft: Draft) -> Iterator[Problem]:
    """Providers that are described, but neither switched on nor off."""
    text = "Is not given, so nobody can log in there: write true, or false if that is meant."
    for kind in ("providers", "custom_providers"):
        entries = draft.get(("third_party", kind))
        for name, entry in entries.items() if isinstance(entries, Mapping) else ():
            if isinstance(entry, Mapping) and entry and entry.get("enabled") is None:
                yield Problem(f"third_party.{kind}.{name}.enabled", text)
    entries = draft.get(("saml", "identity_providers")) if draft.get(("saml", "enabled")) else None
    for index, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
        if isinstance(entry, Mapping) and entry and entry.get("enabled") is None:
            yield Problem(f"saml.identity_providers[{index}].enabled", text)


def _ways_back(config: Config) -> Iterator[Problem]:
    section, place = config.third_party, "third_party.redirect_url"
    if not _is_web(section.redirect_url):
        yield Problem(place, f"Must be a URL such as https://auth.example.com{CALLBACK}.")
    elif not section.redirect_url.endswith(CALLBACK):
        yield Problem(place, f"Must end in {CALLBACK}, as nothing else is served.")
    elif config.session.cookie.secure and _lacks_tls(section.redirect_url):
        yield Problem(
            place, "Browsers keep the cookie of a log-in on https only, so every log-in fails: use https."
        )
    if not _is_place(section.error_redirect_url):
        yield Problem("third_party.error_redirect_url", "Must be a URL such as https://example.com/login.")
    yield from _patterns("third_party.allowed_redirect_urls", section.allowed_redirect_urls)


def _patterns(key: str, patterns: tuple[str, ...]) -> Iterator[Problem]:
    """Patterns that strangers' sites fit, and those that no URL does."""
    for index, pattern in enumerate(patterns):
        if redirect_patterns.lets_strangers_in(pattern):
            text = "Sends browsers with one-time tokens to sites of strangers: name the hosts."
            yield Problem(f"{key}[{index}]", text)
        elif strays := redirect_patterns.strays_in(pattern):
            text = (
                f"Fits no URL, as none has {strays!r} there: leave out blanks, user names and regular "
                "expressions, and write other letters as browsers send them (xn--, %C3%A4)."
            )
            yield Problem(f"{key}[{index}]", text)


def _custom(place: str, settings: CustomProvider) -> Iterator[Problem]:
    yield from _credentials(place, settings.client_id, settings.secret)
    if settings.use_discovery:
        yield from _asked(f"{place}.issuer", settings.issuer, example="https://sso.example.com")
        if settings.issuer.rstrip("/").endswith(DISCOVERY):
            yield Problem(f"{place}.issuer", f"Must end before {DISCOVERY}, which is added to it.")
    else:
        for key in ENDPOINTS:
            yield from _asked(
                f"{place}.{key}", getattr(settings, key), example=f"https://sso.example.com/{key[:-9]}"
            )
    for name in settings.attribute_mapping:
        if name not in CLAIMS:
            text = "Is no claim that is read here: our name stands before the colon, as in {sub: id}."
            yield Problem(f"{place}.attribute_mapping.{name}", text)


def _credentials(place: str, client_id: str, secret: str) -> Iterator[Problem]:
    for key, value in (("client_id", client_id), ("secret", secret)):
        if value != value.strip():
            yield Problem(f"{place}.{key}", "Has blanks around it, which are sent, too: remove them.")


def _saml(config: Config) -> Iterator[Problem]:
    saml = config.saml
    endpoint = saml.endpoint_url.rstrip("/")
    if not _is_web(endpoint):
        yield Problem("saml.endpoint_url", "Must be a URL such as https://auth.example.com.")
    elif (path := urlsplit(endpoint).path.rpartition("/saml"))[1] and path[2].count("/") <= 1:
        yield Problem("saml.endpoint_url", "Must end before /saml, which is added to it.")
    if saml.default_redirect_url and not _is_place(saml.default_redirect_url):
        yield Problem("saml.default_redirect_url", "Must be a URL such as https://example.com/login.")
    yield from _patterns("saml.allowed_redirect_urls", saml.allowed_redirect_urls)
    for index, provider in enumerate(saml.identity_providers):
        if provider.enabled:
            yield from _identity_provider(f"saml.identity_providers[{index}]", provider)


def _identity_provider(place: str, provider: IdentityProvider) -> Iterator[Problem]:
    url = provider.metadata_url
    if not _is_web(url):
        yield Problem(f"{place}.metadata_url", "Must be a URL such as https://idp.example.com/metadata.")
    elif _lacks_tls(url):
        yield Problem(
            f"{place}.metadata_url",
            "Whoever is between here and there can log in as anybody of the domain: use https.",
        )
    if not _DOMAIN.fullmatch(provider.domain):
        yield Problem(f"{place}.domain", "Must be a domain such as example.com, as addresses end.")
    elif provider.domain != provider.domain.lower():
        yield Problem(f"{place}.domain", "Is compared by letter: write it in small letters.")
    if not provider.attribute_map.email:
        yield Problem(f"{place}.attribute_map.email", "Without it nobody has an address, so nobody logs in.")


def _hook(place: str, hook: Webhook) -> Iterator[Problem]:
    yield from _asked(f"{place}.callback", hook.callback, example="https://app.example.com/hanko")
    if not hook.events:
        yield Problem(f"{place}.events", "Lists none, so this hook is told nothing.")
    for index, event in enumerate(hook.events):
        if not any(each.startswith(event) for each in EVENTS):
            text = f"No event begins so. There are {', '.join(EVENTS)}."
            yield Problem(f"{place}.events[{index}]", text)


def _asked(place: str, url: str, *, example: str) -> Iterator[Problem]:
    """What to change in the URL of a server that is asked, or told, about people."""
    if not _is_web(url):
        yield Problem(place, f"Must be a URL such as {example}.")
    elif _lacks_tls(url):
        yield Problem(place, "Secrets and people's data can be read on their way: use https.")


def _is_web(url: str) -> bool:
    return _is_place(url) and urlsplit(url).scheme in {"http", "https"}


def _is_place(url: str) -> bool:
    """Whether it is absolute, perhaps of an app: ``com.example.app://login``."""
    try:
        parts = urlsplit(url)
        return bool(parts.scheme and parts.hostname) and not re.search(r"\s", url)
    except ValueError:
        return False


def _lacks_tls(url: str) -> bool:
    """Whether a web *url* leaves this host, and the names of one's own network, without TLS."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_own = host in THIS_HOST or "." not in host or host.endswith(OWN_NAMES)
    return parts.scheme == "http" and not is_own
