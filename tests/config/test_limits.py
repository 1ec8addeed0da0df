"""Limits of our own: their defaults fit Hanko's, and what would hurt honest users is refused."""

import pytest

from tests.config.example import accepted, refused

ADDRESS = "rate_limiter.redis_config.address"
MAILS = "hanko_compat.limits.mail_per_address"
TOO_FEW = f"{MAILS}: Less than 3 a minute: users who just ask again would get none."


def test_defaults_never_come_before_those_of_hanko():
    config = accepted()
    hankos, ours = config.rate_limiter, config.hanko_compat.limits
    intervals = {each.interval for each in (hankos.passcode_limits, hankos.password_limits, ours.account)}
    assert len({*intervals, ours.mail_per_address.interval}) == 1
    assert ours.account.tokens > hankos.password_limits.tokens
    assert ours.mail_per_address.tokens >= 2 * hankos.passcode_limits.tokens
    assert ours.mail_in_total.tokens > ours.mail_per_client.tokens > ours.mail_per_address.tokens


@pytest.mark.parametrize(
    "limit", [{"tokens": 2}, {"tokens": 2, "interval": "1s"}, {"tokens": 6, "interval": "2m1s"}]
)
def test_mails_are_not_limited_below_what_hanko_sends(limit):
    assert refused({MAILS: limit}) == [TOO_FEW]
    assert accepted({MAILS: limit}, dev=True).dev


@pytest.mark.parametrize(
    "limit", [{"tokens": 3}, {"tokens": 6, "interval": "2m"}, {"tokens": 180, "interval": "1h"}]
)
def test_as_many_mails_as_hanko_sends_are_enough(limit):
    assert accepted({MAILS: limit}).hanko_compat.limits.mail_per_address.tokens == limit["tokens"]


@pytest.mark.parametrize("address", ["", "localhost:", "localhost:many", "redis://localhost:6379"])
def test_redis_needs_an_address(address):
    problem = f"{ADDRESS}: Must be host:port, as rate_limiter.store is redis."
    assert refused({"rate_limiter.store": "redis", ADDRESS: address}) == [problem]
    assert accepted({ADDRESS: address}).rate_limiter.store == "in_memory"


@pytest.mark.parametrize("address", ["localhost:6379", "10.0.0.5:6379", "[2001:db8::5]:6379"])
def test_redis_has_an_address(address):
    assert accepted({"rate_limiter.store": "redis", ADDRESS: address}).warnings == ()


@pytest.mark.parametrize(
    ("key", "value"), [("tokens", 0), ("tokens", -1), ("interval", "0s"), ("interval", "")]
)
@pytest.mark.parametrize(
    "limit",
    [
        "account",
        "emails_per_client",
        "emails_per_user",
        "login_per_client",
        "lookup",
        "mail_in_total",
        "mail_per_address",
        "passkey_challenges",
        "passkey_challenges_per_user",
        "provider_logins",
        "signup",
    ],
)
def test_a_limit_lets_something_through(limit, key, value):
    (problem,) = refused({f"hanko_compat.limits.{limit}.{key}": value})
    assert problem.startswith(f"hanko_compat.limits.{limit}.{key}: ")


def test_environment_variables():
    environ = {"HANKO_COMPAT_LIMITS_MAIL_PER_ADDRESS_TOKENS": "9", "RATE_LIMITER_STORE": "in_memory"}
    assert accepted({}, environ).hanko_compat.limits.mail_per_address.tokens == 9


def test_wrong_guesses_of_a_year_are_few():
    sums = accepted().hanko_compat.limits.wrong_guesses
    assert (sums.account.first_day, sums.account.further_days) == (30, 10)
    assert sums.account.first_day + 365 * sums.account.further_days <= 3700
    assert sums.client.first_day == sums.client.further_days == 100
    assert sums.account_and_client.first_day < sums.account.first_day
    assert (sums.devices.first_day, sums.devices.further_days) == (60, 3)
    assert sums.device.first_day < sums.devices.first_day


@pytest.mark.parametrize(("notice_after", "is_late"), [(1, False), (30, False), (31, True)])
def test_an_owner_is_told_on_the_first_day(notice_after, is_late):
    key = "hanko_compat.limits.wrong_guesses.notice_after"
    if is_late:
        problem = f"{key}: More than account.first_day, so the owner would be told late or never: lower it."
        assert refused({key: notice_after}) == [problem]
    else:
        assert accepted({key: notice_after}).hanko_compat.limits.wrong_guesses.notice_after == notice_after
