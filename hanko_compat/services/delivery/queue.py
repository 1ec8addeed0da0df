"""The queue: a delivery is written in the transaction that causes it, and made after it, at least once.

A row is claimed for a while (a lease) by one process of all. When that process dies, the lease ends and
another process delivers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import islice
from random import SystemRandom
from uuid import UUID, uuid4

from hanko_compat.clock import Clock
from hanko_compat.storage.delivery import dead_letters, lanes
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Delivery

CANDIDATES = 40
"""How many due deliveries of a channel are read to find some that no other process claims."""
RECIPIENTS = 50
"""How many recipients one look asks for, beyond the candidates."""
BATCH = 2000
"""How many rows one statement puts off, moves or deletes."""
PUT_OFF = timedelta(minutes=2)
"""When to look again at what waits for another delivery, should the process die that ends this one."""
AHEAD = timedelta(days=1)
"""How long before now urgent deliveries are due, and so before what has waited for less."""
SHARES = 4
"""One claim takes this part of what it saw, so that something is left for the others."""

MOST_COUNTED = 10_000
"""Deliveries of a channel that are counted; more are too many, whatever their number."""

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
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in a channel: how much, up to `MOST_COUNTED`, and for how long the oldest of it has."""

    length: int
    age: timedelta


@dataclass(frozen=True, slots=True)
class Vacancy:
    """What a process could deliver now: up to *most* of a channel at once, to recipients that it accepts."""

    channel: Channel
    lease: timedelta  # longer than the deliveries of one claim take
    most: int = 1
    accepts: Callable[[str], bool] = lambda _: True


