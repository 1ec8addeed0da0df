"""Passwords, by ``password.*`` and ``hanko_compat.password.*``."""

from hanko_compat.config import Config
from hanko_compat.services.passwords import PasswordRules, Passwords
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.delivery import build_mails
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.guesses import build_guesses
from hanko_compat.wiring.hashing import build_hasher
from hanko_compat.wiring.login import build_login
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.rate_limits import build_rate_limits
from hanko_compat.wiring.sessions import build_live_sessions


def build_passwords(parts: Parts) -> Passwords:
    """The passwords of users."""
    return Passwords(
        parts.get(build_database),
        sessions=parts.get(build_live_sessions),
        login=parts.get(build_login),
        events=parts.get(build_events),
        hasher=parts.get(build_hasher),
        rate_limits=parts.get(build_rate_limits),
        guesses=parts.get(build_guesses),
        mails=parts.get(build_mails),
        rules=_rules(parts.config),
        now=parts.now,
    )


def _rules(config: Config) -> PasswordRules:
    return PasswordRules(
        enabled=config.password.enabled,
        min_length=config.password.min_length,
        recent_authentication=config.hanko_compat.password.recent_authentication,
    )
