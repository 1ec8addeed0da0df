"""What is refused outside ``--dev``, and what to change."""

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv4Address, ip_address
from string import Template
from urllib.parse import urlsplit

from hanko_compat.config.model import Config
from hanko_compat.config.origins import is_below, matches_every_host, web_host
from hanko_compat.config.sms import JSON, PLACEHOLDERS
from hanko_compat.errors.config import Problem
from hanko_compat.special_purpose import Address, Networks, is_allowed

# Hanko's built-in default: public, so it protects nothing.
KNOWN_SECRET = "abcedfghijklmnopqrstuvwxyz"  # noqa: S105
SHORTEST_SECRET = 16  # characters

# What Hanko lets through by default; a client that keeps to it must not meet another limit.
MAILS, MAILS_INTERVAL = 3, timedelta(minutes=1)


def refusals(config: Config) -> list[Problem]:
    """Every setting that is unsafe to serve, with the key to change and its safe value."""
    return [
        *_secrets(config),
        *_origins(config),
        *_cookie(config),
        *_relying_party(config),
        *_rate_limits(config),
        *_saml(config),
        *_sms(config),
        *_session_token(config),
    ]


def unserved(config: Config) -> list[Problem]:
    """Settings that Hanko allows and this server does not support, not even in development."""
    if config.secrets.key_management.type == "local":
        return []
    return [Problem("secrets.key_management.type", "Only local is served: set it to local.")]


def _secrets(config: Config) -> Iterator[Problem]:
    if not config.secrets.keys:
        yield Problem(
            "secrets.keys",
            f"None is given: list one of {SHORTEST_SECRET} or more random characters, or set SECRETS_KEYS.",
        )
    if config.hanko_compat.allow_weak_secrets:
        return
    remedy = "use a random one, or set hanko_compat.allow_weak_secrets: true where an old database needs it."
    for index, given in enumerate(config.secrets.keys):
        # What a shell or a tool has left around it makes it no stronger.
        secret = given.strip("\r\n\t '\"")
        if secret.lower() == KNOWN_SECRET:
            yield Problem(f"secrets.keys[{index}]", f"Is Hanko's built-in secret, which is public: {remedy}")
        elif len(secret) < SHORTEST_SECRET:
            yield Problem(f"secrets.keys[{index}]", f"Shorter than {SHORTEST_SECRET} characters: {remedy}")


def _origins(config: Config) -> Iterator[Problem]:
    cors = config.server.public.cors
    if cors.unsafe_wildcard_origin_allowed:
        return
    for index, origin in enumerate(cors.allow_origins):
        if matches_every_host(origin):
            yield Problem(
                f"server.public.cors.allow_origins[{index}]",
                "Lets every site call with its visitors' cookies: name the origins, or set "
                "server.public.cors.unsafe_wildcard_origin_allowed: true.",
            )


def _cookie(config: Config) -> Iterator[Problem]:
    cookie = config.session.cookie
    if cookie.same_site == "none" and not cookie.secure:
        yield Problem(
            "session.cookie.secure",
            "Browsers drop a SameSite=None cookie that is not Secure: set it to true, or "
            "session.cookie.same_site to strict or lax.",
        )


def _relying_party(config: Config) -> Iterator[Problem]:
    party = config.webauthn.relying_party
    hosts = [host for origin in party.origins if (host := web_host(origin))]
    if hosts and not any(is_below(host, party.id.lower()) for host in hosts):
        yield Problem(
            "webauthn.relying_party.id",
            f"{party.id} is neither {' nor '.join(hosts[:3])} nor a domain above: change it, or list the "
            "site that has it as its host in webauthn.relying_party.origins.",
        )


def _rate_limits(config: Config) -> Iterator[Problem]:
    mails = config.hanko_compat.limits.mail_per_address
    if mails.tokens < MAILS or mails.tokens * MAILS_INTERVAL < MAILS * mails.interval:
        yield Problem(
            "hanko_compat.limits.mail_per_address",
            f"Less than {MAILS} a minute: users who just ask again would get none.",
        )
    guesses = config.hanko_compat.limits.wrong_guesses
    if guesses.notice_after > guesses.account.first_day:
        yield Problem(
            "hanko_compat.limits.wrong_guesses.notice_after",
            "More than account.first_day, so the owner would be told late or never: lower it.",
        )


def _saml(config: Config) -> Iterator[Problem]:
    if config.saml.enabled and config.saml.options.skip_signature_validation:
        yield Problem(
            "saml.options.skip_signature_validation",
            "Lets anybody log in as anybody: set it to false, and let the identity provider sign.",
        )


def _sms(config: Config) -> Iterator[Problem]:
    section, sms = "hanko_compat.backend_api.sms", config.hanko_compat.backend_api.sms
    if not sms.url:
        return
    url = urlsplit(sms.url)
    host, networks = url.hostname or "", sms.private_networks
    if not _is_reached(host, networks):
        yield Problem(
            f"{section}.url", f"{host} is not public: list its network in {section}.private_networks."
        )
    if url.scheme == "http" and not _is_private(host, networks):
        yield Problem(f"{section}.url", "Sends codes without TLS: use https.")
    if sms.content_type == JSON and not _is_json(sms.body):
        yield Problem(f"{section}.body", f"Is no JSON: mend it, or set {section}.content_type to what it is.")


def _is_reached(host: str, networks: Networks) -> bool:
    """Whether messages may be posted to *host*; what a name stands for is seen when it is looked up."""
    address = _address(host)
    if address is None:
        name = host.removesuffix(".")
        return bool(networks) or not (name == "localhost" or name.endswith(".localhost"))
    return is_allowed(address, networks)


def _is_private(host: str, networks: Networks) -> bool:
    """Whether *host* may be in one of the operator's own *networks*."""
    address = _address(host)
    return (
        bool(networks) if address is None else not is_allowed(address, ()) and is_allowed(address, networks)
    )


def _address(host: str) -> Address | None:
    """The address that *host* is, also in the short forms that resolvers take; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _session_token(config: Config) -> Iterator[Problem]:
    settings, own = config.hanko_compat.backend_api, config.hanko_compat
    if not settings.session_token:
        return
    if not (settings.session_token_issuer or own.public_url):
        yield Problem(
            "hanko_compat.backend_api.session_token_issuer",
            "Is empty, as hanko_compat.public_url: set one to the frontend API that servers are given.",
        )
    if not own.jwk.algorithm.startswith("RS256"):
        yield Problem(
            "hanko_compat.jwk.algorithm",
            "Must be RS256-4096, RS256-3072 or RS256-2048 with hanko_compat.backend_api.session_token: "
            "Corbado's SDKs take no other.",
        )


def _is_json(body: str) -> bool:
    try:
        json.loads(Template(body).substitute(dict.fromkeys(PLACEHOLDERS, "0")))
    except ValueError:
        return False
    return True
