"""Redis counts while it answers; without it each process does, and says so once."""

import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import redis
from limits.errors import StorageError

from hanko_compat.errors import OperatorError
from hanko_compat.services.rate_limits.daily_sums import Counter, DailySum, DailySums
from hanko_compat.services.rate_limits.redis_storage import (
    PAUSE,
    TIMEOUT,
    FallbackStorage,
    find_problem,
    redis_storage,
)
from hanko_compat.services.rate_limits.storages import Change, MemoryStorage, RateLimitStorage, Windows
from hanko_compat.storage.rate_limits import Window
from tests.clock import FakeClock
from tests.servers.process import free_port, own_name
from tests.servers.redis import Redis
from tests.servers.run import Run


class Stopwatch:
    """The seconds that the fall-back counts its pause in."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Flaky(MemoryStorage):
    """A store that fails while it is told to, and counts how often it was asked."""

    fails = False
    asked = 0
    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def incr(self, key: str, expiry: int) -> int:
        """As the store that it stands for."""
        self.asked += 1
        self.meanwhile()
        if self.fails:
            raise StorageError(ConnectionError("gone"))
        return super().incr(key, expiry)

    def update(self, keys: Sequence[str], change: Change) -> Windows:
        """As the store that it stands for."""
        if self.fails:
            raise StorageError(ConnectionError("gone"))
        return super().update(keys, change)


class Fallbacks(FallbackStorage):
    """A storage under test, with all that it was given."""

    def __init__(self, storage: RateLimitStorage, clock: FakeClock) -> None:
        self.watch = Stopwatch()
        self.alone: list[None] = []
        memory = MemoryStorage(clock)
        on_fallback = lambda: self.alone.append(None)  # noqa: E731
        super().__init__(storage, memory=memory, on_fallback=on_fallback, monotonic=self.watch)


@pytest.fixture
def flaky(clock: FakeClock) -> Flaky:
    return Flaky(clock)


@pytest.fixture
def storage(flaky: Flaky, clock: FakeClock) -> Fallbacks:
    return Fallbacks(flaky, clock)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Redis:
    """The shared fixture; its name is the library's here."""
    server: Redis = request.getfixturevalue("redis")
    return server


@pytest.fixture
def on_redis(server: Redis, clock: FakeClock) -> Fallbacks:
    return Fallbacks(redis_storage(f"127.0.0.1:{server.port}", password=""), clock)


def test_what_fails_is_counted_in_memory(storage: Fallbacks, flaky: Flaky) -> None:
    assert [storage.incr("key", 60) for _ in range(2)] == [1, 2]
    flaky.fails = True
    assert [storage.incr("key", 60) for _ in range(3)] == [1, 2, 3]
    assert len(storage.alone) == 3


def test_a_lost_store_is_tried_again_after_a_pause_by_one_request(storage: Fallbacks, flaky: Flaky) -> None:
    flaky.fails = True
    for _ in range(10):
        storage.incr("key", 60)
    assert flaky.asked == 1
    storage.watch.seconds += PAUSE
    for _ in range(10):
        storage.incr("key", 60)
    assert flaky.asked == 2
    flaky.fails = False
    storage.watch.seconds += PAUSE
    assert [storage.incr("key", 60) for _ in range(2)] == [1, 2]
    assert (flaky.asked, len(storage.alone)) == (4, 20)


def test_others_do_not_wait_for_the_one_that_tries(storage: Fallbacks, flaky: Flaky) -> None:
    flaky.fails = True
    storage.incr("key", 60)
    storage.watch.seconds += PAUSE
    flaky.meanwhile = lambda: storage.incr("other", 60)
    storage.incr("key", 60)
    assert flaky.asked == 2
    assert storage.incr("other", 60) == 2


def test_loss_and_return_are_told_once(
    storage: Fallbacks, flaky: Flaky, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for fails in (True, True, False, False):
            flaky.fails = fails
            for _ in range(5):
                storage.incr("key", 60)
            storage.watch.seconds += PAUSE
    assert [record.getMessage() for record in caplog.records] == [
        "rate_limit_store_lost",
        "rate_limit_store_back",
    ]
    assert (caplog.records[0].levelname, vars(caplog.records[0])["reason"]) == ("WARNING", "gone")


def test_the_end_of_a_window_falls_back_too(storage: Fallbacks, flaky: Flaky, clock: FakeClock) -> None:
    flaky.fails = True
    storage.incr("key", 60)
    assert storage.get_expiry("key") == pytest.approx(clock().timestamp() + 60, abs=1e-3)


@pytest.mark.servers
def test_processes_share_what_redis_counts(server: Redis, clock: FakeClock) -> None:
    stores = [Fallbacks(redis_storage(f"127.0.0.1:{server.port}", password=""), clock) for _ in range(2)]
    gate = Barrier(16)

    def hit(number: int) -> bool:
        gate.wait()
        return stores[number % 2].incr("key", 60) <= 3

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(hit, range(16))) == 3
    assert 0 < stores[0].get_expiry("key") - time.time() <= 60
    assert stores[0].alone == stores[1].alone == []


def one_more(windows: Windows) -> Windows:
    end = 10**16
    return tuple(Window(window.hits + 1 if window else 1, end) for window in windows)


