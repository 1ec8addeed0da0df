"""A limit that strikes shows in the log, and a flood does not fill it."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hanko_compat.services.rate_limits.refusal_log import RefusalLog
from tests.clock import FakeClock

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    caplog.set_level(logging.WARNING)
    names = ("limit", "refused", "setting")
    return lambda: [{name: vars(record)[name] for name in names} for record in caplog.records]


@pytest.fixture
def log(clock: FakeClock) -> RefusalLog:
    return RefusalLog(clock)


def test_one_line_a_minute_says_how_many(log: RefusalLog, clock: FakeClock, lines: Lines) -> None:
    for _ in range(3):
        for _ in range(100):
            log.note("password", setting="rate_limiter.password_limits")
        clock.advance(seconds=60)
    assert lines() == [
        {"limit": "password", "refused": refused, "setting": "rate_limiter.password_limits"}
        for refused in (1, 100, 100)
    ]


def test_each_limit_has_its_own_line(log: RefusalLog, lines: Lines) -> None:
    for limit in ("password", "passcode", "password", "passcode"):
        log.note(limit, setting=f"rate_limiter.{limit}_limits")
    assert [line["limit"] for line in lines()] == ["password", "passcode"]


def test_a_clock_that_is_set_back_silences_nothing(log: RefusalLog, clock: FakeClock, lines: Lines) -> None:
    log.note("signup", setting="hanko_compat.limits.signup")
    clock.advance(hours=-5)
    clock.advance(seconds=60)
    log.note("signup", setting="hanko_compat.limits.signup")
    assert [line["refused"] for line in lines()] == [1, 1]


@pytest.mark.usefixtures("hasty_threads")
def test_threads_lose_no_refusal(log: RefusalLog, clock: FakeClock, lines: Lines) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: log.note("lookup", setting="x"), range(2000)))
    clock.advance(seconds=60)
    log.note("lookup", setting="x")
    assert [line["refused"] for line in lines()] == [1, 2000]
