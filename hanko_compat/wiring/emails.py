"""The addresses of a user, by ``email.*``."""

from hanko_compat.services.emails.emails import EmailAddresses, EmailRules
from hanko_compat.services.emails.unclaimed import UnclaimedEmails
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.delivery import build_mails
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.profiles import build_profiles
from hanko_compat.wiring.rate_limits import build_rate_limits


def build_unclaimed_emails(parts: Parts) -> UnclaimedEmails:
    """The addresses of nobody."""
    return UnclaimedEmails(parts.get(build_database), now=parts.now)


def build_emails(parts: Parts) -> EmailAddresses:
    """The addresses of users."""
    email = parts.config.email
    return EmailAddresses(
        parts.get(build_database),
        events=parts.get(build_events),
        profiles=parts.get(build_profiles),
        mails=parts.get(build_mails),
        rate_limits=parts.get(build_rate_limits),
        unclaimed=parts.get(build_unclaimed_emails),
        rules=EmailRules(
            limit=email.limit, max_length=email.max_length, require_verification=email.require_verification
        ),
        now=parts.now,
    )
