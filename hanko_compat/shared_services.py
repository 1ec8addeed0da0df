"""What most services are built of, for `hanko_compat.wiring` and its parts."""

from dataclasses import dataclass

from hanko_compat.clock import Clock
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.services.events import Events
from hanko_compat.services.keys import Keys
from hanko_compat.services.lists import Totals
from hanko_compat.services.mails import Mails
from hanko_compat.services.profiles import Profiles
from hanko_compat.services.rate_limits import RateLimits
from hanko_compat.services.second_factor import SecondFactor
from hanko_compat.services.sessions import Sessions
from hanko_compat.storage.database import Database


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
