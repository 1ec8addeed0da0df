from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from hanko_compat.timed_cache import TimedCache, TimedValue
from tests.servers.process import PATIENCE

LIFETIME = timedelta(seconds=10)


class Source:
    """What is read; counts the reads."""

    def __init__(self):
        self.value = "old"
        self.reads = 0

    def read(self):
        self.reads += 1
        return self.value


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def value(source, clock):
    return TimedValue(source.read, lifetime=LIFETIME, clock=clock)


@pytest.fixture
def cache(clock):
    return TimedCache(LIFETIME, size=2, clock=clock)


def test_a_value_is_read_again_when_its_lifetime_is_over(value, source, clock):
    assert (value.last, value.is_fresh) == (None, False)
    assert value.get() == "old"
    source.value = "new"
    clock.advance(seconds=9)
    assert (value.get(), value.is_fresh, source.reads) == ("old", True, 1)
    clock.advance(seconds=1)
    assert (value.last, value.is_fresh) == ("old", False)
    assert (value.get(), source.reads) == ("new", 2)


def test_a_clock_that_is_set_back_keeps_no_value_alive(value, source, clock):
    value.get()
    source.value = "new"
    clock.advance(days=-1)
    assert value.get() == "old"
    clock.advance(seconds=10)
    assert value.get() == "new"


def test_what_is_forgotten_is_read_at_once(value, source):
    value.get()
    source.value = "new"
    value.forget()
    assert value.last is None
    assert value.get() == "new"


def test_a_read_that_began_before_a_change_is_not_kept(clock):
    begun, may_end = Event(), Event()

    def read():
        begun.set()
        assert may_end.wait(PATIENCE)
        return "old"

    value = TimedValue(read, lifetime=LIFETIME, clock=clock)
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(value.get)
        assert begun.wait(PATIENCE)
        value.forget()
        may_end.set()
        assert reader.result() == "old"
    assert value.last is None


def test_a_read_that_fails_leaves_what_there_was(clock):
    answers = iter(["old"])
    value = TimedValue(lambda: next(answers), lifetime=LIFETIME, clock=clock)
    value.get()
    clock.advance(seconds=10)
    with pytest.raises(StopIteration):
        value.get()
    assert value.last == "old"


def test_an_age_counts_from_the_begin_of_the_read(clock):
    def read():
        clock.advance(seconds=4)
        return "value"

    value = TimedValue(read, lifetime=LIFETIME, clock=clock)
    value.get()
    clock.advance(seconds=6)
    assert not value.is_fresh


def test_values_of_several_keys_have_ages_of_their_own(cache, clock):
    cache.store("a", 1)
    clock.advance(seconds=5)
    cache.store("b", 2)
    clock.advance(seconds=5)
    assert (cache.fresh("a"), cache.last("a"), cache.fresh("b")) == (None, 1, 2)
    cache.store("a", 3)
    assert cache.fresh("a") == 3
    assert (cache.fresh("c"), cache.last("c")) == (None, None)


def test_the_first_that_was_stored_makes_room(cache):
    cache.store("a", 1)
    cache.store("b", 2)
    cache.store("a", 3)
    cache.store("c", 4)
    assert [cache.last(key) for key in "abc"] == [3, None, 4]
