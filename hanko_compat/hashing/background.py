"""Computes in threads that leave the CPUs to others: who only shows a session does not wait for bcrypt."""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import get_native_id
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

NICENESS = 10
"""Steps of nice(1): with something else to do, a CPU gives such a thread a tenth of its time."""


class Background:
    """So many threads, begun when they are first needed, so that a fork before that does no harm."""

    def __init__(
        self, threads: int, *, set_priority: Callable[[int, int, int], None] = os.setpriority
    ) -> None:
        """*set_priority* is called as `os.setpriority` is, by each thread for itself."""
        self._threads = ThreadPoolExecutor(
            threads, "password-hash", initializer=_step_back, initargs=(set_priority,)
        )

    def run(
        self, work: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> Result:
        """What *work* returns, or raises."""
        return self._threads.submit(work, *args, **kwargs).result()


def _step_back(set_priority: Callable[[int, int, int], None]) -> None:
    if sys.platform != "linux":  # elsewhere a priority belongs to the whole process
        return
    thread = get_native_id()
    # Going down is free to everybody, unless the call itself is forbidden (SystemCallFilter= of systemd).
    with suppress(PermissionError):
        set_priority(os.PRIO_PROCESS, thread, max(NICENESS, os.getpriority(os.PRIO_PROCESS, thread)))
