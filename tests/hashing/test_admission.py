"""A bounded number computes, a bounded number waits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore

import pytest

from hanko_compat.errors.hashing import Overloaded
from hanko_compat.hashing.admission import RETRY_AFTER, Admission
from tests.servers.hanko_compat import wait_until
from tests.servers.process import PATIENCE


def test_more_than_fit_are_turned_away():
    gate, inside, done = Admission(concurrency=2, queue=3), Semaphore(0), Event()
    running = []

    def compute(number):
        with gate.admit():
            running.append(number)
            inside.release()
            done.wait(PATIENCE)
            return number

    with ThreadPoolExecutor(5) as pool:
        turns = [pool.submit(compute, number) for number in range(2)]
        inside.acquire()
        inside.acquire()
        turns += [pool.submit(compute, number) for number in range(2, 5)]
        # Those in the queue take their place before they wait; the sixth finds none.
        wait_until(lambda: not gate._places._value, why=lambda: "the queue does not fill")
        with pytest.raises(Overloaded) as refused, gate.admit():
            pass
        assert len(running) == 2
        done.set()
        assert [turn.result() for turn in turns] == [0, 1, 2, 3, 4]
    assert refused.value.retry_after == RETRY_AFTER
    with gate.admit():
        assert len(running) == 5


def test_a_failure_gives_the_place_back():
    gate = Admission(concurrency=1, queue=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.admit():
            raise ZeroDivisionError
    with gate.admit(), pytest.raises(Overloaded), gate.admit():
        pass
