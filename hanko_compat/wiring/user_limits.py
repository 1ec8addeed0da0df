"""What an operator sees of a user's rate limits."""

from hanko_compat.services.rate_limits.redis_storage import redis_storage
from hanko_compat.services.rate_limits.stored_windows import DatabaseWindows, RedisWindows, StoredWindows
from hanko_compat.services.user_limits import UserLimits
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.guesses import daily_sums
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.rate_limits import all_limits


def build_user_limits(parts: Parts) -> UserLimits:
    """What all processes have counted against users; what one counts in its memory can't be seen."""
    return UserLimits(
        parts.get(build_database),
        windows=_windows(parts),
        limits=[*all_limits(parts.config), *daily_sums(parts.config)],
        now=parts.now,
    )


def _windows(parts: Parts) -> StoredWindows:
    settings, now = parts.config.rate_limiter, parts.now
    if settings.store == "redis":
        redis = redis_storage(settings.redis_config.address, password=settings.redis_config.password, now=now)
        return RedisWindows(redis, now)
    return DatabaseWindows(parts.get(build_database), now)
