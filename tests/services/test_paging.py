"""Totals of lists: exact while they are small; of long lists nobody waits for the count."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import pytest

from hanko_compat.services.paging import EXACT, LIFETIME, SURELY_LONG, Condition, Query, Totals
from tests.servers.process import PATIENCE

LONG = EXACT + 5
SOME = Query(conditions=(Condition("name", "gt", "a"), Condition("status", "eq", "active")))


class Counter:
    """Counts rows, and how often it was asked to. Counting all of them takes until `may_end` is set."""

    def __init__(self, rows):
        self.rows = rows
        self.asked = []
        self.may_end = Event()
        self.may_end.set()

    def __call__(self, at_most):
        self.asked.append(at_most)
        if at_most is None:
            self.may_end.wait(PATIENCE)  # a test that fails sets it no more
            return self.rows
        return min(self.rows, at_most)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(1) as executor:
        yield executor


@pytest.fixture
def settle(pool):
    """Returns when nothing is being counted any more."""
    return lambda: pool.submit(lambda: None).result()


@pytest.fixture
def totals(clock, services, pool):
    return Totals(services.database, now=clock, pool=pool)


@pytest.mark.parametrize(("page", "found", "total"), [(1, 0, 0), (1, 3, 3), (3, 2, 22)])
def test_a_last_page_needs_no_count(totals, page, found, total):
    counter = Counter(0)
    assert totals.of("rows", Query(page=page), found, counter) == total
    assert counter.asked == []


def test_a_short_list_is_counted_each_time(totals):
    counter = Counter(25)
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: 90) == 25
    counter.rows = 26
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: 90) == 26
    assert totals.of("rows", Query(page=9), 0, counter, estimate=lambda: 90) == 26


def test_a_long_list_is_counted_now_and_then(totals, clock):
    counter = Counter(LONG)
    assert totals.of("rows", Query(), 10, counter) == LONG
    counter.rows += 1
    clock.advance(seconds=9)
    assert totals.of("rows", Query(page=2), 10, counter) == LONG
    assert totals.of("others", Query(), 10, counter) == LONG + 1
    clock.advance(seconds=1)
    assert totals.of("rows", Query(), 10, counter) == LONG + 1


def test_a_total_is_no_less_than_what_was_seen(totals):
    counter = Counter(EXACT + 1)
    totals.of("rows", Query(), 10, counter)
    assert totals.of("rows", Query(page=2000, size=10), 10, counter) == 20_000


@pytest.mark.parametrize(("about", "told"), [(2 * LONG, 2 * LONG), (3, EXACT + 1)])
def test_who_asks_first_gets_an_estimate_while_the_rows_are_counted(totals, settle, about, told):
    counter = Counter(LONG)
    counter.may_end.clear()
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: about) == told
    assert totals.of("rows", Query(page=2), 10, counter, estimate=lambda: about) == told
    counter.may_end.set()
    settle()
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: about) == LONG
    assert counter.asked.count(None) == 1


def test_an_old_total_is_told_while_the_rows_are_counted_again(totals, settle, clock):
    counter = Counter(LONG)
    totals.of("rows", Query(), 10, counter, estimate=lambda: 1)
    settle()
    counter.rows += 1
    counter.may_end.clear()
    clock.advance(seconds=LIFETIME.total_seconds())
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: 1) == LONG
    counter.may_end.set()
    settle()
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: 1) == LONG + 1


def test_a_list_that_has_become_short_is_counted_each_time_again(totals, settle, clock):
    counter = Counter(LONG)
    totals.of("rows", Query(), 10, counter, estimate=lambda: 1)
    settle()
    counter.rows = 25
    clock.advance(seconds=LIFETIME.total_seconds())
    totals.of("rows", Query(), 10, counter, estimate=lambda: 1)
    settle()
    counter.rows = 26
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: 1) == 26


def test_a_count_that_fails_is_tried_again(totals, settle):
    asked = []

    def fail(at_most):
        asked.append(at_most)
        if at_most is None:
            raise OSError
        return at_most

    for _ in range(2):
        with suppress(OSError):  # who has not waited so long does not hear of it
            totals.of("rows", Query(), 10, fail, estimate=lambda: 1)
        settle()
    assert asked.count(None) == 2


def test_what_is_surely_long_is_not_counted_first(totals, settle):
    counter = Counter(SURELY_LONG + 5)
    counter.may_end.clear()
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: SURELY_LONG) == SURELY_LONG
    counter.may_end.set()
    settle()
    assert totals.of("rows", Query(), 10, counter, estimate=lambda: SURELY_LONG) == SURELY_LONG + 5
    assert counter.asked == [None]


def test_a_short_list_is_counted_each_time_after_an_estimate_far_off(totals, settle):
    counter = Counter(25)
    totals.of("rows", Query(), 10, counter, estimate=lambda: SURELY_LONG)
    settle()
    for counter.rows in (25, 26):
        assert totals.of("rows", Query(), 10, counter, estimate=lambda: SURELY_LONG) == counter.rows


def test_an_estimate_of_several_conditions_is_looked_into(totals):
    assert totals.of("rows", SOME, 10, Counter(25), estimate=lambda: SURELY_LONG) == 25
