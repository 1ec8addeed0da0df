"""What the configuration says, in the words of the services: they get values, never all of it."""

from datetime import timedelta

from hanko_compat.config import Config
from hanko_compat.config.rate_limiter import Limits
from hanko_compat.services.delivery.sms import GatewaySettings
from hanko_compat.services.emails.emails import EmailRules
from hanko_compat.services.passcodes import PasscodeRules
from hanko_compat.services.passkeys.ceremonies import Operation, Terms
from hanko_compat.services.passkeys.registration import RegistrationRules
from hanko_compat.services.passwords import PasswordRules
from hanko_compat.services.rate_limits.rate_limits import Limit, RateLimitRules
from hanko_compat.services.sessions.live import SessionSettings
from hanko_compat.services.users.accounts import AccountRules


def session_settings(config: Config) -> SessionSettings:
    """Sessions and their tokens, by ``session.*``; by default the audience is the relying party."""
    session = config.session
    return SessionSettings(
        lifespan=session.lifespan,
        audience=session.audience or (config.webauthn.relying_party.id,),
        idle_timeout=session.idle_timeout,
        limit=session.limit,
        issuer=session.issuer or None,
        acquire_ip_address=session.acquire_ip_address,
        acquire_user_agent=session.acquire_user_agent,
        claim_templates=session.jwt_template.claims,
    )


def password_rules(config: Config) -> PasswordRules:
    """Passwords, by ``password.*`` and ``hanko_compat.password.*``."""
    return PasswordRules(
        enabled=config.password.enabled,
        min_length=config.password.min_length,
        recent_authentication=config.hanko_compat.password.recent_authentication,
    )


def email_rules(config: Config) -> EmailRules:
    """The addresses of a user, by ``email.*``."""
    return EmailRules(
        limit=config.email.limit,
        max_length=config.email.max_length,
        require_verification=config.email.require_verification,
    )


def account_rules(config: Config) -> AccountRules:
    """Sign-up and deletion, by ``account.*`` and ``email.*``."""
    return AccountRules(
        allow_sign_up=config.account.allow_signup,
        allow_deletion=config.account.allow_deletion,
        require_verification=config.email.require_verification,
        max_address_length=config.email.max_length,
    )


def passcode_rules(config: Config) -> PasscodeRules:
    """Passcodes, by ``email.*``."""
    email = config.email
    return PasscodeRules(
        ttl=timedelta(seconds=email.passcode_ttl), charset=email.passcode_charset, max_emails=email.limit
    )


def rate_limit_rules(config: Config) -> RateLimitRules:
    """What is limited, by ``rate_limiter.*`` and ``hanko_compat.limits.*``."""
    hankos, ours = config.rate_limiter, config.hanko_compat.limits

    def limit(name: str, settings: Limits, *, is_announced: bool = False) -> Limit:
        return Limit(name, settings.tokens, settings.interval, is_announced=is_announced)

    return RateLimitRules(
        passcode=limit("passcode", hankos.passcode_limits, is_announced=True),
        password=limit("password", hankos.password_limits, is_announced=True),
        account=limit("account", ours.account),
        sign_up=limit("signup", ours.signup),
        look_up=limit("lookup", ours.lookup),
        mail_per_address=limit("mail_per_address", ours.mail_per_address),
        mail_per_client=limit("mail_per_client", ours.mail_per_client),
        mail_in_total=limit("mail_in_total", ours.mail_in_total),
    )


def terms(config: Config) -> dict[Operation, Terms]:
    """How long a ceremony may take and what it demands, by ``webauthn.timeouts`` and ``passkey.*``."""
    timeouts, verification = config.webauthn.timeouts, config.passkey.user_verification
    return {
        Operation.REGISTRATION: Terms(timeouts.registration, verification),
        Operation.AUTHENTICATION: Terms(timeouts.login, verification),
    }


def registration_rules(config: Config) -> RegistrationRules:
    """New passkeys, by ``passkey.*`` and ``hanko_compat.webauthn.*``."""
    return RegistrationRules(
        limit=config.passkey.limit,
        attestation=config.passkey.attestation_preference,
        resident_key=config.hanko_compat.webauthn.resident_key,
    )


def gateway_settings(config: Config) -> GatewaySettings:
    """The gateway for text messages, by ``hanko_compat.backend_api.sms.*``."""
    sms = config.hanko_compat.backend_api.sms
    return GatewaySettings(
        url=sms.url,
        content_type=sms.content_type,
        body=sms.body,
        headers=sms.headers,
        timeout=sms.timeout.total_seconds(),
        networks=sms.private_networks,
    )