class DeliveryQueue:
    """Puts deliveries in and hands them out. Threads may share it."""

    def __init__(self, database: Database, *, now: Clock) -> None:
        self._database = database
        self._now = now
        self._listeners: list[Callable[[], None]] = []
        self._last_recipient: dict[Channel, str] = {}

    def listen(self, listener: Callable[[], None]) -> None:
        """Call *listener* whenever `wake` is called."""
        self._listeners.append(listener)

    def wake(self) -> None:
        """Have what was put in delivered at once, by this process. Call it after the commit."""
        for listener in self._listeners:
            listener()

    def backlog(self, channel: Channel) -> Backlog:
        """What waits in a channel.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        with self._database.connection():
            length, oldest = rows.backlog(channel, at_most=MOST_COUNTED)
        age = timedelta(0) if oldest is None else max(timedelta(0), self._now() - oldest)
        return Backlog(length, age)

    def put(
        self,
        channel: Channel,
        *,
        kind: str,
        payload: str,
        recipient: str = "",
        lane: str = "",
        expires_at: datetime | None = None,
        is_urgent: bool = False,
    ) -> None:
        """Write a delivery. Call it in the transaction that causes it.

        *kind* is what it is about, for log lines and metrics; *recipient* is set where the channel limits
        what each one gets. It waits for what was put in the same *lane* before; in the lane "" nothing waits.
        After *expires_at* the delivery is of no use. What *is_urgent* is taken before all that waits in the
        channel.
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
            due_at=now - AHEAD if is_urgent else now,
            now=now,
        )

    def put_again(self, letter_id: UUID) -> bool:
        """Have a dead letter delivered again, at its former place in its lane, in a transaction.

        It keeps its ID, and counts as one that has failed before. False when there is none, or when it is of
        no use any more.
        """
        letter, now = dead_letters.find(letter_id), self._now()
        if letter is None or (letter.expires_at is not None and letter.expires_at <= now):
            return False
        if not dead_letters.delete(letter_id):
            return False
        rows.create(
            delivery_id=letter.id,
            channel=letter.channel,
            kind=letter.kind,
            recipient=letter.recipient,
            lane=letter.lane,
            turn=(letter.turn or _microseconds(letter.created_at)) if letter.lane else 0,
            payload=letter.payload,
            expires_at=letter.expires_at,
            now=now,
            failures=1,
        )
        return True

    def claim(self, vacancies: Sequence[Vacancy]) -> list[Claim]:
        """Take a delivery of one channel that is due; more where many are; none when none is.

        Raises:
            DatabaseUnavailable: the database does not answer.
        """
        with self._database.connection():
            channels = [vacancy.channel for vacancy in vacancies]
            due = rows.list_due(at=self._now(), limit=CANDIDATES, channels=channels)
            # A channel with a long queue does not come before the others.
            for vacancy in _random.sample(vacancies, len(vacancies)):
                found = [row for row in due if row.channel == vacancy.channel]
                taken = self._take(found, vacancy)
                if not taken and len(found) == CANDIDATES:
                    taken = self._take_behind(vacancy)
                if taken:
                    return [_claimed(row) for row in taken]
        return []

    def forget(self, claim: Claim) -> None:
        """Delete what was delivered, whoever has claimed it meanwhile."""
        with self._database.connection():
            rows.delete(claim.delivery_id)
            self._begin(claim.lane)

    def give_up(self, claim: Claim) -> None:
        """Delete what can't be delivered, unless another process has claimed it meanwhile."""
        with self._database.connection():
            rows.give_up(claim.delivery_id, attempts=claim.attempts)
            self._begin(claim.lane)

    def bury(self, claim: Claim, reason: str) -> None:
        """Keep what can't be delivered as a dead letter, unless another process has claimed it meanwhile."""

        def work() -> None:
            if rows.is_claimed(claim.delivery_id, attempts=claim.attempts):
                dead_letters.bury([claim.delivery_id], reason=reason, now=self._now())

        self._database.transaction(work)
        with self._database.connection():
            self._begin(claim.lane)

    def bury_all(
        self, channel: Channel, recipient: str, *, reason: str, created_before: datetime | None = None
    ) -> None:
        """Keep all that waits for a recipient as dead letters, but what is under way."""
        while self._database.transaction(lambda: self._bury_some(channel, recipient, reason, created_before)):
            pass

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

    def _take(self, found: Sequence[Delivery], vacancy: Vacancy) -> list[Delivery]:
        """Claim of what was found."""
        accepted = [row for row in found if vacancy.accepts(row.recipient)]
        due = [row for row in accepted if row.behind is None]
        if not due:
            # Not before: what is taken ends soon, and the next in its lane may go then.
            for lane in {row.lane for row in accepted}:
                self._put_off(lane)
            return []
        shuffled = _random.sample(due, len(due))  # not all processes try the same ones first
        wanted = min(vacancy.most, max(1, len(due) // SHARES))
        if wanted == 1:
            return list(islice(self._won(shuffled, lease=vacancy.lease), 1))
        # All lock in the same order, so that no two wait for each other.
        chosen = sorted(shuffled[:wanted], key=lambda row: row.id)
        return self._database.transaction(lambda: list(self._won(chosen, lease=vacancy.lease)))

    def _take_behind(self, vacancy: Vacancy) -> list[Delivery]:
        """Claim what many others hide whose recipients get nothing now, or that wait for each other."""
        for recipient in self._recipients(vacancy.channel):
            if vacancy.accepts(recipient):
                found = rows.list_due_to(recipient, channel=vacancy.channel, at=self._now(), limit=CANDIDATES)
                if taken := self._take(found, vacancy):
                    return taken
        return []

    def _recipients(self, channel: Channel) -> Iterator[str]:
        """Those for whom something waits, from behind the last one on, so that each comes first at times."""
        begin = recipient = self._last_recipient.get(channel, "")
        has_turned = False
        for _ in range(RECIPIENTS):
            recipient = rows.next_recipient(recipient, channel=channel) or ""
            if has_turned and (recipient > begin or not recipient):
                return
            has_turned = has_turned or not recipient
            self._last_recipient[channel] = recipient
            if recipient:
                yield recipient

    def _put_off(self, lane: str) -> None:
        """Have all of *lane* but the first row looked at later."""
        first, now = lanes.first(lane), self._now()
        if first is None:
            return
        head_due: datetime = first.next_attempt_at
        until = max(now + PUT_OFF, head_due)
        while later := lanes.list_due_behind(lane, turn=first.turn, at=now, limit=BATCH):
            self._database.write(partial(lanes.put_off, later, at=now, until=until))
        # The first may have gone meanwhile, and whoever removed it found the next one due.
        present = lanes.first(lane)
        if present is not None and present.id != first.id:
            self._begin(lane)

    def _begin(self, lane: str) -> None:
        """Have the first row of *lane* delivered now, where it waited for another one."""
        first = lanes.first(lane) if lane else None
        now = self._now()
        if first is not None and first.next_attempt_at > now:
            lanes.make_due(first.id, now=now)

    def _bury_some(
        self, channel: Channel, recipient: str, reason: str, created_before: datetime | None
    ) -> int:
        now = self._now()
        idle = dead_letters.list_idle(
            recipient, channel=channel, created_before=created_before or now, limit=BATCH
        )
        return dead_letters.bury(idle, reason=reason, now=now)

    def _won(self, due: Sequence[Delivery], *, lease: timedelta) -> Iterator[Delivery]:
        for row in due:
            if rows.claim(row.id, attempts=row.attempts, until=self._now() + lease):
                yield row


def _turn(now: datetime, *, after: int) -> int:
    """The place in a lane: its time in microseconds, which not every database keeps in a time.

    Beyond that of what waits already, as the clocks of two hosts differ.
    """
    return max(_microseconds(now), after + 1)


def _microseconds(moment: datetime) -> int:
    """What a place in a lane is counted in, since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)


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
        lane=row.lane,
    )
