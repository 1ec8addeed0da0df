"""Section ``hanko_compat``: the keys that Hanko does not have. An unknown key in here is always an error."""

import re
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from marshmallow import ValidationError

from hanko_compat.config.associations import Associations
from hanko_compat.config.fields import Address, Choice, Duration, Kind, ListOf, Network, Switch, Text
from hanko_compat.config.limits import LimitSettings
from hanko_compat.config.origins import PublicUrl
from hanko_compat.config.secret_kinds import Hidden
from hanko_compat.config.settings import section, setting
from hanko_compat.config.sms import Sms

ALGORITHMS = ("RS256-4096", "RS256-3072", "RS256-2048", "ES256", "EdDSA")
LONGEST_WAIT = timedelta(seconds=30)
"""A thread waits with the browser, and gateways in front give up soon after that."""
PROJECT_ID = re.compile(r"pro-[A-Za-z0-9]{1,60}")
RESIDENT_KEY = ("required", "preferred", "discouraged")
LANGUAGES = ("en", "de", "fr", "it", "nl", "pt-BR", "zh-CN", "bn")
"""Those of `hanko_compat.mail.languages`."""


class SwitchOrAuto(Kind["bool | str"]):
    """true, false or auto."""

    def _read(self, value: Any) -> bool | str:
        if isinstance(value, bool) or value == "auto":
            return bool(value) if isinstance(value, bool) else "auto"
        raise ValidationError("Must be true, false or auto.")


class ProjectId(Kind[str]):
    """``pro-`` and letters or digits, or "" for one that is made up."""

    def _read(self, value: Any) -> str:
        if isinstance(value, str) and (not value or PROJECT_ID.fullmatch(value)):
            return value
        raise ValidationError("Must be pro- and up to 60 letters or digits, or empty.")


class ProviderTimeout(Duration):
    """How long a browser may wait for all that a provider is asked."""

    def _read(self, value: Any) -> timedelta | None:
        length = super()._read(value)
        if length is not None and length > LONGEST_WAIT:
            raise ValidationError(f"Must be {LONGEST_WAIT.seconds}s at most.")
        return length


@dataclass(frozen=True)
class WebhookSettings:
    """Where events may be sent beside public addresses.

    ``hanko_compat.backend_api.webhooks`` is for endpoints of the backend door, ``hanko_compat.webhooks`` for
    hooks in the table of that name; those of the configuration may be anywhere.
    """

    private_networks: tuple[IPv4Network | IPv6Network, ...] = setting(ListOf(Network()), ())


@dataclass(frozen=True)
class BackendApi:
    """``hanko_compat.backend_api``: the backend door; "" for the public address, and for a made-up ID."""

    bind: str = setting(Address(optional=True), "")
    email_link_url: str = setting(PublicUrl(), "")
    project_id: str = setting(ProjectId(), "")
    session_token: bool = setting(Switch(), False)
    session_token_issuer: str = setting(PublicUrl(), "")
    session_token_lifespan: timedelta | None = setting(Duration(optional=True), None)
    sms: Sms = section(Sms)
    webhooks: WebhookSettings = section(WebhookSettings)


@dataclass(frozen=True)
class CleanUpSettings:
    """``hanko_compat.cleanup``: rows past their time; None for no schedule, and for users that stay.

    With ``audit_log`` rows older than ``audit_log.retention`` are deleted, too.
    """

    audit_log: bool = setting(Switch(), False)
    interval: timedelta | None = setting(Duration(optional=True), timedelta(minutes=10))
    unverified_sign_ups: timedelta | None = setting(Duration(optional=True), None)


@dataclass(frozen=True)
class DatabaseSettings:
    """``hanko_compat.database``: how queries reach the database."""

    prepared_statements: bool = setting(Switch(), True)


@dataclass(frozen=True)
class JwkSettings:
    """``hanko_compat.jwk``: what new signing keys are, on a database of our own."""

    algorithm: str = setting(Choice(*ALGORITHMS), ALGORITHMS[0])


@dataclass(frozen=True)
class MailSettings:
    """``hanko_compat.mail``: what is sent beside passcodes, how, and what it says; templates "" for ours."""

    guessing_notice: bool = setting(Switch(), True)
    language: str = setting(Choice(*LANGUAGES), LANGUAGES[0])
    require_tls: bool = setting(Switch(), False)
    security_notifications: bool = setting(Switch(), False)
    templates: str = setting(Text(), "")


@dataclass(frozen=True)
class Metrics:
    """``hanko_compat.metrics``: where ``/metrics`` is served; "" for nowhere."""

    bind: str = setting(Address(optional=True), "")


@dataclass(frozen=True)
class PasswordSettings:
    """``hanko_compat.password``: beyond Hanko's rules; "" for no pepper, and for a log-in of any age."""

    import_pepper: str = setting(Hidden(), "")
    recent_authentication: timedelta | None = setting(Duration(optional=True), None)


@dataclass(frozen=True)
class SamlSettings:
    """``hanko_compat.saml``: whose addresses a provider may bring, and whether it may begin a log-in."""

    allow_parent_domain: bool = setting(Switch(), True)
    allow_unsolicited: bool = setting(Switch(), False)


@dataclass(frozen=True)
class ThirdPartySettings:
    """``hanko_compat.third_party``: how providers are asked, and where beside public addresses."""

    private_networks: tuple[IPv4Network | IPv6Network, ...] = setting(ListOf(Network()), ())
    timeout: timedelta = setting(ProviderTimeout(), timedelta(seconds=10))


@dataclass(frozen=True)
class Webauthn:
    """``hanko_compat.webauthn``: what is fixed in Hanko, and which sites and apps may use our passkeys."""

    associations: Associations = section(Associations)
    resident_key: str = setting(Choice(*RESIDENT_KEY), RESIDENT_KEY[0])


@dataclass(frozen=True)
class Extensions:
    """``hanko_compat``: each with a safe default."""

    allow_weak_secrets: bool = setting(Switch(), False)
    backend_api: BackendApi = section(BackendApi)
    cleanup: CleanUpSettings = section(CleanUpSettings)
    database: DatabaseSettings = section(DatabaseSettings)
    jwk: JwkSettings = section(JwkSettings)
    limits: LimitSettings = section(LimitSettings)
    mail: MailSettings = section(MailSettings)
    metrics: Metrics = section(Metrics)
    openapi: bool | str = setting(SwitchOrAuto(), "auto")
    password: PasswordSettings = section(PasswordSettings)
    public_url: str = setting(PublicUrl(), "")
    saml: SamlSettings = section(SamlSettings)
    third_party: ThirdPartySettings = section(ThirdPartySettings)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = setting(ListOf(Network()), ())
    webauthn: Webauthn = section(Webauthn)
    webhooks: WebhookSettings = section(WebhookSettings)
