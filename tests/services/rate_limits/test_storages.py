"""Counting in memory and in the database: the same rules, whoever counts at the same time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.rate_limits.storages import (
    SECOND,
    SMALLEST_SWEEP,
    Change,
    DatabaseStorage,
    MemoryStorage,
    RateLimitStorage,
    Windows,
    microseconds,
)
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.rate_limits import Window
from tests.clock import FakeClock

FAST = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)
    yield database
    database.close_all()


@pytest.fixture(params=[MemoryStorage, DatabaseStorage])
def storage(request: pytest.FixtureRequest, database: Database, clock: FakeClock) -> RateLimitStorage:
    return MemoryStorage(clock) if request.param is MemoryStorage else DatabaseStorage(database, clock)


def test_a_window_begins_with_the_first_hit(storage: RateLimitStorage, clock: FakeClock) -> None:
    counts = []
    for pause in (0, 30, 29.999999, 0.000001, 59, 1):
        clock.advance(seconds=pause)
        counts.append(storage.incr("key", 60))
    assert counts == [1, 2, 3, 1, 2, 1]


def test_its_end_stays_where_it_is(storage: RateLimitStorage, clock: FakeClock) -> None:
    end = (clock() + timedelta(seconds=60)).timestamp()
    for _ in range(5):
        storage.incr("key", 60)
        clock.advance(seconds=10)
        assert storage.get_expiry("key") == pytest.approx(end, abs=1e-3)


def test_without_a_window_there_is_nothing_to_wait_for(storage: RateLimitStorage, clock: FakeClock) -> None:
    storage.incr("key", 60)
    clock.advance(seconds=60)
    assert storage.get_expiry("key") == pytest.approx(clock().timestamp(), abs=1e-3)


def test_keys_are_counted_apart(storage: RateLimitStorage) -> None:
    assert [storage.incr(key, 60) for key in ("alice", "bob", "alice")] == [1, 1, 2]


@pytest.mark.usefixtures("hasty_threads")
@pytest.mark.parametrize("limit", [1, 3])
def test_never_more_than_the_limit_pass_at_once(storage: RateLimitStorage, limit: int) -> None:
    rounds = 300 if isinstance(storage, MemoryStorage) else 20
    gate = Barrier(16, timeout=30)

    def hits(_: int) -> list[bool]:
        passed = []
        for number in range(rounds):
            gate.wait()
            passed.append(storage.incr(f"key{number}", 60) <= limit)
        return passed

    with ThreadPoolExecutor(16) as pool:
        passed = [sum(each) for each in zip(*pool.map(hits, range(16)), strict=True)]
    assert passed == [limit] * rounds


@given(pauses=st.lists(st.floats(0, 30), max_size=40), limit=st.integers(1, 5))
@FAST
def test_a_window_never_lets_more_through(
    storage: RateLimitStorage, clock: FakeClock, pauses: list[float], limit: int
) -> None:
    key = str(uuid4())
    hits = []
    for pause in pauses:
        clock.advance(seconds=pause)
        hits.append((clock(), storage.incr(key, 60) <= limit))
    start = None
    passed = 0
    for moment, has_passed in hits:
        if start is None or moment >= start + timedelta(seconds=60):
            start, passed = moment, 0
        assert has_passed == (passed < limit)
        passed += has_passed


def adding(clock: FakeClock) -> Change:
    """Counts one more in each window; they last for a minute."""
    end = microseconds(clock) + 60 * SECOND

    def add(windows: Windows) -> Windows:
        return tuple(Window(window.hits + 1 if window else 1, end) for window in windows)

    return add


def hits(windows: Windows) -> list[int | None]:
    return [None if window is None else window.hits for window in windows]


def test_what_becomes_of_windows_is_computed(storage: RateLimitStorage, clock: FakeClock) -> None:
    assert hits(storage.update(["a", "b"], adding(clock))) == [None, None]
    assert hits(storage.update(["b", "c"], adding(clock))) == [1, None]
    assert hits(storage.update(["c", "b", "a"], lambda windows: (windows[0], None, windows[2]))) == [1, 2, 1]
    assert hits(storage.update(["a", "b", "c"], lambda windows: windows)) == [1, None, 1]
    clock.advance(seconds=60)
    assert hits(storage.update(["a", "b", "c"], lambda windows: windows)) == [None] * 3


def test_windows_that_are_computed_end_when_they_say(storage: RateLimitStorage, clock: FakeClock) -> None:
    storage.update(["key"], adding(clock))
    assert storage.get_expiry("key") == pytest.approx(clock().timestamp() + 60, abs=1e-3)
    assert storage.incr("key", 1) == 2


@pytest.mark.usefixtures("hasty_threads")
def test_nobody_counts_in_between(storage: RateLimitStorage, clock: FakeClock) -> None:
    add, gate = adding(clock), Barrier(12, timeout=30)

    def count(number: int) -> None:
        gate.wait()
        for turn in range(8):
            keys = ["a", "b", "c"]
            storage.update(keys[(number + turn) % 3 :] + keys[: (number + turn) % 3], add)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(count, range(12)))
    assert hits(storage.update(["a", "b", "c"], lambda windows: windows)) == [12 * 8] * 3


def test_memory_forgets_what_is_over(clock: FakeClock) -> None:
    memory = MemoryStorage(clock)
    for number in range(3 * SMALLEST_SWEEP):
        memory.incr(f"key{number}", 60)
        clock.advance(seconds=10)
    assert len(memory._windows) <= SMALLEST_SWEEP


def test_memory_keeps_what_is_not_over(clock: FakeClock) -> None:
    memory = MemoryStorage(clock)
    for number in range(3 * SMALLEST_SWEEP):
        assert memory.incr(f"key{number}", 60) == 1
    assert {memory.incr(f"key{number}", 60) for number in range(3 * SMALLEST_SWEEP)} == {2}


def test_what_the_database_refuses_is_tried_again(database: Database, clock: FakeClock) -> None:
    storage = DatabaseStorage(database, clock)
    gate = Barrier(8)

    def count(number: int) -> list[int]:
        gate.wait()
        return [storage.incr(f"key{(number + each) % 4}", 60) for each in range(20)]

    with ThreadPoolExecutor(8) as pool:
        assert sum(len(counted) for counted in pool.map(count, range(8))) == 160
    assert sum(storage.incr(f"key{number}", 60) for number in range(4)) == 160 + 4


def test_a_lost_database_is_told(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "folder").write_text("a file where the folder has to be")
    storage = DatabaseStorage(open_database(f"sqlite:///{tmp_path}/folder/db.sqlite3"), clock)
    with pytest.raises(DatabaseUnavailable):
        storage.incr("key", 60)
