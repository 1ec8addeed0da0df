"""A bound on what computes at the same time: a flood of log-ins leaves the server time for the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from hanko_compat.errors import Overloaded

RETRY_AFTER = 2  # seconds


class Gate:
    """Lets some threads compute, lets some more wait for their turn, and turns the others away at once."""

    def __init__(self, *, concurrency: int, queue: int) -> None:
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
            with self._running:
                yield
        finally:
            self._places.release()
