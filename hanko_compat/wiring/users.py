"""Users: accounts by ``account.*`` and ``email.*``, and the records that servers manage."""

from dataclasses import dataclass

from hanko_compat.config import Config
from hanko_compat.services.users.accounts import AccountRules, Accounts
from hanko_compat.services.users.administration import UserAdministration
from hanko_compat.services.users.names import UserNames
from hanko_compat.services.users.overviews import UserOverviews
from hanko_compat.services.users.records import UserRecords
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.delivery import build_mails
from hanko_compat.wiring.emails import build_unclaimed_emails
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.hashing import build_hasher
from hanko_compat.wiring.identifiers import build_identifiers
from hanko_compat.wiring.login import build_login
from hanko_compat.wiring.paging import build_totals
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.profiles import build_profiles
from hanko_compat.wiring.rate_limits import build_rate_limits
from hanko_compat.wiring.sessions import build_live_sessions


@dataclass(frozen=True, slots=True)
class UserServices:
    """The services of users."""

    accounts: Accounts
    administration: UserAdministration
    names: UserNames
    overviews: UserOverviews
    records: UserRecords


def build_users(parts: Parts) -> UserServices:
    """The services of users."""
    database, events, profiles = parts.get(build_database), parts.get(build_events), parts.get(build_profiles)
    return UserServices(
        accounts=Accounts(
            database,
            sessions=parts.get(build_live_sessions),
            login=parts.get(build_login),
            events=events,
            profiles=profiles,
            rate_limits=parts.get(build_rate_limits),
            unclaimed=parts.get(build_unclaimed_emails),
            rules=_account_rules(parts.config),
            now=parts.now,
        ),
        administration=UserAdministration(
            database,
            identifiers=parts.get(build_identifiers),
            events=events,
            mails=parts.get(build_mails),
            hasher=parts.get(build_hasher),
            has_passwords=parts.config.password.enabled,
            min_length=parts.config.password.min_length,
            now=parts.now,
        ),
        names=UserNames(database, identifiers=parts.get(build_identifiers)),
        overviews=UserOverviews(database, now=parts.now),
        records=UserRecords(database, events=events, totals=parts.get(build_totals), now=parts.now),
    )


def _account_rules(config: Config) -> AccountRules:
    return AccountRules(
        allow_sign_up=config.account.allow_signup,
        allow_deletion=config.account.allow_deletion,
        require_verification=config.email.require_verification,
        max_address_length=config.email.max_length,
    )
