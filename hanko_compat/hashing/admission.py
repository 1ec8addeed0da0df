"""Admission control: how many computations run at a time, whose is next, and which are refused."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, TypeVar

from hanko_compat.errors.hashing import Overloaded
from hanko_compat.hashing.background import NICENESS, Background
from hanko_compat.hashing.semaphore import SharedSemaphore
from hanko_compat.hashing.waiting_room import RETRY_AFTER, WaitingRoom

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Load:
    """How many computations wait for their turn, and how many are under way."""

    waiting: int
    running: int


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A computation that somebody waits for."""

    work: Callable[[], Any]
    outcome: Future[Any] = field(default_factory=Future)

    def run(self) -> Callable[[], None]:
        """Compute; what is returned hands the outcome to whoever waits for it."""
        try:
            result = self.work()
        except Exception as error:  # whoever waits for it gets it
            return self.failed(error)
        return partial(self.outcome.set_result, result)

    def failed(self, error: Exception) -> Callable[[], None]:
        """Return what hands over an error instead."""
        return partial(self.outcome.set_exception, error)


class Admission:
    """Computes for *concurrency* callers at a time, lets *queue* more wait, and refuses the others at once.

    What is next is decided when a thread has one of the shared slots, and not before: so nobody waits behind
    those who got in line at the slots earlier.
    """

    def __init__(
        self,
        *,
        concurrency: int,
        queue: int,
        shared: SharedSemaphore | None = None,
        niceness: int = NICENESS,
    ) -> None:
        """The bounds are those of this process; *shared* bounds all processes together."""
        self._shared = shared
        self._room = WaitingRoom[_Job](concurrency + queue)
        self._threads = Background(concurrency, niceness=niceness)
        self._lock = Lock()
        self._asking = Lock()

    @property
    def load(self) -> Load:
        """What this process does at the moment."""
        with self._lock:
            return Load(waiting=self._room.waiting, running=self._room.under_way)

    def run(self, work: Callable[[], Result], *, client: str) -> Result:
        """What *work* returns or raises when its turn has come; *client* is whose turn that is.

        Raises:
            Overloaded: all places are taken, or as many as this client may have while others wait.
        """
        job = _Job(partial(copy_context().run, work))
        with self._lock:
            leaving = self._room.enter(client, job)
        for each in leaving:
            each.failed(Overloaded(retry_after=RETRY_AFTER))()
        self._threads.submit(self._serve)
        outcome: Result = job.outcome.result()
        return outcome

    def _serve(self) -> None:
        """Run what is next; nothing where that had to leave. This is called once for each job."""
        try:
            with self._slot():
                self._run_next(_Job.run)
        except OSError as error:  # this process has no file descriptor left
            failure = error
            self._run_next(lambda job: job.failed(failure))

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """One of the shared slots, for the block."""
        with ExitStack() as held:
            # One thread asks for all, so that a process with many waiting gets no more slots than others.
            with self._asking:
                if self._shared is not None and not self._room.is_empty:
                    held.enter_context(self._shared.acquire(goes_first=self._has_newcomer))
            yield

    def _has_newcomer(self) -> bool:
        with self._lock:
            return self._room.is_next_new

    def _run_next(self, run: Callable[[_Job], Callable[[], None]]) -> None:
        with self._lock:
            job = self._room.take()
        if job is None:
            return
        hand_over = run(job)
        # Before the caller hears of it, who may come again at once.
        with self._lock:
            self._room.end()
        hand_over()
