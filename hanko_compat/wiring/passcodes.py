"""Passcodes, by ``email.*``."""

from datetime import timedelta

from hanko_compat.config import Config
from hanko_compat.services.emails.verification import EmailVerification
from hanko_compat.services.passcodes import PasscodeRules, Passcodes
from hanko_compat.services.webhooks.email_events import EmailEvents
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.delivery import build_mails
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.first_proof import build_first_proof
from hanko_compat.wiring.guesses import build_guesses
from hanko_compat.wiring.hashing import build_hasher
from hanko_compat.wiring.hooks import build_hook_queue
from hanko_compat.wiring.login import build_login, build_second_factor
from hanko_compat.wiring.mail import build_renderer
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.rate_limits import build_rate_limits


def build_passcodes(parts: Parts) -> Passcodes:
    """What mails passcodes and takes them back."""
    return Passcodes(
        parts.get(build_database),
        login=parts.get(build_login),
        first_proof=parts.get(build_first_proof),
        events=parts.get(build_events),
        hasher=parts.get(build_hasher),
        second_factor=parts.get(build_second_factor),
        rate_limits=parts.get(build_rate_limits),
        guesses=parts.get(build_guesses),
        mails=parts.get(build_mails),
        email_events=_email_events(parts),
        verification=_verification(parts),
        rules=_rules(parts.config),
        now=parts.now,
    )


def _email_events(parts: Parts) -> EmailEvents:
    config = parts.config
    return EmailEvents(
        parts.get(build_hook_queue),
        renderer=parts.get(build_renderer),
        service=config.service.name,
        is_mailed=config.email_delivery.enabled,
    )


def _verification(parts: Parts) -> EmailVerification:
    limit = parts.config.email.limit
    return EmailVerification(mails=parts.get(build_mails), max_emails=limit, now=parts.now)


def _rules(config: Config) -> PasscodeRules:
    email = config.email
    return PasscodeRules(
        enabled=email.enabled and email.use_for_authentication,
        ttl=timedelta(seconds=email.passcode_ttl),
    )
