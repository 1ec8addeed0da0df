"""What is measured now and then, as nothing that happens tells of it: what waits, and what is in use."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Protocol

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.services.delivery.queue import Channel, DeliveryQueue
from hanko_compat.services.living_on import living_on
from hanko_compat.storage.engine.database import Database

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks at this process. Prometheus asks every 15 seconds or more rarely."""
QUEUES_EVERY = 6
"""The database is asked at one of so many looks, as each process does it."""


class Gauges(Protocol):
    """What shows the measured values."""

    def show_hashes(self, *, waiting: int, running: int) -> None:
        """Show how many computations of password hashes wait and run."""

    def show_connections(self, *, in_use: int, idle: int, limit: int) -> None:
        """Show how many connections to the database there are, and may be."""

    def show_queue(self, channel: str, *, length: int, age: float) -> None:
        """Show how many deliveries wait, and for how many seconds the oldest does."""


class Measuring:
    """Measures this process and the queues, by a thread; none is there before `start`."""

    def __init__(
        self,
        gauges: Gauges,
        *,
        hasher: Hasher,
        database: Database,
        queue: DeliveryQueue,
        every: float = EVERY,
    ) -> None:
        """*every* is in seconds."""
        self._gauges = gauges
        self._hasher = hasher
        self._database = database
        self._queue = queue
        self._every = every
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to measure. In a server that forks, call it in each worker."""
        self._thread = Thread(target=self._run, name="measuring", daemon=True)
        self._thread.start()

    def stop(self, *, patience: float) -> None:
        """End, and wait for the look that is under way up to *patience* seconds."""
        self._stopping.set()
        if self._thread:
            self._thread.join(patience)

    def measure_process(self) -> None:
        """Show what waits and is in use in this process."""
        load, usage = self._hasher.load, self._database.usage
        self._gauges.show_hashes(waiting=load.waiting, running=load.running)
        self._gauges.show_connections(in_use=usage.in_use, idle=usage.idle, limit=usage.limit)

    def measure_queues(self) -> None:
        """Show what waits in the database, which is the same for all processes.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        for channel in Channel:
            backlog = self._queue.backlog(channel)
            self._gauges.show_queue(channel, length=backlog.length, age=backlog.age.total_seconds())

    def _run(self) -> None:
        looks = 0
        while True:
            self._try(self.measure_process)
            if looks % QUEUES_EVERY == 0:
                self._try(self.measure_queues)
            looks += 1
            if self._stopping.wait(self._every):
                return

    def _try(self, measure: Callable[[], None]) -> None:
        with living_on(logger, lambda: "measuring_failed"):
            try:
                measure()
            except DatabaseUnavailable:
                # Requests and deliveries tell of it; until it is back the last values stay.
                logger.debug("database_unavailable")
