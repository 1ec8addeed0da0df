"""The schedule of the clean-up: a thread of each process asks now and then whether it is its turn."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from threading import Event, Thread

from hanko_compat.clock import Clock
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.clean_up.clean_up import Cleaned, CleanUp
from hanko_compat.services.leases import Lease
from hanko_compat.services.living_on import living_on
from hanko_compat.storage.engine.database import Database

logger = logging.getLogger(__name__)

NAME = "clean_up"
WALKS = "clean_up_walks"
WALKS_AFTER = timedelta(hours=6)
"""How long after a walk through whole tables the next one begins."""
LOOK = 60.0
"""Seconds between two looks of a process at whether it is its turn."""
JITTER = 0.5
"""A pause is longer by up to this share, so that not all processes look at one moment."""

Jitter = Callable[[float, float], float]
_uniform = SystemRandom().uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A part of the clean-up that is due *every* so often, with the lease on it."""

    lease: Lease
    walks: bool
    every: timedelta


def jobs(database: Database, *, every: timedelta, now: Clock) -> list[Job]:
    """The two parts: what an index leads to, and what takes a walk through a table."""
    return [
        Job(lease=Lease(database, NAME, now=now), walks=False, every=every),
        Job(lease=Lease(database, WALKS, now=now), walks=True, every=max(every, WALKS_AFTER)),
    ]


class Schedule:
    """Does what is due, by a thread; no thread is there before `start`, so it survives a fork."""

    def __init__(
        self,
        clean_up: CleanUp,
        work: Sequence[Job],
        *,
        now: Clock,
        look: float,
        jitter: Jitter = _uniform,
        note: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        """*work* is empty where nothing is to be done. *look* is in seconds.

        *note* is told when a run was finished.
        """
        self._clean_up = clean_up
        self._jobs = work
        self._now = now
        self._look = look
        self._jitter = jitter
        self._note = note
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to look, some time from now. In a server that forks, call it in each worker."""
        if self._jobs:
            self._thread = Thread(target=self._run, name="clean-up", daemon=True)
            self._thread.start()

    def stop(self, *, patience: float) -> None:
        """End after the step that is under way, and wait for it up to *patience* seconds."""
        self._stopping.set()
        if self._thread:
            self._thread.join(patience)

    def do_due(self) -> bool:
        """Do what is due and no other process does, in this thread; whether there was something.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        taken = [self._do(job) for job in self._jobs if job.lease.take()]
        return any(taken)

    def _run(self) -> None:
        while not self._stopping.wait(self._look * (1 + self._jitter(0, JITTER))):
            with living_on(logger, lambda: "clean_up_failed"):
                try:
                    self.do_due()
                except DatabaseUnavailable as error:
                    logger.warning("clean_up_failed", extra={"reason": str(error.__cause__ or error)})

    def _do(self, job: Job) -> bool:
        """Do a job whose lease this process has."""
        started, due_at = time.monotonic(), None
        is_stopping = self._stopping.is_set
        try:
            done = self._clean_up.run(
                walks=job.walks, may_go_on=lambda: not is_stopping() and job.lease.keep()
            )
            if not is_stopping():
                ended_at = self._now()
                self._note(ended_at)
                due_at = ended_at + job.every
        finally:
            with suppress(DatabaseUnavailable):
                job.lease.give_back(due_at=due_at)
        _log(done, seconds=time.monotonic() - started)
        return True


def _log(done: Sequence[Cleaned], *, seconds: float) -> None:
    deleted = {each.name: each.rows for each in done if each.rows}
    if deleted:
        logger.info("cleaned_up", extra={"deleted": deleted, "seconds": round(seconds, 3)})
