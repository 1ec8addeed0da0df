"""A carrier that does as a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

from hanko_compat.services.delivery.backoff import Backoff
from hanko_compat.services.delivery.carriers import Attempt, Limits, Outcome
from hanko_compat.services.delivery.queue import Channel, Claim

SENT = Attempt(Outcome.SENT)
ONE_THREAD = Limits(threads=1, lease=timedelta(seconds=30))


@dataclass
class ScriptedCarrier:
    """Delivers nothing; ``outcomes`` are those of its first attempts, all others succeed."""

    channel: Channel
    limits: Limits = ONE_THREAD
    backoff: Backoff = lambda _claim: timedelta(seconds=10)
    name: str = "test_delivery"
    queue: str = "test"
    outcomes: list[Attempt | Exception] = field(default_factory=list)
    when: Callable[[], object] = lambda: None  # called in each attempt
    tried: list[Claim] = field(default_factory=list)
    reported: list[Attempt] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    has_sent: Event = field(default_factory=Event)

    def attempt(self, claim: Claim) -> Attempt:
        self.tried.append(claim)
        self.when()
        outcome = self.outcomes.pop(0) if self.outcomes else SENT
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def report(self, _claim: Claim, attempt: Attempt) -> None:
        self.reported.append(attempt)
        if attempt.outcome == Outcome.SENT:
            self.has_sent.set()

    def rest(self, *, idle_for: float) -> None:
        self.rests.append(idle_for)
