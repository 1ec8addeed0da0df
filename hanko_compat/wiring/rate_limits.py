"""Rate limits, by ``rate_limiter.*`` and ``hanko_compat.limits.*``."""

from dataclasses import fields
from datetime import timedelta

from hanko_compat.config import Config
from hanko_compat.config.rate_limiter import Limits
from hanko_compat.services.rate_limits.rate_limits import Limit, RateLimitRules, RateLimits
from hanko_compat.services.rate_limits.redis_storage import FallbackStorage, redis_storage
from hanko_compat.services.rate_limits.refusals import RefusalAudit, Refusals
from hanko_compat.services.rate_limits.storages import DatabaseStorage, MemoryStorage, RateLimitStorage
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.device_cookies import build_device_cookies
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.metrics import build_metrics
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.refusal_log import build_refusal_log


def build_rate_limits(parts: Parts) -> RateLimits:
    """The limits, and where they are counted."""
    return RateLimits(
        parts.get(build_counts),
        rules=_rules(parts.config),
        now=parts.now,
        on_refusal=parts.get(build_refusals).note,
        find_device=parts.get(build_device_cookies).find,
    )


def all_limits(config: Config) -> list[Limit]:
    """Every limit that counts in windows, whatever it counts."""
    rules = _rules(config)
    return [getattr(rules, each.name) for each in fields(rules)]


def build_refusals(parts: Parts) -> Refusals:
    """What an operator sees of refused requests."""
    return Refusals(
        count=parts.get(build_metrics).count_rate_limited,
        log=parts.get(build_refusal_log),
        audit=_audit(parts),
    )


def _audit(parts: Parts) -> RefusalAudit | None:
    storage = parts.get(build_counts)
    if storage is None:
        return None
    return RefusalAudit(parts.get(build_database), events=parts.get(build_events), storage=storage)


def build_counts(parts: Parts) -> RateLimitStorage | None:
    """What counts for all processes; the memory of one only where there is no other. None: nothing does."""
    if not parts.config.rate_limiter.enabled:
        return None
    settings, now = parts.config.rate_limiter, parts.now
    if settings.store == "redis":
        redis = redis_storage(settings.redis_config.address, password=settings.redis_config.password, now=now)
        on_fallback = parts.get(build_metrics).count_without_redis
        return FallbackStorage(redis, memory=MemoryStorage(now), on_fallback=on_fallback)
    return MemoryStorage(now) if parts.workers == 1 else DatabaseStorage(parts.get(build_database), now)


def _rules(config: Config) -> RateLimitRules:
    hankos, ours = config.rate_limiter, config.hanko_compat.limits

    def limit(name: str, settings: Limits) -> Limit:
        return _limit(name, settings, setting=f"hanko_compat.limits.{name}")

    return RateLimitRules(
        passcode=_hankos("passcode", hankos.passcode_limits),
        password=_hankos("password", hankos.password_limits),
        token=_hankos("token", hankos.token_limits),
        account=limit("account", ours.account),
        log_in_per_client=limit("login_per_client", ours.login_per_client),
        sign_up=limit("signup", ours.signup),
        look_up=limit("lookup", ours.lookup),
        mail_per_address=limit("mail_per_address", ours.mail_per_address),
        mail_per_client=limit("mail_per_client", ours.mail_per_client),
        mail_in_total=limit("mail_in_total", ours.mail_in_total),
        passkey_challenges=limit("passkey_challenges", ours.passkey_challenges),
        passkey_challenges_per_user=limit("passkey_challenges_per_user", ours.passkey_challenges_per_user),
        provider_log_ins=limit("provider_logins", ours.provider_logins),
        emails_per_user=limit("emails_per_user", ours.emails_per_user),
        emails_per_client=limit("emails_per_client", ours.emails_per_client),
    )


def _hankos(name: str, settings: Limits) -> Limit:
    return _limit(name, settings, setting=f"rate_limiter.{name}_limits", is_announced=True)


def _limit(name: str, settings: Limits, *, setting: str, is_announced: bool = False) -> Limit:
    # As Hanko 2.7.0: 0 is one token, or one second.
    tokens, interval = settings.tokens or 1, settings.interval or timedelta(seconds=1)
    return Limit(name, tokens, interval, is_announced=is_announced, setting=setting)
