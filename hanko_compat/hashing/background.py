"""Computes in threads that leave the CPUs to others: who only shows a session does not wait for bcrypt."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import get_native_id
from typing import TypeVar

Result = TypeVar("Result")

NICENESS = 10
"""Steps of nice(1): with something else to do, a CPU gives such a thread a tenth of its time."""


class Background:
    """So many threads, begun when they are first needed, so that a fork before that does no harm."""

    def __init__(
        self,
        threads: int,
        *,
        niceness: int = NICENESS,
        set_priority: Callable[[int, int, int], None] = os.setpriority,
    ) -> None:
        """*set_priority* is called as `os.setpriority` is, by each thread for itself."""
        self._threads = ThreadPoolExecutor(
            threads, "hash", initializer=_step_back, initargs=(niceness, set_priority)
        )

    def submit(self, work: Callable[[], Result]) -> Future[Result]:
        """Have *work* done by one of the threads, after what was submitted earlier."""
        return self._threads.submit(work)


def _step_back(niceness: int, set_priority: Callable[[int, int, int], None]) -> None:
    if sys.platform != "linux":  # elsewhere a priority belongs to the whole process
        return
    thread = get_native_id()
    # Going down is free to everybody, unless the call itself is forbidden (SystemCallFilter= of systemd).
    with suppress(PermissionError):
        set_priority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + niceness)
