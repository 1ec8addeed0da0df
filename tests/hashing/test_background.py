"""Threads that leave the CPUs to others."""

import multiprocessing
import os
from threading import get_native_id

import pytest

from hanko_compat.hashing.background import NICENESS, Background

LOWEST = 19  # nice(1)


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, get_native_id())


def test_work_steps_back_and_its_caller_does_not() -> None:
    before = niceness()
    assert Background(1).submit(niceness).result() == min(LOWEST, before + NICENESS)
    assert niceness() == before


def test_where_priorities_are_forbidden_the_work_is_done_all_the_same() -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")  # as under a filter of system calls

    assert Background(1, set_priority=forbidden).submit(niceness).result() == niceness()


def test_the_caller_gets_what_the_work_returns_or_raises() -> None:
    background = Background(2)
    assert background.submit(lambda: 7 // 2).result() == 3
    with pytest.raises(ZeroDivisionError):
        background.submit(lambda: 7 // 0).result()


def test_threads_that_need_not_step_back_keep_their_priority() -> None:
    assert Background(1, niceness=0).submit(niceness).result() == niceness()


def test_a_process_forked_before_the_first_work_has_threads_of_its_own() -> None:
    background = Background(1)
    forking = multiprocessing.get_context("fork")
    ours, theirs = forking.Pipe()
    child = forking.Process(target=lambda: theirs.send(background.submit(os.getpid).result()))
    child.start()
    try:
        assert ours.poll(30)
        assert ours.recv() == child.pid
    finally:
        child.kill()
        child.join()
        child.close()
        ours.close()
        theirs.close()
    assert background.submit(os.getpid).result() == os.getpid()
