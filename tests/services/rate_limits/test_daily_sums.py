"""Daily sums: a law that holds for any sequence of moments, and counting in all stores."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.clock import utc_now
from hanko_compat.services.rate_limits.daily_sums import DAY, Counter, DailySum, DailySums, Refusal
from hanko_compat.services.rate_limits.storages import DatabaseStorage, MemoryStorage, RateLimitStorage
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.rate_limits import Window
from tests.clock import FakeClock

START = 1_796_000_000_000_000
SUM = DailySum("guesses_account", first_day=30, further_days=10, setting="hanko_compat.limits")
CLIENTS = DailySum("guesses_client", first_day=3, further_days=3)


class Bucket:
    """A sum over time: takes where it can, and remembers when."""

    def __init__(self, sum_: DailySum = SUM) -> None:
        self.sum = sum_
        self.window: Window | None = None
        self.passed: list[int] = []

    def take(self, now: int) -> bool:
        """Try to take one."""
        after = self.sum.take(self.window, now)
        if after is None:
            return False
        self.window = after
        self.passed.append(now)
        return True

    def take_all(self, now: int) -> int:
        """Take as often as it lets."""
        taken = 0
        while self.take(now):
            taken += 1
        return taken


def day(number: float) -> int:
    return START + round(number * DAY)


def test_thirty_on_the_first_day_and_ten_on_each_further_one() -> None:
    bucket = Bucket()
    assert [bucket.take_all(day(number)) for number in (0, 0.5, 0.999999, 1, 1.5, 2, 3)] == [
        30,
        0,
        0,
        10,
        0,
        10,
        10,
    ]


def test_days_begin_with_the_first_guess() -> None:
    bucket = Bucket()
    bucket.take(day(0))
    assert bucket.take_all(day(0.9)) == 29
    assert [bucket.take_all(day(number)) for number in (0.99, 1, 1.9, 2)] == [0, 10, 0, 10]


def test_what_is_left_of_a_day_is_lost_when_the_bucket_is_empty() -> None:
    bucket = Bucket()
    bucket.take_all(day(0))
    assert [bucket.take_all(day(number)) for number in (2, 10)] == [20, 30]


def test_it_is_known_when_one_more_passes() -> None:
    bucket = Bucket()
    assert SUM.free_at(None, day(0)) == day(0)
    bucket.take_all(day(0))
    assert SUM.free_at(bucket.window, day(0.25)) == day(1)
    bucket.take_all(day(1.5))
    assert SUM.free_at(bucket.window, day(1.75)) == day(2)
    assert SUM.free_at(bucket.window, day(2)) == day(2)


def test_what_is_given_back_can_be_taken_again() -> None:
    bucket = Bucket()
    bucket.take_all(day(0))
    for _ in range(3):
        bucket.window = SUM.give_back(bucket.window, day(0.5))
    assert [bucket.take_all(day(number)) for number in (0.5, 1)] == [3, 10]


def test_nothing_can_be_given_back_that_was_not_taken() -> None:
    assert SUM.give_back(None, START) is None
    assert SUM.give_back(SUM.take(None, START), START) is None


def test_other_settings_count_on_with_what_is_stored() -> None:
    bucket = Bucket()
    bucket.take_all(day(0))
    for further_days in (1, 5, 20, 100):
        other = DailySum("guesses_account", first_day=30, further_days=further_days)
        assert other.count(bucket.window, day(0)) <= 30
        assert Bucket(other).take_all(day(0)) == 30
    assert DailySum("guesses_account", 30, 100).count(bucket.window, day(0)) == 30


@given(
    pauses=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 40), st.integers(0, 3)), max_size=60),
    first_day=st.integers(1, 40),
    further_days=st.integers(1, 40),
)
def test_in_no_span_of_days_more_pass_than_the_sum_says(
    pauses: list[tuple[float, int, int]], first_day: int, further_days: int
) -> None:
    """Whatever is tried when, and though some are given back at once."""
    bucket, now = Bucket(DailySum("any", first_day, further_days)), START
    for pause, tries, given_back in pauses:
        now += round(pause * DAY)
        passed = sum(bucket.take(now) for _ in range(tries))
        for _ in range(min(passed, given_back)):
            bucket.window = bucket.sum.give_back(bucket.window, now)
            bucket.passed.pop()
    for index, begin in enumerate(bucket.passed):
        for later, end in enumerate(bucket.passed[index:], start=1):
            # From the first to the last: so many moments at which something leaves lie in between.
            moments = (end - begin) // DAY + 1
            assert later <= first_day + moments * further_days
            assert later <= first_day or end - begin > 0


@given(st.integers(0, 400), st.floats(0, 40), st.integers(1, 40), st.integers(1, 40))
def test_any_window_is_read(hits: int, days: float, first_day: int, further_days: int) -> None:
    """As of other settings, or of a host whose clock is wrong."""
    rule, window = DailySum("any", first_day, further_days), Window(hits, day(days))
    count = rule.count(window, START)
    assert 0 <= count <= hits
    assert (rule.take(window, START) is None) == (rule.free_at(window, START) > START)
    assert rule.free_at(window, START) <= START + 2 * DAY


HOUR = DAY // 24


@given(
    pauses=st.lists(st.tuples(st.floats(0, 2), st.integers(-HOUR, HOUR), st.integers(1, 9)), max_size=60),
    first_day=st.integers(1, 20),
    further_days=st.integers(1, 20),
)
def test_clocks_that_differ_give_no_more(
    pauses: list[tuple[float, int, int]], first_day: int, further_days: int
) -> None:
    """As those of hosts do, and those of two requests that overtake each other."""
    bucket, now, passed = Bucket(DailySum("any", first_day, further_days)), START, []
    for pause, error, tries in pauses:
        now += round(pause * DAY)
        passed += [now] * sum(bucket.take(now + error) for _ in range(tries))
    for index, begin in enumerate(passed):
        for later, end in enumerate(passed[index:], start=1):
            assert later <= first_day + ((end - begin + 2 * HOUR) // DAY + 1) * further_days


def test_who_is_overtaken_does_not_empty_the_bucket() -> None:
    bucket = Bucket()
    assert bucket.take(day(0))
    assert bucket.take(day(0) - 1)
    assert bucket.take_all(day(0) + 1) == 28
    assert bucket.take_all(day(0.5) + 1) == 0


@pytest.fixture(params=[MemoryStorage, DatabaseStorage])
def storage(request: pytest.FixtureRequest, database: Database, clock: FakeClock) -> RateLimitStorage:
    return MemoryStorage(clock) if request.param is MemoryStorage else DatabaseStorage(database, clock)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close_all()


@pytest.fixture
def sums(storage: RateLimitStorage, clock: FakeClock) -> DailySums:
    return DailySums(storage, clock)


def test_several_sums_are_taken_from_together(sums: DailySums) -> None:
    both = [Counter(CLIENTS, "client"), Counter(SUM, "account")]
    assert [sums.take(both) for _ in range(4)] == [None] * 3 + [Refusal(CLIENTS, 86_400)]
    # The refused one took nothing of the other.
    assert sum(sums.take([Counter(SUM, "account")]) is None for _ in range(60)) == 27


def test_the_first_that_is_used_up_is_told(sums: DailySums, clock: FakeClock) -> None:
    for _ in range(3):
        sums.take([Counter(CLIENTS, "one")])
    clock.advance(hours=1)
    for _ in range(3):
        sums.take([Counter(CLIENTS, "other")])
    clock.advance(minutes=1)
    refused = sums.take([Counter(SUM, "account"), Counter(CLIENTS, "other"), Counter(CLIENTS, "one")])
    assert refused == Refusal(CLIENTS, 86_400 - 60)
    assert sum(sums.take([Counter(SUM, "account")]) is None for _ in range(60)) == 30


def test_simulated_days(sums: DailySums, clock: FakeClock) -> None:
    passed = []
    for _ in range(5):
        passed.append(sum(sums.take([Counter(SUM, "account")]) is None for _ in range(50)))
        clock.advance(days=1)
    assert passed == [30, 10, 10, 10, 10]


def test_what_is_given_back_is_free_again(sums: DailySums, clock: FakeClock) -> None:
    counters = [Counter(CLIENTS, "client"), Counter(SUM, "account")]
    for _ in range(3):
        sums.take(counters)
    sums.give_back(counters)
    assert sums.take(counters) is None
    assert sums.take(counters) is not None
    for _ in range(9):
        sums.give_back(counters)
    clock.advance(hours=1)
    assert [sums.take(counters) is None for _ in range(4)] == [True] * 3 + [False]


@pytest.mark.usefixtures("hasty_threads")
def test_never_more_pass_at_once(sums: DailySums) -> None:
    """Whatever the order in which callers name the sums: nobody waits for ever."""
    gate = Barrier(12, timeout=30)
    keys = [Counter(CLIENTS, "client"), Counter(SUM, "account"), Counter(CLIENTS, "another")]

    def take(number: int) -> int:
        gate.wait()
        mine = keys[number % 3 :] + keys[: number % 3]
        return sum(sums.take(mine) is None for _ in range(3))

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(take, range(12))) == 3


def test_one_client_at_many_accounts_at_once(database: Database) -> None:
    """By the clock of this host, which callers look at before they have to wait for each other."""
    sums, gate = DailySums(DatabaseStorage(database, utc_now), utc_now), Barrier(8, timeout=30)
    client = Counter(DailySum("guesses_client", 20, 20), "client")

    def take(number: int) -> int:
        gate.wait()
        accounts = [Counter(SUM, f"account{number}-{each}") for each in range(5)]
        return sum(sums.take([account, client]) is None for account in accounts)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 20


def test_counters_survive_a_restart(database: Database, clock: FakeClock) -> None:
    for _ in range(2):
        assert DailySums(DatabaseStorage(database, clock), clock).take([Counter(CLIENTS, "client")]) is None
        clock.advance(hours=6)
    after = DailySums(DatabaseStorage(database, clock), clock)
    assert [after.take([Counter(CLIENTS, "client")]) is None for _ in range(2)] == [True, False]


def test_without_a_storage_nothing_is_counted(clock: FakeClock) -> None:
    sums = DailySums(None, clock)
    assert {sums.take([Counter(CLIENTS, "client")]) for _ in range(50)} == {None}
    sums.give_back([Counter(CLIENTS, "client")])
    clock.time += timedelta(days=1)
    assert sums.take([Counter(CLIENTS, "client")]) is None
