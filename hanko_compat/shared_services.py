"""What most services are built of, for `hanko_compat.wiring` and its parts."""

from dataclasses import dataclass

from hanko_compat.clock import Clock
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.services.delivery.mails import Mails
from hanko_compat.services.events import Events
from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.login.second_factor import SecondFactor
from hanko_compat.services.paging import Totals
from hanko_compat.services.rate_limits.rate_limits import RateLimits
from hanko_compat.services.sessions.live import Sessions
from hanko_compat.services.users.profiles import Profiles
from hanko_compat.storage.engine.database import Database


@dataclass(frozen=True)
class Shared:
    """One of each, for all services."""

    database: Database
    keys: Keys
    sessions: Sessions
    events: Events
    profiles: Profiles
    hasher: Hasher
    second_factor: SecondFactor
    rate_limits: RateLimits
    mails: Mails
    api_secrets: ApiSecrets
    totals: Totals
    now: Clock
