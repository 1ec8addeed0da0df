"""Sections ``rate_limiter`` and ``flow_locker``."""

from dataclasses import dataclass
from datetime import timedelta

from hanko_compat.config.fields import NOT_USED, Choice, Duration, Switch, Whole
from hanko_compat.config.secret_kinds import Hidden, ServerAddress
from hanko_compat.config.settings import section, setting

STORES = ("in_memory", "redis")


@dataclass(frozen=True)
class Limits:
    """How many tokens there are for each interval."""

    interval: timedelta = setting(Duration(), timedelta(minutes=1))
    tokens: int = setting(Whole(minimum=1), 3)


@dataclass(frozen=True)
class HankoLimits(Limits):
    """As ``Limits``, but 0 is allowed: one token, or one second, as in the library that Hanko uses."""

    interval: timedelta = setting(Duration(zero=True), timedelta(minutes=1))
    tokens: int = setting(Whole(), 3)


@dataclass(frozen=True)
class PasswordLimits(HankoLimits):
    """As ``HankoLimits``, with another default."""

    tokens: int = setting(Whole(), 5)


@dataclass(frozen=True)
class Redis:
    """Where a Redis server is; the address is ``host:port``."""

    address: str = setting(ServerAddress(), "")
    password: str = setting(Hidden(), "")


@dataclass(frozen=True)
class RateLimiter:
    """``rate_limiter``: how often codes and passwords may be tried."""

    enabled: bool = setting(Switch(), True)
    otp_limits: HankoLimits = section(HankoLimits)
    passcode_limits: HankoLimits = section(HankoLimits)
    password_limits: PasswordLimits = section(PasswordLimits)
    redis_config: Redis = section(Redis, env="REDIS")
    store: str = setting(Choice(*STORES, otherwise="it is not used while enabled is false"), "in_memory")
    token_limits: HankoLimits = section(HankoLimits)


@dataclass(frozen=True)
class FlowLocker:
    """``flow_locker``: only the flow API needs it."""

    enabled: bool = setting(Switch(), True)
    redis_config: Redis = section(Redis, env="REDIS")
    store: str = setting(Choice(*STORES, otherwise=NOT_USED), "in_memory")
    ttl: timedelta = setting(Duration(zero=True), timedelta(0))
