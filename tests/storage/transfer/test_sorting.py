import random
import tracemalloc
from contextlib import closing

from hanko_compat.storage.transfer.sorting import KEPT, Sorted


def test_values_come_in_the_order_of_keys_and_numbers():
    with closing(Sorted()) as kept:
        for key, number, value in ((b"b", 1, b"4"), (b"", 3, b"2"), (b"", 2, b"1"), (b"a", 9, b"3")):
            kept.add(key, number, value)
        assert list(kept.values(skip=0)) == [(2, b"1"), (3, b"2"), (9, b"3"), (1, b"4")]
        assert list(kept.values(skip=3)) == [(1, b"4")]
        assert list(kept.values(skip=4)) == []


def test_values_are_kept_in_no_memory():
    count, chance = 20 * KEPT, random.Random(1)
    tracemalloc.start()
    try:
        with closing(Sorted()) as kept:
            for number in range(count):
                kept.add(chance.randbytes(16), number, b"x" * 500)
            assert sum(1 for _ in kept.values(skip=0)) == count
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < count * 500 / 4
