import pytest

from hanko_compat.services.lists import EXACT, Query, Totals


class Counter:
    """Counts rows, and how often it was asked to."""

    def __init__(self, rows):
        self.rows = rows
        self.asked = []

    def __call__(self, at_most):
        self.asked.append(at_most)
        return self.rows if at_most is None else min(self.rows, at_most)


@pytest.fixture
def totals(clock):
    return Totals(clock)


@pytest.mark.parametrize(("page", "found", "total"), [(1, 0, 0), (1, 3, 3), (3, 2, 22)])
def test_a_last_page_needs_no_count(totals, page, found, total):
    counter = Counter(0)
    assert totals.of("rows", Query(page=page), found, counter) == total
    assert counter.asked == []


def test_a_short_list_is_counted_each_time(totals):
    counter = Counter(25)
    assert totals.of("rows", Query(), 10, counter) == 25
    counter.rows = 26
    assert totals.of("rows", Query(), 10, counter) == 26
    assert totals.of("rows", Query(page=9), 0, counter) == 26


def test_a_long_list_is_counted_now_and_then(totals, clock):
    counter = Counter(EXACT + 5)
    assert totals.of("rows", Query(), 10, counter) == EXACT + 5
    counter.rows += 1
    clock.advance(seconds=9)
    assert totals.of("rows", Query(page=2), 10, counter) == EXACT + 5
    assert totals.of("others", Query(), 10, counter) == EXACT + 6
    clock.advance(seconds=1)
    assert totals.of("rows", Query(), 10, counter) == EXACT + 6


def test_a_total_is_no_less_than_what_was_seen(totals):
    counter = Counter(EXACT + 1)
    totals.of("rows", Query(), 10, counter)
    assert totals.of("rows", Query(page=2000, size=10), 10, counter) == 20_000
