"""Threads of ``serve`` or ``worker`` that work a queue off, which other processes fill and work off as well.

One thread at a time looks for work, the others deliver or wait for their turn. So their number bounds what
is under way, and an idle process asks the database seldom.
"""

import logging
import time
from abc import ABC, abstractmethod
from threading import Event, Lock, Thread
from typing import ClassVar, Generic, TypeVar

from hanko_compat.errors.database import DatabaseUnavailable

logger = logging.getLogger(__name__)

PAUSE_WITHOUT_DATABASE = 2.0
"""Seconds."""

C = TypeVar("C")
"""What a thread takes out of the queue at a time."""


class DeliveryThreads(ABC, Generic[C]):
    """Delivers what is in a queue, by threads; no thread is there before `start`, so it survives a fork."""

    name: ClassVar[str]
    """Of the threads, and in the log: ``<name>_delivery_failed``."""
    queue: ClassVar[str]
    """In the log: ``<queue>_reachable`` and ``<queue>_unreachable``."""
    threads: ClassVar[int]
    """Of each process: so much is under way at a time."""
    poll: ClassVar[float]
    """Seconds between two looks at what other processes wrote or left behind."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._woken = Event()
        self._stopping = Event()
        self._running: list[Thread] = []
        self._has_database = True

    @abstractmethod
    def _claim(self) -> C | None:
        """Take something that is due, so that no other process does; None when nothing is.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """

    @abstractmethod
    def _deliver(self, claim: C) -> None:
        """Deliver what was claimed, or see to it that somebody tries again.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """

    def _rest(self) -> None:
        """Give up what is held for the next delivery: there is none at the moment."""

    def _end(self) -> None:
        """Give up everything: a thread delivers nothing more."""

    def wake(self) -> None:
        """Look for work now: something was written."""
        self._woken.set()

    def start(self, *, threads: int | None = None) -> None:
        """Start the threads. In a server that forks, call it in each worker."""
        names = (f"{self.name}-{number}" for number in range(1, (threads or self.threads) + 1))
        self._running = [Thread(target=self._run, name=name, daemon=True) for name in names]
        for thread in self._running:
            thread.start()

    def stop(self, *, patience: float) -> bool:
        """Take no more work and wait up to *patience* seconds for what is under way; whether it ended."""
        self._stopping.set()
        self._woken.set()
        deadline = time.monotonic() + patience
        for thread in self._running:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._running)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._turn:
                    claim = self._next()
                if claim is not None:
                    self._deliver(claim)
            except DatabaseUnavailable as error:
                self._note_database(is_there=False, reason=str(error.__cause__ or error))
                self._stopping.wait(PAUSE_WITHOUT_DATABASE)
            except Exception:
                # The thread has to live on: nobody would start it again.
                logger.exception("%s_delivery_failed", self.name)
                self._stopping.wait(PAUSE_WITHOUT_DATABASE)
        self._end()

    def _next(self) -> C | None:
        """Wait for something that is due; None when it is time to stop."""
        while not self._stopping.is_set():
            self._woken.clear()
            claim = self._claim()
            self._note_database(is_there=True)
            if claim is not None:
                return claim
            self._rest()
            self._woken.wait(self.poll)
        return None

    def _note_database(self, *, is_there: bool, reason: str = "") -> None:
        """Write a line when the database goes and when it comes back, not for each look at it."""
        if is_there != self._has_database:
            self._has_database = is_there
            if is_there:
                logger.info("%s_reachable", self.queue)
            else:
                logger.warning("%s_unreachable", self.queue, extra={"reason": reason})
