"""Sections about authenticators: ``webauthn``, ``passkey``, ``mfa``."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from marshmallow import ValidationError

from hanko_compat.config.account import ACQUIRE
from hanko_compat.config.fields import NOT_USED, Choice, Duration, Kind, ListOf, Switch, Text, Whole
from hanko_compat.config.origins import Origin
from hanko_compat.config.secret_kinds import Url
from hanko_compat.config.settings import section, setting

ATTACHMENT = ("platform", "cross-platform", "no_preference")
ATTESTATION = ("direct", "indirect", "none")
USER_VERIFICATION = ("required", "preferred", "discouraged")
PASSED_ON = "browsers get it as it is, and take what they do not know as if nothing was said"


class RelyingPartyId(Kind[str]):
    """A domain (WebAuthn Level 3, section 4: RP ID)."""

    def _read(self, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", value):
            raise ValidationError("Must be a domain such as example.com, without scheme and port.")
        return value


@dataclass(frozen=True)
class RelyingParty:
    """``webauthn.relying_party``: the site of the passkeys. The icon left WebAuthn after Level 1."""

    display_name: str = setting(Text(), "Hanko Authentication Service")
    icon: str = setting(Url(), "")
    id: str = setting(RelyingPartyId(), "localhost")
    origins: tuple[str, ...] = setting(ListOf(Origin(), minimum=1), ("http://localhost:8888",))


@dataclass(frozen=True)
class Timeouts:
    """``webauthn.timeouts``: in milliseconds; 0 for that of the library that Hanko uses."""

    login: int = setting(Whole(), 600000)
    registration: int = setting(Whole(), 600000)


@dataclass(frozen=True)
class Webauthn:
    """``webauthn``; ``timeout`` and ``user_verification`` are deprecated, see ``legacy``."""

    relying_party: RelyingParty = section(RelyingParty)
    timeout: int = setting(Whole(), 600000)
    timeouts: Timeouts = section(Timeouts)
    user_verification: str = setting(Choice(*USER_VERIFICATION), "preferred")


@dataclass(frozen=True)
class Passkey:
    """``passkey``: whether passkeys are served, and how they are asked for."""

    acquire_on_login: str = setting(Choice(*ACQUIRE, otherwise=NOT_USED), "always")
    acquire_on_registration: str = setting(Choice(*ACQUIRE, otherwise=NOT_USED), "always")
    attestation_preference: str = setting(Choice(*ATTESTATION, otherwise=PASSED_ON), "direct")
    enabled: bool = setting(Switch(), True)
    limit: int = setting(Whole(), 10)
    optional: bool = setting(Switch(), True)
    user_verification: str = setting(Choice(*USER_VERIFICATION, otherwise=PASSED_ON), "preferred")


@dataclass(frozen=True)
class SecurityKeys:
    """``mfa.security_keys``: only the flow API registers them."""

    attestation_preference: str = setting(Choice(*ATTESTATION, otherwise=NOT_USED), "direct")
    authenticator_attachment: str = setting(Choice(*ATTACHMENT, otherwise=NOT_USED), "cross-platform")
    enabled: bool = setting(Switch(), True)
    limit: int = setting(Whole(), 10)
    user_verification: str = setting(Choice(*USER_VERIFICATION, otherwise=NOT_USED), "discouraged")


@dataclass(frozen=True)
class Totp:
    """``mfa.totp``: only the flow API asks for them."""

    enabled: bool = setting(Switch(), True)


@dataclass(frozen=True)
class Mfa:
    """``mfa``: second factors and trusted devices."""

    acquire_on_login: bool = setting(Switch(), False, env="ACQUIREONLOGIN")
    acquire_on_registration: bool = setting(Switch(), True, env="ACQUIREONREGISTRATION")
    device_trust_cookie_name: str = setting(Text(), "hanko-device-token", env="DEVICETRUSTCOOKIENAME")
    device_trust_duration: timedelta = setting(Duration(), timedelta(hours=720), env="DEVICETRUSTDURATION")
    device_trust_max_users_per_device: int = setting(Whole(), 20, env="DEVICETRUSTMAXUSERSPERDEVICE")
    device_trust_policy: str = setting(Choice("always", "prompt", "never", otherwise=NOT_USED), "prompt")
    enabled: bool = setting(Switch(), True)
    optional: bool = setting(Switch(), True)
    security_keys: SecurityKeys = section(SecurityKeys, env="SECURITYKEYS")
    totp: Totp = section(Totp)
