"""The whole configuration as one tree: its attributes have the names of the YAML file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hanko_compat.config.account import Account, Email, Emails, Passcode, Password, Privacy, Username
from hanko_compat.config.database import Database
from hanko_compat.config.delivery import EmailDelivery, SecurityNotifications, Smtp
from hanko_compat.config.extensions import Extensions
from hanko_compat.config.fields import ListOf, Switch
from hanko_compat.config.legacy import ALIASES, MOVED
from hanko_compat.config.masking import masked
from hanko_compat.config.rate_limiter import FlowLocker, RateLimiter
from hanko_compat.config.secret_kinds import Hidden
from hanko_compat.config.server import AuditLog, Cors, Log, Secrets, Server, Service
from hanko_compat.config.session import Session
from hanko_compat.config.settings import section, setting
from hanko_compat.config.third_party import Saml, ThirdParty, Webhooks
from hanko_compat.config.webauthn import Mfa, Passkey, Webauthn
from hanko_compat.errors.config import Problem


@dataclass(frozen=True)
class Config:
    """Every setting in force.

    ``dev`` is no key but the command line's ``--dev``; ``warnings`` are unknown keys and keys that do
    nothing; ``without_effect`` names the given keys that are accepted for Hanko's sake only; ``source``
    is the file. ``cors`` and ``secret_keys`` are where Hanko 3 keeps what Hanko 2.7 has elsewhere.
    """

    account: Account = section(Account)
    audit_log: AuditLog = section(AuditLog)
    convert_legacy_config: bool = setting(Switch(), False)
    convert_legacy_server_side_session_config: bool = setting(Switch(), True)
    cors: Cors = section(Cors)
    database: Database = section(Database)
    debug: bool = setting(Switch(), False)
    email: Email = section(Email)
    email_delivery: EmailDelivery = section(EmailDelivery)
    emails: Emails = section(Emails)
    flow_locker: FlowLocker = section(FlowLocker, env="FLOWLOCKER")
    hanko_compat: Extensions = section(Extensions)
    log: Log = section(Log)
    mfa: Mfa = section(Mfa)
    passcode: Passcode = section(Passcode)
    passkey: Passkey = section(Passkey)
    password: Password = section(Password)
    privacy: Privacy = section(Privacy)
    rate_limiter: RateLimiter = section(RateLimiter)
    saml: Saml = section(Saml)
    secret_keys: tuple[str, ...] = setting(ListOf(Hidden()), ())
    secrets: Secrets = section(Secrets)
    security_notifications: SecurityNotifications = section(
        SecurityNotifications, env="SECURITYNOTIFICATIONS"
    )
    server: Server = section(Server)
    service: Service = section(Service)
    session: Session = section(Session)
    smtp: Smtp = section(Smtp)
    third_party: ThirdParty = section(ThirdParty)
    username: Username = section(Username)
    webauthn: Webauthn = section(Webauthn)
    webhooks: Webhooks = section(Webhooks)

    dev: bool = field(default=False)
    warnings: tuple[Problem, ...] = field(default=())
    without_effect: tuple[str, ...] = field(default=())
    source: Path | None = field(default=None)

    def masked(self) -> dict[str, Any]:
        """The settings in the shape of the YAML file, with every secret replaced; old names left out."""
        return masked(self, without={*ALIASES, *MOVED})
