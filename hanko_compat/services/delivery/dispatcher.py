"""Takes deliveries out of the queue within the limits of channels, tries them, and stores the outcome."""

import heapq
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from threading import Lock
from uuid import UUID

from hanko_compat.services.delivery.carriers import Attempt, Carrier, Outcome
from hanko_compat.services.delivery.queue import Channel, Claim, DeliveryQueue, Vacancy
from hanko_compat.services.delivery.recipients import Openings, Recipients, UnderWay

LONGEST_BATCH = 3.0
"""Seconds after which a thread begins no further delivery of a claim: the lease has to outlast the last."""


class Dispatcher:
    """Does the deliveries of one process. Threads share it."""

    def __init__(
        self,
        queue: DeliveryQueue,
        carriers: Sequence[Carrier],
        *,
        longest_batch: float = LONGEST_BATCH,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """*carriers* deliver their channels; other channels are left to other processes.

        *monotonic* measures how long attempts take and how long who fails rests.
        """
        self._queue = queue
        self._carriers = {carrier.channel: carrier for carrier in carriers}
        self._longest_batch = longest_batch
        self._monotonic = monotonic
        self._recipients = {
            carrier.channel: Recipients(carrier.limits, carrier.limits.threads, monotonic)
            for carrier in carriers
        }
        self._lock = Lock()
        self._under_way: dict[UUID, UnderWay] = {}
        self._delivered: set[UUID] = set()
        self._retries: list[float] = []  # a heap of moments, by `time.monotonic`

    @property
    def carriers(self) -> Collection[Carrier]:
        """What it delivers with."""
        return self._carriers.values()

    @property
    def threads(self) -> int:
        """How many threads it takes to use all limits at once."""
        return sum(each.all_threads for each in self._recipients.values())

    @property
    def under_way(self) -> frozenset[Channel]:
        """The channels that something is being delivered through."""
        with self._lock:
            return frozenset(channel for channel, each in self._recipients.items() if each.are_served)

    @property
    def next_retry(self) -> float:
        """When something that this process has postponed may be due, by `time.monotonic`."""
        with self._lock:
            change = min((each.next_change for each in self._recipients.values()), default=float("inf"))
            return min([time.monotonic() + change, *self._retries[:1]])

    def name_of(self, claims: Sequence[Claim]) -> str:
        """What the log calls the delivery of *claims*, which are of one channel; without any, the look."""
        return self._carriers[claims[0].channel].name if claims else "look_for_deliveries"

    def limit(self, threads: Mapping[Channel, int]) -> None:
        """Change how many threads deliver a channel. Call it before the first of them starts."""
        for channel, recipients in self._recipients.items():
            recipients.threads = threads.get(channel, recipients.threads)

    def take(self) -> list[Claim]:
        """Claim something that is due and that this process may deliver now. Every claim goes to `deliver`.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        with self._lock:
            openings = {channel: each.openings() for channel, each in self._recipients.items()}
            self._forget_retries()
        vacancies = [self._vacancy(channel, each) for channel, each in openings.items() if each]
        claims = self._queue.claim(vacancies) if vacancies else []
        if claims:
            with self._lock:
                recipients = frozenset(claim.recipient for claim in claims)
                under_way = self._recipients[claims[0].channel].begin(recipients)
                self._under_way[claims[0].delivery_id] = under_way
        return claims

    def deliver(self, claims: Sequence[Claim], *, is_stopping: Callable[[], bool] = lambda: False) -> bool:
        """Deliver what was taken; what a slow peer leaves no time for is for any process to take.

        Returns whether `take` may find something now that it could not take before.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        until, waiting = time.monotonic() + self._longest_batch, list(claims)
        try:
            while waiting and not is_stopping() and time.monotonic() < until:
                self._deliver_one(waiting.pop())
        finally:
            try:
                for left in waiting:
                    self._queue.give_back(left)
            finally:
                was_closed = self._free(claims)
        # The next in its lane may go now.
        return was_closed or bool(waiting) or any(claim.lane for claim in claims)

    def rest(self, *, idle_for: float) -> None:
        """Close the connections that carried nothing for so many seconds."""
        for carrier in self._carriers.values():
            carrier.rest(idle_for=idle_for)

    def _vacancy(self, channel: Channel, openings: Openings) -> Vacancy:
        limits = self._carriers[channel].limits
        return Vacancy(channel, lease=limits.lease, most=limits.most, accepts=openings.accept)

    def _free(self, claims: Sequence[Claim]) -> bool:
        """Note that *claims* are done; whether they kept `take` from taking more."""
        recipients = self._recipients[claims[0].channel]
        with self._lock:
            before = recipients.openings()
            recipients.end(self._under_way.pop(claims[0].delivery_id))
        return before is None or not all(before.accept(claim.recipient) for claim in claims)

    def _deliver_one(self, claim: Claim) -> None:
        carrier = self._carriers[claim.channel]
        if claim.delivery_id in self._delivered:
            # Delivered before, but the database was away when that was to be stored.
            self._forget(claim)
        elif self._queue.is_expired(claim):
            self._drop(claim, carrier, Attempt(Outcome.EXPIRED, "too late"))
        else:
            started = self._monotonic()
            attempt = carrier.attempt(claim)
            seconds = self._monotonic() - started
            with self._lock:
                self._recipients[claim.channel].note(
                    claim.recipient, seconds=seconds, has_failed=attempt.outcome == Outcome.DELAYED
                )
            self._store(claim, carrier, attempt)

    def _store(self, claim: Claim, carrier: Carrier, attempt: Attempt) -> None:
        match attempt.outcome:
            case Outcome.SENT:
                self._delivered.add(claim.delivery_id)
                carrier.report(claim, attempt)
                self._forget(claim)
            case Outcome.DELAYED:
                self._delay(claim, carrier, attempt)
            case Outcome.OBSOLETE:
                self._forget(claim)
            case _:
                self._drop(claim, carrier, attempt)

    def _delay(self, claim: Claim, carrier: Carrier, attempt: Attempt) -> None:
        """Try again later, while that makes sense."""
        pause = carrier.backoff(claim)
        if pause is None or not self._queue.postpone(claim, pause):
            self._drop(claim, carrier, Attempt(Outcome.EXPIRED, attempt.reason))
            return
        with self._lock:
            heapq.heappush(self._retries, time.monotonic() + pause.total_seconds())
        carrier.report(claim, attempt)

    def _drop(self, claim: Claim, carrier: Carrier, attempt: Attempt) -> None:
        if carrier.limits.keeps:
            self._queue.bury(claim, attempt.reason)
        else:
            self._queue.give_up(claim)
        carrier.report(claim, attempt)

    def _forget(self, claim: Claim) -> None:
        self._queue.forget(claim)
        self._delivered.discard(claim.delivery_id)

    def _forget_retries(self) -> None:
        """Drop the moments that the next look at the queue covers."""
        now = time.monotonic()
        while self._retries and self._retries[0] <= now:
            heapq.heappop(self._retries)
