"""Admission control: how many computations run at a time, how many wait, and when more are refused."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import BoundedSemaphore

from hanko_compat.errors.hashing import Overloaded
from hanko_compat.hashing.semaphore import SharedSemaphore

RETRY_AFTER = 2  # seconds


class Admission:
    """Admits *concurrency* threads at a time, queues *queue* more, and refuses the others at once."""

    def __init__(self, *, concurrency: int, queue: int, shared: SharedSemaphore | None = None) -> None:
        """The bounds are those of this process; *shared* bounds all processes together."""
        self._shared = shared
        self._places = BoundedSemaphore(concurrency + queue)
        self._running = BoundedSemaphore(concurrency)

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Run the block when there is room for it.

        Raises:
            Overloaded: the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise Overloaded(retry_after=RETRY_AFTER)
        try:
            with self._running, self._shared.acquire() if self._shared else nullcontext():
                yield
        finally:
            self._places.release()
