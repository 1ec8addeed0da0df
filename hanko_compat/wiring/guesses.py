"""Guesses at passcodes and passwords, by ``hanko_compat.limits.wrong_guesses.*``."""

from datetime import timedelta

from hanko_compat.config import Config
from hanko_compat.config.limits import DailySumSettings, WrongGuessLimits
from hanko_compat.services.rate_limits.daily_sums import DailySum
from hanko_compat.services.rate_limits.guesses import Guesses, GuessRules
from hanko_compat.services.rate_limits.rate_limits import Limit
from hanko_compat.wiring.guessing_notices import build_guessing_notices
from hanko_compat.wiring.parts import Parts
from hanko_compat.wiring.rate_limits import build_counts, build_rate_limits

SECTION = "hanko_compat.limits.wrong_guesses"
MONTH, DAY = timedelta(days=30), timedelta(days=1)


def build_guesses(parts: Parts) -> Guesses:
    """What counts wrong guesses."""
    return Guesses(
        parts.get(build_counts),
        rate_limits=parts.get(build_rate_limits),
        rules=_rules(parts.config.hanko_compat.limits.wrong_guesses),
        on_guessing=parts.get(build_guessing_notices).send,
        now=parts.now,
    )


def daily_sums(config: Config) -> list[DailySum]:
    """The sums of wrong guesses."""
    rules = _rules(config.hanko_compat.limits.wrong_guesses)
    return [rules.account, rules.account_and_client, rules.client, rules.device, rules.devices]


def _rules(settings: WrongGuessLimits) -> GuessRules:
    def daily(name: str, sum_: DailySumSettings) -> DailySum:
        return DailySum(f"guesses_{name}", sum_.first_day, sum_.further_days, setting=f"{SECTION}.{name}")

    notice = f"{SECTION}.notice_after"
    return GuessRules(
        account=daily("account", settings.account),
        account_and_client=daily("account_and_client", settings.account_and_client),
        client=daily("client", settings.client),
        device=daily("device", settings.device),
        devices=daily("devices", settings.devices),
        # A few in a month are mistakes of the owner's.
        untold=Limit("guesses_untold", settings.notice_after, MONTH, setting=notice),
        told=Limit("guesses_told", 1, DAY, setting=notice),
    )
