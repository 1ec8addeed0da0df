from itertools import count, islice

import pytest

from hanko_compat.batches import batches


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([], []),
        ([1], [[1]]),
        ([1, 2], [[1, 2]]),
        ([1, 2, 3, 4, 5], [[1, 2], [3, 4], [5]]),
        (iter([0, None, False]), [[0, None], [False]]),
    ],
)
def test_all_items_come_in_order(items, found):
    assert list(batches(items, size=2)) == found


def test_no_more_is_taken_than_is_asked_for():
    items = count()
    assert list(islice(batches(items, size=3), 2)) == [[0, 1, 2], [3, 4, 5]]
    assert next(items) == 6
