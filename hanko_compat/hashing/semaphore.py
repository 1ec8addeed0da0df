"""A bound for all processes of a server together, which the kernel keeps: who dies gives its turn back."""

import fcntl
import os
import random
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def shared_semaphore(number: int) -> "SharedSemaphore | None":
    """So many turns; None where the system has no files in memory (only Linux and FreeBSD do)."""
    return SharedSemaphore(number) if hasattr(os, "memfd_create") else None


class SharedSemaphore:
    """So many turns for this process and those that it forks later.

    Each turn is a lock on a file in memory. Locks belong to the opening of a file, so each caller opens it
    anew; closing it, as the end of the process does, ends the turn.
    """

    def __init__(self, number: int) -> None:
        self._files = tuple(os.memfd_create(f"slot-{index}") for index in range(number))
        weakref.finalize(self, _close_each, self._files)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it for the block."""
        # Who finds all of them taken waits for one. Should another come free, the next caller finds that.
        order = random.sample(self._files, len(self._files))
        free = _find_free(order)
        taken = _open(order[0]) if free is None else free
        try:
            fcntl.flock(taken, fcntl.LOCK_EX)  # returns at once to who has the lock already
            yield
        finally:
            os.close(taken)


def _find_free(files: Sequence[int]) -> int | None:
    for file in files:
        opened = _open(file)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
        else:
            return opened
    return None


def _open(file: int) -> int:
    return os.open(f"/proc/self/fd/{file}", os.O_RDWR | os.O_CLOEXEC)


def _close_each(files: Sequence[int]) -> None:
    for file in files:
        os.close(file)
