"""A semaphore that processes share. The kernel keeps it: a process that dies releases what it held."""

import fcntl
import os
import random
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

HAS_MEMFD = hasattr(os, "memfd_create")
"""Whether the system makes files in memory; Linux and FreeBSD do."""


def shared_semaphore(number: int, *, has_memfd: bool = HAS_MEMFD) -> "SharedSemaphore | None":
    """A semaphore of *number* slots; None where the system makes no files in memory."""
    return SharedSemaphore(number) if has_memfd else None


class SharedSemaphore:
    """A semaphore for this process and those that it forks later.

    Each slot is a lock on a file in memory (flock(2)). A lock belongs to an open file description, so each
    caller opens the file anew. Closing it, as the end of a process does, releases the slot.
    """

    def __init__(self, number: int) -> None:
        self._files = tuple(os.memfd_create(f"slot-{index}") for index in range(number))
        weakref.finalize(self, _close_each, self._files)

    @contextmanager
    def acquire(self) -> Iterator[None]:
        """Wait for a free slot and hold it for the block."""
        # A caller that finds no free slot waits for one. A later caller takes another that comes free.
        order = random.sample(self._files, len(self._files))
        free = _find_free(order)
        taken = _open(order[0]) if free is None else free
        try:
            fcntl.flock(taken, fcntl.LOCK_EX)  # returns at once where the lock is held already
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
