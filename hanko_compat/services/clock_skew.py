"""Whether this host's clock is right, as far as the database can tell.

Tokens of a clock that is ahead are refused by Hanko, which allows no leeway; one that is behind refuses
Hanko's, and takes passcodes for longer than they live.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hanko_compat import errors
from hanko_compat.clock import Clock
from hanko_compat.storage import keys as jwks
from hanko_compat.storage.engine import server_time
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.schema import catalogue

TOLERATED = timedelta(seconds=2)
UNBEARABLE = timedelta(seconds=30)
FORMAT = "%Y-%m-%d %H:%M:%S"
# Hanko outside UTC writes the local time into `jwks.created_at`, which may be as much ahead.
MOST_AHEAD = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class ClockSkew:
    """The time ``here`` and at the database (``there``; None for a file), and of the newest signing key."""

    here: datetime
    there: datetime | None
    newest_key: datetime | None
    is_hankos: bool

    @property
    def skew(self) -> timedelta:
        """How far the two clocks are apart."""
        return abs(self.there - self.here) if self.there else timedelta(0)

    @property
    def fault(self) -> str | None:
        """Why this clock is too far off to serve; None for one that is right."""
        if self.skew > UNBEARABLE:
            return (
                f"the clock is off: {self.here:{FORMAT}} UTC here, {self.there:{FORMAT}} UTC at the database:"
                " set it, and run NTP on both hosts"
            )
        allowed = UNBEARABLE + (MOST_AHEAD if self.is_hankos else timedelta(0))
        if self.newest_key is not None and self.newest_key > self.here + allowed:
            return (
                "the clock is off: a signing key was made in the future,"
                f" {self.newest_key:{FORMAT}}, and it is {self.here:{FORMAT}} UTC here: set the clock"
            )
        return None


def measure(database: Database, *, now: Clock) -> ClockSkew:
    """Compare the clocks.

    Raises:
        SchemaUnsupported: a database that this server can't share.
    """
    schema = catalogue.inspect(database)
    is_hankos = schema.owner == "hanko"
    with database.connection():
        has_keys = is_hankos or not schema.pending
        keys = jwks.list_jwks() if has_keys else []
        there = server_time.find(database)
        newest = max((row.created_at for row in keys), default=None)
        return ClockSkew(here=now(), there=there, newest_key=newest, is_hankos=is_hankos)


def require_tolerable(database: Database, *, now: Clock) -> None:
    """Check that the clock agrees with the database's, and with the keys in it.

    Raises:
        OperatorError: the clock is off.
    """
    fault = measure(database, now=now).fault
    if fault is not None:
        raise errors.OperatorError(fault)