@pytest.mark.servers
def test_processes_share_what_they_compute(server: Redis, clock: FakeClock) -> None:
    stores = [Fallbacks(redis_storage(f"127.0.0.1:{server.port}", password=""), clock) for _ in range(2)]
    gate = Barrier(12)

    def count(number: int) -> None:
        gate.wait()
        keys = ["a", "b"]
        for _ in range(5):
            stores[number % 2].update(keys if number % 3 else keys[::-1], one_more)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(count, range(12)))
    windows = stores[0].update(["a", "b"], lambda windows: (windows[0], None))
    assert windows == (Window(60, 10**16), Window(60, 10**16))
    assert stores[1].update(["b", "a"], lambda windows: windows) == (None, Window(60, 10**16))
    assert stores[0].alone == stores[1].alone == []


@pytest.mark.servers
def test_daily_sums_are_kept_in_redis(server: Redis, clock: FakeClock) -> None:
    address, counters = f"127.0.0.1:{server.port}", [Counter(DailySum("guesses_account", 3, 2), "key")]

    def passed() -> int:
        """As after a restart of ours, and of theirs."""
        sums = DailySums(redis_storage(address, password="", now=clock), clock)
        return sum(sums.take(counters) is None for _ in range(5))

    days = []
    for _ in range(3):
        days.append(passed())
        clock.advance(days=1)
    assert days == [3, 2, 2]
    client = redis.Redis(port=server.port)
    (key,) = client.keys("*")
    assert 0 < client.pttl(key) <= 2 * 86_400_000 + 1
    client.close()


def test_what_is_computed_falls_back_too(storage: Fallbacks, flaky: Flaky) -> None:
    flaky.fails = True
    assert storage.update(["key"], one_more) == (None,)
    assert storage.update(["key"], one_more) == (Window(1, 10**16),)
    assert len(storage.alone) == 2


@pytest.mark.servers
def test_redis_may_be_killed_and_started_again(
    on_redis: Fallbacks, server: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    assert [on_redis.incr("key", 60) for _ in range(2)] == [1, 2]
    server.kill()
    with caplog.at_level(logging.INFO):
        assert [on_redis.incr("key", 60) for _ in range(3)] == [1, 2, 3]
        server.start()
        on_redis.watch.seconds += PAUSE
        assert [on_redis.incr("key", 60) for _ in range(2)] == [1, 2]
    assert [record.getMessage() for record in caplog.records] == [
        "rate_limit_store_lost",
        "rate_limit_store_back",
    ]
    assert len(on_redis.alone) == 3


@pytest.mark.servers
def test_a_restart_that_nobody_noticed_costs_nothing(on_redis: Fallbacks, server: Redis) -> None:
    on_redis.incr("key", 60)
    server.stop()
    server.start()
    assert on_redis.incr("key", 60) == 1
    assert on_redis.alone == []


@pytest.mark.servers
def test_nobody_waits_long_for_a_redis_that_hangs(on_redis: Fallbacks, server: Redis) -> None:
    on_redis.incr("key", 60)
    os.kill(server.pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert [on_redis.incr("key", 60) for _ in range(50)] == list(range(1, 51))
        # One of them waits. All fifty would need fifty times the TIMEOUT.
        assert time.monotonic() - started < 25 * TIMEOUT
    finally:
        os.kill(server.pid, signal.SIGCONT)


@pytest.mark.servers
def test_a_password_is_used(server: Redis, clock: FakeClock) -> None:
    place, password = f"127.0.0.1:{server.port}", "p@ss:w/rd#"
    with redis.Redis(port=server.port) as admin:
        admin.config_set("requirepass", password)
    try:
        assert find_problem(place, password=password) == ""
        assert "uthentication" in find_problem(place, password="")
        assert "password" in find_problem(place, password="wrong")
        refused = Fallbacks(redis_storage(place, password="wrong"), clock)
        assert [refused.incr("key", 60) for _ in range(2)] == [1, 2]
        assert len(refused.alone) == 2
    finally:
        with redis.Redis(port=server.port, password=password) as admin:
            admin.config_set("requirepass", "")


def test_nobody_at_the_address() -> None:
    place = f"127.0.0.1:{free_port()}"
    assert "refused" in find_problem(place, password="")
    assert "\n" not in find_problem(place, password="")


@pytest.mark.parametrize("address", ["localhost:hunter2", ":hunter2@localhost:many"])
def test_an_address_that_is_none(address: str) -> None:
    """The message does not quote it: it may hold a password."""
    with pytest.raises(OperatorError, match=r"rate_limiter\.redis_config\.address") as caught:
        redis_storage(address, password="")
    assert "hunter2" not in str(caught.value)


class RedisOnIPv6(Redis):
    """Redis that listens on both loopback addresses."""

    def command(self) -> Sequence[str]:
        return [*super().command(), "--bind", "127.0.0.1", "::1"]


@pytest.mark.servers
def test_an_address_of_ipv6(test_run: Run) -> None:
    server = RedisOnIPv6(test_run, own_name("redis_on_ipv6"))
    server.start()
    try:
        assert find_problem(f"[::1]:{server.port}", password="") == ""
    finally:
        server.remove()
