"""Accounts at other providers."""

from hanko_compat.services.social_accounts import SocialAccounts
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.paging import build_totals
from hanko_compat.wiring.parts import Parts


def build_social_accounts(parts: Parts) -> SocialAccounts:
    """The accounts of users at other providers."""
    return SocialAccounts(
        parts.get(build_database),
        events=parts.get(build_events),
        totals=parts.get(build_totals),
        now=parts.now,
    )
