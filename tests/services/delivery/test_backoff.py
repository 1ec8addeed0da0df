"""Pauses grow until a delivery is of no use, or are given one by one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from hanko_compat.services.delivery.backoff import Backoff, fixed_pauses, growing_pauses
from hanko_compat.services.delivery.letters import LIMITS
from hanko_compat.services.delivery.queue import Channel, Claim, DeliveryQueue, Vacancy
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.storage.engine.database import Database
from tests.clock import FakeClock

LIFETIME = timedelta(minutes=5)
EXACT: Backoff = growing_pauses(jitter=lambda _low, _high: 1.0)


@pytest.fixture
def database(services) -> Database:
    return services.database


@pytest.fixture
def queue(database: Database, clock: FakeClock) -> DeliveryQueue:
    return DeliveryQueue(database, now=clock)


@pytest.fixture
def put(database: Database, clock: FakeClock, queue: DeliveryQueue) -> Callable[..., None]:
    def put_one(lifetime: timedelta | None = LIFETIME) -> None:
        expires_at = lifetime and clock() + lifetime
        database.transaction(
            lambda: queue.put(Channel.MAIL, kind="passcode", payload="", expires_at=expires_at)
        )

    return put_one


def take(queue: DeliveryQueue) -> Claim:
    (claim,) = queue.claim([Vacancy(Channel.MAIL, lease=LIMITS.lease)])
    return claim


def is_due(database: Database, clock: FakeClock) -> bool:
    with database.connection():
        return bool(rows.list_due(at=clock(), limit=1, channels={"mail": ()}))


def test_pauses_grow_until_the_mail_is_of_no_use(database, queue, put, clock) -> None:
    put()
    started, waits = clock(), []
    while queue.postpone(claim := take(queue), EXACT(claim)):
        before = clock()
        while not is_due(database, clock):
            clock.advance(seconds=1)
        waits.append((clock() - before).total_seconds())
    assert waits[:6] == [1, 2, 4, 8, 16, 30]
    assert set(waits[6:]) == {30}
    assert timedelta(minutes=4) < clock() - started < LIFETIME
    assert not queue.is_expired(claim)
    clock.advance(minutes=5)
    assert queue.is_expired(claim)


def test_mails_that_live_for_a_day_are_tried_every_quarter_of_an_hour_in_the_end(queue, put, clock) -> None:
    put(timedelta(days=1))
    attempts = 0
    while queue.postpone(claim := take(queue), EXACT(claim)):
        attempts += 1
        clock.advance(minutes=15, seconds=1)
    assert 90 < attempts < 110


@pytest.mark.parametrize("jitter", [1.0, 1.5])
def test_no_two_mails_are_tried_at_the_same_moment(database, queue, put, clock, jitter) -> None:
    put()
    backoff = growing_pauses(jitter=lambda _low, _high: jitter)
    for _ in range(3):
        queue.postpone(claim := take(queue), backoff(claim))
        clock.advance(seconds=30)
    queue.postpone(claim := take(queue), backoff(claim))
    before = clock()
    while not is_due(database, clock):
        clock.advance(seconds=0.05)
    # MySQL keeps whole seconds, so a pause may seem to be up to one shorter.
    assert -1 <= (clock() - before).total_seconds() - 8 * jitter <= 0.1


def test_what_never_expires_is_tried_every_quarter_of_an_hour_in_the_end(queue, put, clock) -> None:
    put(None)
    for _ in range(40):
        queue.postpone(claim := take(queue), EXACT(claim))
        clock.advance(minutes=15, seconds=1)
    assert EXACT(take(queue)) == timedelta(minutes=15)


def test_fixed_pauses_end(queue, put, clock) -> None:
    pauses = [timedelta(seconds=10), timedelta(minutes=2)]
    backoff = fixed_pauses(pauses, jitter=lambda _low, _high: 1.0)
    put()
    for pause in pauses:
        claim = take(queue)
        assert backoff(claim) == pause
        queue.postpone(claim, pause)
        clock.advance(seconds=pause.total_seconds())
    assert backoff(take(queue)) is None


def test_fixed_pauses_are_about_as_long_as_they_say(queue, put) -> None:
    put()
    claim = take(queue)
    drawn = {fixed_pauses([timedelta(seconds=100)])(claim).total_seconds() for _ in range(50)}
    assert len(drawn) > 1
    assert 75 <= min(drawn) <= max(drawn) <= 125
