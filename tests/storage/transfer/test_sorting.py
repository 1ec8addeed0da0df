import random
import tracemalloc
from contextlib import closing
from threading import Thread

from hanko_compat.storage.transfer.sorting import KEPT, Sorted


def test_values_come_in_the_order_of_keys_and_numbers():
    with closing(Sorted()) as kept:
        for key, number, value in ((b"b", 1, b"4"), (b"", 3, b"2"), (b"", 2, b"1"), (b"a", 9, b"3")):
            kept.add(key, number, value)
        assert list(kept.values(skip=0)) == [b"1", b"2", b"3", b"4"]
        assert list(kept.values(skip=3)) == [b"4"]
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


def test_another_thread_may_read():
    found = []
    with closing(Sorted()) as kept:
        kept.add(b"a", 1, b"value")
        reader = Thread(target=lambda: found.extend(kept.values(skip=0)))
        reader.start()
        reader.join()
    assert found == [b"value"]
