"""Turns that processes share."""

import gc
import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier, Lock, Semaphore

import pytest

from hanko_compat.hashing.semaphore import SharedSemaphore, shared_semaphore

PATIENCE = 30  # seconds
forking = multiprocessing.get_context("fork")


def hold(slots: SharedSemaphore, mine: Connection) -> None:
    """Take a turn, tell, and keep it until told."""
    mine.send("waits")
    with slots.acquire():
        mine.send("runs")
        mine.recv()


@pytest.fixture
def processes():
    started = []
    yield started
    for process, ours in started:
        process.kill()
        process.join()
        process.close()
        ours.close()


def start(processes, slots: SharedSemaphore):
    ours, theirs = forking.Pipe()
    process = forking.Process(target=hold, args=(slots, theirs), daemon=True)
    process.start()
    theirs.close()
    processes.append((process, ours))
    assert told(ours) == "waits"
    return process, ours


def told(ours: Connection) -> str:
    assert ours.poll(PATIENCE)
    return ours.recv()


def test_processes_share_the_turns(processes) -> None:
    slots = SharedSemaphore(2)
    first, second = start(processes, slots), start(processes, slots)
    assert [told(ours) for _, ours in (first, second)] == ["runs", "runs"]
    _, third = start(processes, slots)
    assert not third.poll(0.2)
    first[1].send("end")
    second[1].send("end")
    assert told(third) == "runs"


def test_a_killed_process_gives_its_turn_back(processes) -> None:
    slots = SharedSemaphore(1)
    process, ours = start(processes, slots)
    assert told(ours) == "runs"
    os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE)
    with slots.acquire():
        pass


def test_threads_share_them_too() -> None:
    slots, together, lock, running, most = SharedSemaphore(2), Barrier(6), Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal running, most
        together.wait(PATIENCE)
        for _ in range(50):
            with slots.acquire():
                with lock:
                    running += 1
                    most = max(most, running)
                with lock:
                    running -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert running == 0
    assert most <= 2


def test_who_goes_first_gets_the_slot_that_comes_free() -> None:
    slots, looked, order = SharedSemaphore(1), Semaphore(0), []

    def work(name: str, *, goes_first: bool) -> None:
        def look() -> bool:
            looked.release()
            return goes_first

        with slots.acquire(goes_first=look):
            order.append(name)

    with ThreadPoolExecutor(3) as pool:
        with slots.acquire():
            calls = [pool.submit(work, name, goes_first=False) for name in ("last", "last")]
            assert all(looked.acquire(timeout=PATIENCE) for _ in range(10))
            calls.append(pool.submit(work, "first", goes_first=True))
            assert all(looked.acquire(timeout=PATIENCE) for _ in range(20))
        for call in calls:
            call.result(PATIENCE)
    assert order == ["first", "last", "last"]


def test_a_turn_ends_with_an_error() -> None:
    slots = SharedSemaphore(1)
    with pytest.raises(RuntimeError), slots.acquire():
        raise RuntimeError
    with slots.acquire():
        pass


def test_nothing_stays_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    slots = SharedSemaphore(3)
    with slots.acquire():
        pass
    del slots
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


def test_without_files_in_memory_each_process_keeps_its_own_bound() -> None:
    assert shared_semaphore(2, has_memfd=False) is None
