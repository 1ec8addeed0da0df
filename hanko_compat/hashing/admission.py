"""A bound on what computes at the same time: a flood of log-ins leaves the server time for the rest."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import BoundedSemaphore

from hanko_compat.errors.hashing import Overloaded
from hanko_compat.hashing.semaphore import SharedSemaphore

RETRY_AFTER = 2  # seconds


class Admission:
    """Lets some threads compute, lets some more wait for their turn, and turns the others away at once."""

    def __init__(self, *, concurrency: int, queue: int, shared: SharedSemaphore | None = None) -> None:
        """Bound this process; *shared* turns bound it and others together."""
        self._shared = shared
        self._places = BoundedSemaphore(concurrency + queue)
        self._running = BoundedSemaphore(concurrency)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it for the block.

        Raises:
            Overloaded: the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise Overloaded(retry_after=RETRY_AFTER)
        try:
            with self._running, self._shared.turn() if self._shared else nullcontext():
                yield
        finally:
            self._places.release()
