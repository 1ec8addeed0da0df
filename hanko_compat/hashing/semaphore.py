"""A semaphore that processes share. The kernel keeps it: a process that dies releases what it held."""

import fcntl
import os
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

HAS_MEMFD = hasattr(os, "memfd_create")
"""Whether the system makes files in memory; Linux and FreeBSD do."""
LOOK = 0.005  # seconds; a hash of a password takes fifty times as long


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
        self._first = os.memfd_create("first")  # locked by those who go first while they wait
        weakref.finalize(self, _close_each, (*self._files, self._first))

    @contextmanager
    def acquire(self, *, goes_first: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """Wait for a free slot and hold it for the block.

        *goes_first* is asked again and again. While it is false, those of all processes where it is true get
        the slots that come free.
        """
        taken = self._wait(goes_first)
        try:
            yield
        finally:
            os.close(taken)

    def _wait(self, goes_first: Callable[[], bool]) -> int:
        first = _open(self._first)
        try:
            # To wait for the lock of one slot would be to miss another that comes free.
            while (taken := self._look(first, goes_first=goes_first())) is None:
                time.sleep(LOOK)
            return taken
        finally:
            os.close(first)

    def _look(self, first: int, *, goes_first: bool) -> int | None:
        """Take a free slot, unless somebody else goes first."""
        if goes_first:
            fcntl.flock(first, fcntl.LOCK_SH)  # those who have it alone give it back at once
            return _find_free(self._files)
        try:
            fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        taken = _find_free(self._files)
        fcntl.flock(first, fcntl.LOCK_UN)
        return taken


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
