"""Threads of ``serve`` or ``worker`` that work off the queue, which all processes share.

One thread at a time looks for deliveries, the others deliver or wait for their turn. A further one is started
when all of them deliver. A process that writes a delivery wakes its own threads, so that it leaves at once.
What other processes left behind is found by looking, which an idle process does seldom.
"""

import logging
import time
from collections.abc import Mapping
from random import SystemRandom
from threading import Event, Lock, Thread

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.delivery.backoff import Jitter
from hanko_compat.services.delivery.dispatcher import Dispatcher
from hanko_compat.services.delivery.queue import Channel, Claim
from hanko_compat.services.living_on import living_on

logger = logging.getLogger(__name__)

SHORTEST_PAUSE = 1.0
"""Seconds between a look that found nothing and the next one; they double with each such look."""
LONGEST_PAUSE = 5.0
"""Seconds between two looks of an idle process at what others wrote or left behind."""
PAUSE_WITHOUT_DATABASE = 2.0
"""Seconds."""
IDLE_CONNECTION = 1.5
"""Seconds without a delivery after which a connection is closed, `STEP` later at most."""
STEP = 0.5
"""Seconds between two looks at what needs no database."""

_uniform = SystemRandom().uniform


class LookPauses:
    """How many seconds an idle process waits before it looks again: few at first, as work comes in bursts.

    Each pause is drawn, so that not all processes look at one moment.
    """

    def __init__(self, *, longest: float = LONGEST_PAUSE, jitter: Jitter = _uniform) -> None:
        self.longest = longest
        self._jitter = jitter
        self._next = SHORTEST_PAUSE

    def next(self) -> float:
        """The pause after a look that found nothing."""
        pause = min(self._next, self.longest)
        self._next = 2 * pause
        return pause * self._jitter(0.8, 1.2)

    def begin_again(self) -> None:
        """Note that there was something."""
        self._next = SHORTEST_PAUSE


class DeliveryThreads:
    """Delivers what is in the queue, by threads; no thread is there before `start`, so it survives a fork."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        pause_without_database: float = PAUSE_WITHOUT_DATABASE,
        jitter: Jitter = _uniform,
    ) -> None:
        """*pause_without_database* is in seconds."""
        self._dispatcher = dispatcher
        self._pause_without_database = pause_without_database
        self._pauses = LookPauses(jitter=jitter)
        self._turn = Lock()
        self._lock = Lock()  # of the two below
        self._woken = Event()
        self._stopping = Event()
        self._running: list[Thread] = []
        self._delivering = 0
        self._has_database = True

    @property
    def under_way(self) -> frozenset[Channel]:
        """The channels that something is being delivered through."""
        return self._dispatcher.under_way

    def wake(self) -> None:
        """Look for deliveries now: one was written and committed."""
        self._woken.set()

    def start(
        self, *, threads: Mapping[Channel, int] | None = None, longest_pause: float = LONGEST_PAUSE
    ) -> None:
        """Start the first thread. In a server that forks, call it in each worker.

        *threads* is how many deliver a channel, where not as many as usual. *longest_pause* is in seconds:
        a process that writes nothing itself finds every delivery by looking.
        """
        self._dispatcher.limit(threads or {})
        self._pauses.longest = longest_pause
        with self._lock:
            self._start_one()

    def stop(self, *, patience: float) -> bool:
        """Take no more work and wait up to *patience* seconds for what is under way; whether it ended."""
        self._stopping.set()
        self._woken.set()
        deadline = time.monotonic() + patience
        with self._lock:  # no further one starts
            running = list(self._running)
        for thread in running:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in running)

    def deliver_due(self) -> int:
        """Deliver what is due, in this thread; return how many deliveries were tried.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        number = 0
        try:
            while claims := self._dispatcher.take():
                self._dispatcher.deliver(claims)
                number += len(claims)
        finally:
            self._dispatcher.rest(idle_for=0)
        return number

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._work():
                self._stopping.wait(self._pause_without_database)
        self._dispatcher.rest(idle_for=0)

    def _work(self) -> bool:
        """Deliver what is due next; False when something went wrong."""
        claims: list[Claim] = []
        with living_on(logger, lambda: f"{self._dispatcher.name_of(claims)}_failed"):
            try:
                with self._turn:
                    claims = self._next()
                if claims:
                    self._deliver(claims)
            except DatabaseUnavailable as error:
                self._note_database(is_there=False, reason=str(error.__cause__ or error))
            else:
                return True
        return False

    def _next(self) -> list[Claim]:
        """Wait for something that is due; none when it is time to stop."""
        while not self._stopping.is_set():
            self._woken.clear()
            claims = self._dispatcher.take()
            self._note_database(is_there=True)
            if claims:
                self._pauses.begin_again()
                return claims
            self._wait()
        return []

    def _wait(self) -> None:
        """Wait until a delivery is written here or due again here, or until it is time to look."""
        look_at = time.monotonic() + self._pauses.next()
        while not self._woken.is_set() and not self._stopping.is_set():
            self._dispatcher.rest(idle_for=IDLE_CONNECTION)
            until = min(look_at, self._dispatcher.next_retry)
            self._woken.wait(max(0.0, min(until - time.monotonic(), STEP)))
            if time.monotonic() >= until:
                return

    def _start_one(self) -> None:
        name = f"delivery-{len(self._running) + 1}"
        thread = Thread(target=self._run, name=name, daemon=True)
        thread.start()
        self._running.append(thread)

    def _deliver(self, claims: list[Claim]) -> None:
        may_take_more = True
        try:
            with self._lock:
                self._delivering += 1
                is_last = self._delivering == len(self._running) < self._dispatcher.threads
                if is_last and not self._stopping.is_set():
                    self._start_one()  # which looks for more
            may_take_more = self._dispatcher.deliver(claims, is_stopping=self._stopping.is_set)
        finally:
            with self._lock:
                self._delivering -= 1
            if may_take_more:
                self._woken.set()

    def _note_database(self, *, is_there: bool, reason: str = "") -> None:
        """Write a line when the database goes and when it comes back, not for each look at it."""
        if is_there == self._has_database:
            return
        self._has_database = is_there
        for queue in sorted({carrier.queue for carrier in self._dispatcher.carriers}):
            if is_there:
                logger.info("%s_reachable", queue)
            else:
                logger.warning("%s_unreachable", queue, extra={"reason": reason})
