"""Rate limits, by ``rate_limiter.*`` and ``hanko_compat.limits.*``."""

from datetime import timedelta

from hanko_compat.config import Config
from hanko_compat.config.rate_limiter import Limits
from hanko_compat.services.rate_limits.rate_limits import Limit, RateLimitRules, RateLimits
from hanko_compat.services.rate_limits.redis_storage import FallbackStorage, redis_storage
from hanko_compat.services.rate_limits.storages import DatabaseStorage, MemoryStorage, RateLimitStorage
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts


def build_rate_limits(parts: Parts) -> RateLimits:
    """The limits, and where they are counted."""
    return RateLimits(
        _storage(parts) if parts.config.rate_limiter.enabled else None,
        rules=_rules(parts.config),
        now=parts.now,
        on_refusal=parts.get(build_metrics).count_rate_limited,
    )


def _storage(parts: Parts) -> RateLimitStorage:
    """What counts for all processes; the memory of one only where there is no other."""
    settings, now = parts.config.rate_limiter, parts.now
    if settings.store == "redis":
        redis = redis_storage(settings.redis_config.address, password=settings.redis_config.password)
        on_fallback = parts.get(build_metrics).count_without_redis
        return FallbackStorage(redis, memory=MemoryStorage(now), on_fallback=on_fallback)
    return MemoryStorage(now) if parts.workers == 1 else DatabaseStorage(parts.get(build_database), now)


def _rules(config: Config) -> RateLimitRules:
    hankos, ours = config.rate_limiter, config.hanko_compat.limits

    def limit(name: str, settings: Limits, *, is_announced: bool = False) -> Limit:
        tokens, interval = settings.tokens or 1, settings.interval or timedelta(seconds=1)
        return Limit(name, tokens, interval, is_announced=is_announced)

    return RateLimitRules(
        passcode=limit("passcode", hankos.passcode_limits, is_announced=True),
        password=limit("password", hankos.password_limits, is_announced=True),
        account=limit("account", ours.account),
        sign_up=limit("signup", ours.signup),
        look_up=limit("lookup", ours.lookup),
        mail_per_address=limit("mail_per_address", ours.mail_per_address),
        mail_per_client=limit("mail_per_client", ours.mail_per_client),
        mail_in_total=limit("mail_in_total", ours.mail_in_total),
    )
