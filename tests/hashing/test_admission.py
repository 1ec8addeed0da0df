"""A bounded number computes, a bounded number waits, and each client has its turn."""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Event, Semaphore

import pytest

from hanko_compat.errors.hashing import Overloaded
from hanko_compat.hashing.admission import Admission
from hanko_compat.hashing.semaphore import SharedSemaphore
from hanko_compat.hashing.waiting_room import RETRY_AFTER
from hanko_compat.logs import request_id
from tests.servers.hanko_compat import wait_until
from tests.servers.process import PATIENCE


class Callers:
    """Callers of one gate. Their computations last until they may end; ``order`` has those that began."""

    def __init__(self, gate: Admission, pool: ThreadPoolExecutor) -> None:
        self.gate, self.order = gate, []
        self._pool, self._may_end, self._begun = pool, Semaphore(0), Semaphore(0)

    def come(self, name: str, *, begins: bool = False) -> Future[str]:
        """Let one come, for the client that the first letter names, and see it compute or wait."""
        before = self._inside()
        call = self._pool.submit(self.gate.run, partial(self._compute, name), client=name[0])
        if begins:
            assert self._begun.acquire(timeout=PATIENCE)
        else:
            wait_until(lambda: self._inside() != before or call.done(), why=lambda: f"{name} never came")
        return call

    def end(self, number: int) -> None:
        """Let so many computations end."""
        self._may_end.release(number)

    def _compute(self, name: str) -> str:
        self.order.append(name)
        self._begun.release()
        assert self._may_end.acquire(timeout=PATIENCE)
        return name

    def _inside(self) -> list[object]:
        with self.gate._lock:
            return [each for items in self.gate._room._waiting.values() for each in items]


@contextmanager
def callers_of(gate: Admission):
    with ThreadPoolExecutor(12) as pool:
        yield Callers(gate, pool)


def test_more_than_fit_are_turned_away():
    gate = Admission(concurrency=2, queue=3)
    with callers_of(gate) as callers:
        calls = [callers.come(f"a{number}", begins=True) for number in range(2)]
        calls += [callers.come(f"a{number}") for number in range(2, 5)]
        with pytest.raises(Overloaded) as refused:
            gate.run(lambda: "never", client="a")
        assert len(callers.order) == 2
        callers.end(5)
        assert [call.result(PATIENCE) for call in calls] == ["a0", "a1", "a2", "a3", "a4"]
    assert refused.value.retry_after == RETRY_AFTER
    assert gate.run(lambda: "now", client="a") == "now"


@pytest.mark.parametrize("shared", [None, SharedSemaphore(1)])
def test_clients_have_turns_one_after_the_other_and_a_flood_gives_way(shared):
    gate = Admission(concurrency=1, queue=7, shared=shared)  # a quarter is two
    with callers_of(gate) as callers:
        flood = [callers.come("a0", begins=True)]
        flood += [callers.come(f"a{number}") for number in range(1, 8)]
        others = [callers.come(name) for name in ("b0", "b1", "c0")]
        for call in flood[3:]:
            with pytest.raises(Overloaded):
                call.result(PATIENCE)
        callers.end(6)
        assert [call.result(PATIENCE) for call in others] == ["b0", "b1", "c0"]
        assert [call.result(PATIENCE) for call in flood[:3]] == ["a0", "a1", "a2"]
    assert callers.order == ["a0", "b0", "c0", "a1", "b1", "a2"]


def test_who_comes_while_a_slot_is_waited_for_is_not_behind_those_who_wait_for_it():
    slots = SharedSemaphore(1)
    gate = Admission(concurrency=2, queue=6, shared=slots)
    with callers_of(gate) as callers:
        with slots.acquire():  # as another process would
            calls = [callers.come(name) for name in ("a0", "a1", "b0")]
        callers.end(3)
        assert [call.result(PATIENCE) for call in calls] == ["a0", "a1", "b0"]
    assert callers.order == ["a0", "b0", "a1"]


def test_a_failure_gives_the_place_back():
    gate = Admission(concurrency=1, queue=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            gate.run(lambda: 1 // 0, client="a")
    assert gate.run(lambda: 1, client="a") == 1


def test_without_a_slot_the_caller_hears_why():
    class Broken(SharedSemaphore):
        def acquire(self, **_):
            raise OSError(24, "Too many open files")

    gate = Admission(concurrency=1, queue=0, shared=Broken(1))
    for _ in range(3):
        with pytest.raises(OSError, match="Too many open files"):
            gate.run(lambda: 1, client="a")


def test_what_is_logged_meanwhile_names_the_request():
    gate = Admission(concurrency=1, queue=0)
    token = request_id.set("request-1")
    try:
        assert gate.run(request_id.get, client="a") == "request-1"
    finally:
        request_id.reset(token)


def test_many_callers_at_once_all_have_an_outcome():
    gate, together = Admission(concurrency=2, queue=6, shared=SharedSemaphore(2)), Event()

    def call(number: int) -> bool:
        together.wait(PATIENCE)
        try:
            return gate.run(lambda: True, client=str(number % 5))
        except Overloaded:
            return False

    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(call, number) for number in range(400)]
        together.set()
        outcomes = [each.result(PATIENCE) for each in calls]
    assert sum(outcomes) > 0
    assert gate._room.is_empty
    assert gate._room._under_way == 0
