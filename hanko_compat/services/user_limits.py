"""What has been counted against a user, for an operator who is asked why a log-in is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hanko_compat.clock import Clock
from hanko_compat.services.rate_limits.daily_sums import DailySum
from hanko_compat.services.rate_limits.rate_limits import Limit, digest, is_of_devices
from hanko_compat.services.rate_limits.storages import EPOCH, microseconds
from hanko_compat.services.rate_limits.stored_windows import StoredWindows
from hanko_compat.storage import identifiers
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.rate_limits import Window


@dataclass(frozen=True, slots=True)
class UsedLimit:
    """How much of a limit is used up.

    ``setting`` is the key of the configuration that sets it. ``whose`` says for whom is counted: the user,
    one of its addresses, all browsers with a device cookie of the user's, or one client or browser at the
    user, of which only a digest is known.
    ``ends_at`` is when one that is used up lets something pass again, and when another is forgotten.
    """

    setting: str
    whose: str
    used: int
    limit: int
    ends_at: datetime


class UserLimits:
    """Shows what is counted against a user, and forgets it."""

    def __init__(
        self,
        database: Database,
        *,
        windows: StoredWindows,
        limits: Sequence[Limit | DailySum],
        now: Clock,
    ) -> None:
        """*limits* may have some that are not counted for users."""
        self._database = database
        self._windows = windows
        self._limits = limits
        self._now = now

    def list(self, user_id: UUID) -> Sequence[UsedLimit]:
        """What is counted against the user at present, by setting, the most used first."""
        return sorted(
            (self._used(name, window, user_id) for name, window in self._find(user_id).items()),
            key=lambda used: (used.setting, -used.used / used.limit, used.ends_at),
        )

    def reset(self, user_id: UUID) -> int:
        """Forget what is counted against the user, for every process; return how many counts there were."""
        return self._windows.delete(self._find(user_id))

    def _find(self, user_id: UUID) -> Mapping[str, Window]:
        with self._database.connection():
            names = {each.value for each in identifiers.list_of_users([user_id])}
        # Mails are counted for an address as it is stored, which is in lower case.
        keys = {str(user_id), *names, *map(str.lower, names)}
        return self._windows.list({digest(limit, (key,)) for limit in self._limits for key in keys})

    def _used(self, name: str, window: Window, user_id: UUID) -> UsedLimit:
        limit = next(each for each in self._limits if name.startswith(f"{each.name}:"))
        now, full = microseconds(self._now), limit.tokens
        used = limit.count(window, now)
        end = (
            limit.free_at(window, now) if isinstance(limit, DailySum) and used >= full else window.expires_at
        )
        whose = _whose(name, limit, user_id)
        return UsedLimit(limit.setting, whose, used=used, limit=full, ends_at=_moment(end))


def _moment(microseconds_since_1970: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds_since_1970)


def _whose(name: str, limit: Limit | DailySum, user_id: UUID) -> str:
    of_user = digest(limit, (str(user_id),))
    if is_of_devices(name):
        return "all browsers with a device cookie"
    if name == of_user:
        return "the user"
    return "one client or browser" if name.startswith(of_user) else "an address"
