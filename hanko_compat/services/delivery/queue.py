"""The queue: a delivery is written in the transaction that causes it, and made after it, at least once.

A row is claimed for a while (a lease) by one process of all. When that process dies, the lease ends and
another process delivers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from random import SystemRandom
from uuid import UUID, uuid4

from hanko_compat.clock import Clock
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.storage.delivery import lanes
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Delivery

CANDIDATES = 40
"""How many due deliveries of a channel are read to find some that no other process claims."""
SHARES = 4
"""One claim takes this part of what it saw, so that something is left for the others."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_random = SystemRandom()


class Channel(StrEnum):
    """The way that a delivery goes."""

    MAIL = "mail"
    SMS = "sms"
    WEBHOOK = "webhook"
    HOOK = "hook"


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that no other process makes at present."""

    delivery_id: UUID
    channel: Channel
    kind: str
    recipient: str
    payload: str
    attempts: int  # this one included
    failures: int
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Vacancy:
    """What a process could deliver now: up to *most* of a channel at once, and none to *busy* recipients."""

    channel: Channel
    lease: timedelta  # longer than the deliveries of one claim take
    most: int = 1
    busy: Sequence[str] = ()


class DeliveryQueue:
    """Puts deliveries in and hands them out. Threads may share it."""

    def __init__(self, database: Database, *, now: Clock) -> None:
        self._database = database
        self._now = now
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call *listener* whenever `wake` is called."""
        self._listeners.append(listener)

    def wake(self) -> None:
        """Have what was put in delivered at once, by this process. Call it after the commit."""
        for listener in self._listeners:
            listener()

    def put(
        self,
        channel: Channel,
        *,
        kind: str,
        payload: str,
        recipient: str = "",
        lane: str = "",
        expires_at: datetime | None = None,
    ) -> None:
        """Write a delivery. Call it in the transaction that causes it.

        *kind* is what it is about, for log lines and metrics; *recipient* is set where the channel limits
        what each one gets. It waits for what was put in the same *lane* before; in the lane "" nothing waits.
        After *expires_at* the delivery is of no use.
        """
        now = self._now()
        rows.create(
            delivery_id=uuid4(),
            channel=channel,
            kind=kind,
            recipient=recipient,
            lane=lane,
            turn=_turn(now, after=lanes.last_turn(lane)) if lane else 0,
            payload=payload,
            expires_at=expires_at,
            now=now,
        )

    def claim(self, vacancies: Sequence[Vacancy]) -> list[Claim]:
        """Take a delivery of one channel that is due; more where many are; none when none is.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        with self._database.connection():
            due = rows.list_due(
                at=self._now(),
                limit=CANDIDATES,
                channels={vacancy.channel: vacancy.busy for vacancy in vacancies},
            )
            # A channel with a long queue does not come before the others.
            for vacancy in _random.sample(vacancies, len(vacancies)):
                taken = self._take([row for row in due if row.channel == vacancy.channel], vacancy)
                if taken:
                    return [_claimed(row) for row in taken]
        return []

    def forget(self, claim: Claim) -> None:
        """Delete what was delivered, whoever has claimed it meanwhile."""
        with self._database.connection():
            rows.delete(claim.delivery_id)

    def give_up(self, claim: Claim) -> None:
        """Delete what can't be delivered, unless another process has claimed it meanwhile."""
        with self._database.connection():
            rows.give_up(claim.delivery_id, attempts=claim.attempts)

    def give_back(self, claim: Claim) -> None:
        """Let any process take a delivery that this one has not tried."""
        with self._database.connection():
            rows.give_back(claim.delivery_id, attempts=claim.attempts, now=self._now())

    def postpone(self, claim: Claim, pause: timedelta) -> bool:
        """Note that an attempt failed, and wait; False when the delivery would be of no use after *pause*."""
        until = self._now() + pause
        if claim.expires_at is not None and until >= claim.expires_at:
            return False
        with self._database.connection():
            rows.postpone(claim.delivery_id, attempts=claim.attempts, until=until)
        return True

    def is_expired(self, claim: Claim) -> bool:
        """Whether the delivery is of no use any more."""
        return claim.expires_at is not None and claim.expires_at <= self._now()

    def _take(self, due: Sequence[Delivery], vacancy: Vacancy) -> list[Delivery]:
        shuffled = _random.sample(due, len(due))  # not all processes try the same ones first
        wanted = min(vacancy.most, max(1, len(due) // SHARES))
        if wanted == 1:
            return list(islice(self._won(shuffled, lease=vacancy.lease), 1))
        # All lock in the same order, so that no two wait for each other.
        chosen = sorted(shuffled[:wanted], key=lambda row: row.id)
        return self._database.transaction(lambda: list(self._won(chosen, lease=vacancy.lease)))

    def _won(self, due: Sequence[Delivery], *, lease: timedelta) -> Iterator[Delivery]:
        for row in due:
            if rows.claim(row.id, attempts=row.attempts, until=self._now() + lease):
                yield row


def _turn(now: datetime, *, after: int) -> int:
    """The place in a lane: its time in microseconds, which not every database keeps in a time.

    Beyond that of what waits already, as the clocks of two hosts differ.
    """
    return max((now - EPOCH) // timedelta(microseconds=1), after + 1)


def _claimed(row: Delivery) -> Claim:
    return Claim(
        delivery_id=row.id,
        channel=Channel(row.channel),
        kind=row.kind,
        recipient=row.recipient,
        payload=row.payload,
        attempts=row.attempts + 1,
        failures=row.failures,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
