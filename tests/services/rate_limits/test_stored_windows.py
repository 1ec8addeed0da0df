"""What was counted can be found and forgotten by what its names begin with, wherever it is counted."""

from collections.abc import Iterator

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.errors import OperatorError
from hanko_compat.services.rate_limits.redis_storage import redis_storage
from hanko_compat.services.rate_limits.storages import DatabaseStorage, RateLimitStorage
from hanko_compat.services.rate_limits.stored_windows import (
    AT_A_TIME,
    DatabaseWindows,
    RedisWindows,
    StoredWindows,
)
from hanko_compat.storage.engine.database import open_database
from tests.clock import FakeClock
from tests.servers.process import free_port
from tests.servers.redis import Redis

pytestmark = pytest.mark.servers

Counted = tuple[RateLimitStorage, StoredWindows]


@pytest.fixture
def in_database(database_url: str, clock: FakeClock) -> Iterator[Counted]:
    database = open_database(database_url)
    yield DatabaseStorage(database, clock), DatabaseWindows(database, clock)
    database.close_all()


@pytest.fixture
def in_redis(redis: Redis) -> Counted:
    storage = redis_storage(f"127.0.0.1:{redis.port}", password="")
    return storage, RedisWindows(storage, utc_now)


@pytest.fixture(params=["in_database", "in_redis"])
def counted(request: pytest.FixtureRequest, in_database: Counted) -> Counted:
    return in_database if request.param == "in_database" else request.getfixturevalue("in_redis")


def test_windows_are_found_by_what_their_names_begin_with(counted: Counted) -> None:
    storage, windows = counted
    for name in (
        "account:a1",
        "account:a1",
        "password:a1:c1",
        "password:a1:c2",
        "password:a2:c1",
        "xpassword:a1",
    ):
        storage.incr(name, 60)
    found = windows.list(["password:a1", "account:a1", "p_ssword:a2", "password:*"])
    assert {name: window.hits for name, window in found.items()} == {
        "account:a1": 2,
        "password:a1:c1": 1,
        "password:a1:c2": 1,
    }
    left = [window.expires_at / 1_000_000 - utc_now().timestamp() for window in found.values()]
    assert all(30 < seconds < 61 for seconds in left)
    assert windows.list([]) == {}


def test_what_is_forgotten_is_counted_from_zero(counted: Counted) -> None:
    storage, windows = counted
    for name in ("account:a1", "account:a1", "account:a2"):
        storage.incr(name, 60)
    assert windows.delete(["account:a1", "account:a3"]) == 1
    assert [storage.incr(name, 60) for name in ("account:a1", "account:a2")] == [1, 2]


def test_a_flood_from_many_addresses_is_forgotten_whole(counted: Counted) -> None:
    storage, windows = counted
    number = AT_A_TIME + 20
    for client in range(number):
        storage.incr(f"password:a1:{client}", 600)
    assert windows.delete(windows.list(["password:a1:"])) == number
    assert windows.list(["password:a1:"]) == {}


def test_windows_that_are_over_are_not_shown(in_database: Counted, clock: FakeClock) -> None:
    storage, windows = in_database
    storage.incr("account:a1", 60)
    clock.advance(seconds=59)
    assert list(windows.list(["account:a1"])) == ["account:a1"]
    clock.advance(seconds=1)
    assert windows.list(["account:a1"]) == {}


def test_a_lost_redis_is_named() -> None:
    windows = RedisWindows(redis_storage(f"127.0.0.1:{free_port()}", password=""), utc_now)
    for ask in (windows.list, windows.delete):
        with pytest.raises(OperatorError, match=r"rate_limiter\.redis_config.*refused"):
            ask(["account:a1"])
