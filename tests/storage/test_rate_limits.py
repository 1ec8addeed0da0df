"""Counting in the table: one statement, right whoever else counts, and nothing stays for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from hanko_compat.storage import rate_limits
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.deletion import delete_some
from hanko_compat.storage.models import RateLimit
from hanko_compat.storage.rate_limits import Window
from tests.queries import assert_query_count

NAME = "password:" + 64 * "a"


@pytest.fixture
def connected(database: Database) -> Iterator[Database]:
    with database.connection():
        yield database


def hit(*, now: int, name: str = NAME) -> int:
    return rate_limits.hit(name, now=now, expires_at=now + 60)


def test_a_window_counts_and_keeps_its_end(connected: Database) -> None:
    assert [hit(now=now) for now in (0, 10, 59)] == [1, 2, 3]
    assert rate_limits.find(NAME, now=59) == Window(3, 60)


def test_a_window_that_is_over_starts_anew(connected: Database) -> None:
    assert [hit(now=now) for now in (0, 10, 60, 70, 500)] == [1, 2, 1, 2, 1]
    assert rate_limits.find(NAME, now=501) == Window(1, 560)
    assert rate_limits.find(NAME, now=560) is None


def test_names_are_counted_apart(connected: Database) -> None:
    assert [hit(now=0, name=name) for name in ("a", "A", "b", "a")] == [1, 1, 1, 2]


def test_counts_and_moments_may_be_large(connected: Database) -> None:
    far = 4_102_444_800_000_000  # the year 2100
    assert hit(now=far) == 1
    RateLimit.update(hits=2**40).execute()
    assert hit(now=far + 1) == 2**40 + 1


def test_counting_is_one_statement(connected: Database) -> None:
    with assert_query_count(1):
        hit(now=0)


def test_nobody_gets_a_number_that_another_got(database: Database) -> None:
    gate = Barrier(8)

    def count(_: int) -> list[int]:
        gate.wait()
        return [database.transaction(lambda: hit(now=0)) for _ in range(10)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for counted in pool.map(count, range(8)) for number in counted]
    assert sorted(numbers) == list(range(1, 81))


def test_what_is_over_is_deleted_up_to_a_number(connected: Database) -> None:
    for number in range(10):
        hit(now=number, name=f"n{number}")
    over = rate_limits.over(before=64)
    assert delete_some(over, at_most=3) == 3
    assert {row.name for row in RateLimit.select()} == {f"n{number}" for number in range(3, 10)}
    assert delete_some(over, at_most=100) == 2
    assert delete_some(over, at_most=100) == 0
    assert RateLimit.select().count() == 5


def test_windows_are_listed_by_the_beginnings_of_names(connected: Database) -> None:
    for name in ("a_b:1", "a_b:1", "axb:1", "a_b:2", "A_B:1", "over"):
        hit(now=0, name=name)
    hit(now=-60, name="a_b:1:over")
    assert rate_limits.list_open(["a_b:1", "a%"], now=1) == {"a_b:1": Window(2, 60)}
    assert rate_limits.list_open([], now=1) == {}


def test_windows_are_deleted_by_name(connected: Database) -> None:
    for name in ("a", "b", "c"):
        hit(now=0, name=name)
    assert rate_limits.delete(["c", "a", "d"]) == 2
    assert [row.name for row in RateLimit.select()] == ["b"]
    assert rate_limits.delete([]) == 0


def test_rows_are_locked_until_the_transaction_ends(database: Database) -> None:
    def add(names: list[str]) -> int:
        windows = rate_limits.lock(names, now=0)
        hits = max((window.hits for window in windows.values()), default=0) + 1
        rate_limits.write({name: Window(hits, 60) for name in names})
        return hits

    gate = Barrier(8)

    def count(number: int) -> list[int]:
        gate.wait()
        names = [NAME, NAME + "b"]
        return [database.transaction(lambda: add(names if number % 2 else names[::-1])) for _ in range(5)]

    with ThreadPoolExecutor(8) as pool:
        numbers = [number for each in pool.map(count, range(8)) for number in each]
    assert sorted(numbers) == list(range(1, 41))


def test_a_name_without_a_row_gets_one_that_is_over(connected: Database) -> None:
    assert rate_limits.lock([NAME], now=5) == {}
    assert rate_limits.find(NAME, now=4) == Window(0, 5)
    assert delete_some(rate_limits.over(before=5), at_most=10) == 1


def test_locking_takes_one_statement_and_writing_one_for_each_name(connected: Database) -> None:
    extra = 1 if connected.dialect == "mysql" else 0
    with assert_query_count(1 + extra):
        rate_limits.lock(["a", "b", "c"], now=0)
    with assert_query_count(2):
        rate_limits.write({"a": Window(1, 60), "b": Window(2, 60)})
    assert rate_limits.lock(["c", "b", "a"], now=0) == {"a": Window(1, 60), "b": Window(2, 60)}
