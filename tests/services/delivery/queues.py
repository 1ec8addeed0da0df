"""A queue that counts the looks at it, and that fails as long as a test says."""

from collections.abc import Iterator, Sequence
from threading import Semaphore

from hanko_compat.clock import Clock
from hanko_compat.services.delivery.queue import Claim, DeliveryQueue, Vacancy
from hanko_compat.storage.engine.database import Database


class WatchedQueue(DeliveryQueue):
    """The queue. ``failures`` are raised one after the other before anything works."""

    def __init__(self, database: Database, *, now: Clock) -> None:
        super().__init__(database, now=now)
        self.failures: Iterator[Exception] = iter(())
        self.looks = Semaphore(0)

    def claim(self, vacancies: Sequence[Vacancy]) -> list[Claim]:
        try:
            self._fail()
            return super().claim(vacancies)
        finally:
            self.looks.release()

    def forget(self, claim: Claim) -> None:
        self._fail()
        super().forget(claim)

    def _fail(self) -> None:
        for failure in self.failures:
            raise failure
