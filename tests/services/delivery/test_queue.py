"""Deliveries that wait: taken by one process, within the limits of channels, and again when it dies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from hanko_compat.services.delivery.queue import (
    CANDIDATES,
    PUT_OFF,
    SHARES,
    Channel,
    Claim,
    DeliveryQueue,
    Vacancy,
)
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.storage.engine.database import Database
from tests.clock import FakeClock

LEASE = timedelta(seconds=30)
MAIL = Vacancy(Channel.MAIL, lease=LEASE, most=CANDIDATES)
WEBHOOK = Vacancy(Channel.WEBHOOK, lease=2 * LEASE)
LIFETIME = timedelta(minutes=5)


@pytest.fixture
def database(services) -> Database:
    return services.database


@pytest.fixture
def queue(database: Database, clock: FakeClock) -> DeliveryQueue:
    return DeliveryQueue(database, now=clock)


@pytest.fixture
def put(database: Database, clock: FakeClock, queue: DeliveryQueue) -> Callable[..., None]:
    def put_one(channel: Channel = Channel.MAIL, *, recipient: str = "", lane: str = "") -> None:
        expires_at = clock() + LIFETIME
        database.transaction(
            lambda: queue.put(
                channel,
                kind="passcode",
                payload="a text",
                recipient=recipient,
                lane=lane,
                expires_at=expires_at,
            )
        )

    return put_one


def take(queue: DeliveryQueue, *vacancies: Vacancy) -> Claim | None:
    """Claim where no more than one delivery is due."""
    claims = queue.claim(vacancies or [MAIL])
    assert len(claims) <= 1
    return next(iter(claims), None)


def count(database: Database) -> int:
    with database.connection():
        return rows.count()


def test_what_is_put_in_comes_out(queue, put, clock) -> None:
    put()
    claim = take(queue)
    assert (claim.payload, claim.kind, claim.attempts, claim.failures) == ("a text", "passcode", 1, 0)
    assert (claim.channel, claim.recipient) == (Channel.MAIL, "")
    assert claim.expires_at - claim.created_at == LIFETIME
    assert take(queue) is None


def test_a_refused_transaction_leaves_nothing(database, queue, clock) -> None:
    def work() -> None:
        queue.put(Channel.MAIL, kind="passcode", payload="a text")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.transaction(work)
    assert count(database) == 0


def test_only_channels_with_a_vacancy_are_served(queue, put) -> None:
    put(Channel.WEBHOOK, recipient="one")
    put()
    assert take(queue, MAIL).channel == Channel.MAIL
    assert take(queue, MAIL) is None
    assert take(queue, MAIL, WEBHOOK).channel == Channel.WEBHOOK


def test_a_busy_recipient_gets_nothing_more(queue, put) -> None:
    put(Channel.WEBHOOK, recipient="one")
    busy = Vacancy(Channel.WEBHOOK, lease=LEASE, accepts=lambda recipient: recipient != "one")
    assert take(queue, busy, MAIL) is None
    put(Channel.WEBHOOK, recipient="two")
    assert take(queue, busy, MAIL).recipient == "two"
    assert take(queue, WEBHOOK).recipient == "one"


def test_a_long_queue_of_one_channel_leaves_room_for_the_other(queue, put) -> None:
    for _ in range(2 * CANDIDATES):
        put()
    put(Channel.WEBHOOK, recipient="one")
    taken = [queue.claim([Vacancy(Channel.MAIL, lease=LEASE), WEBHOOK])[0].channel for _ in range(64)]
    assert taken.count(Channel.WEBHOOK) == 1


def test_the_lease_of_a_dead_process_ends(queue, put, clock) -> None:
    put()
    take(queue)
    clock.advance(seconds=LEASE.total_seconds() - 1.2)  # MySQL keeps whole seconds
    assert take(queue) is None
    clock.advance(seconds=1.2)
    assert take(queue).attempts == 2


def test_a_process_that_was_too_slow_changes_nothing(queue, put, clock, database) -> None:
    put()
    slow = take(queue)
    clock.advance(seconds=LEASE.total_seconds())
    take(queue)
    assert queue.postpone(slow, timedelta(seconds=1))
    queue.give_up(slow)
    assert take(queue) is None  # the lease of the second is still in force
    assert count(database) == 1
    queue.forget(slow)  # it was delivered after all
    assert count(database) == 0


def test_what_is_postponed_waits_for_so_long(queue, put, clock) -> None:
    put()
    assert queue.postpone(take(queue), timedelta(seconds=10))
    clock.advance(seconds=8)  # MySQL keeps whole seconds
    assert take(queue) is None
    clock.advance(seconds=2)
    claim = take(queue)
    assert (claim.attempts, claim.failures) == (2, 1)


def test_nothing_is_postponed_beyond_its_use(queue, put, clock) -> None:
    put()
    claim = take(queue)
    assert not queue.postpone(claim, LIFETIME)
    assert not queue.is_expired(claim)
    clock.advance(seconds=LIFETIME.total_seconds())
    assert queue.is_expired(claim)


def test_what_never_expires_is_always_of_use(database, queue, clock) -> None:
    database.transaction(lambda: queue.put(Channel.MAIL, kind="passcode", payload="a text"))
    claim = take(queue)
    clock.advance(days=400)
    assert not queue.is_expired(claim)
    assert queue.postpone(claim, timedelta(days=1))


def test_one_winner_among_racing_threads(queue, put, monkeypatch) -> None:
    """All see the delivery before anybody claims it."""
    put()
    gate, real = Barrier(4), rows.claim

    def claim_together(*arguments, **keywords):
        gate.wait(10)
        return real(*arguments, **keywords)

    monkeypatch.setattr(rows, "claim", claim_together)
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda _: take(queue), range(4)))
    assert len([claim for claim in claims if claim]) == 1


def test_each_delivery_is_handed_out_once(queue, put) -> None:
    for _ in range(40):
        put()
    with ThreadPoolExecutor(8) as pool:
        claims = [claim for some in pool.map(lambda _: queue.claim([MAIL]), range(80)) for claim in some]
    ids = [claim.delivery_id for claim in claims]
    assert len(ids) == len(set(ids))
    while some := queue.claim([MAIL]):
        ids += [claim.delivery_id for claim in some]
    assert len(ids) == len(set(ids)) == 40


def test_one_claim_takes_a_share_of_many(queue, put) -> None:
    for _ in range(3 * SHARES):
        put()
    assert len(queue.claim([MAIL])) == 3
    assert len(queue.claim([MAIL])) == 2
    assert len({claim.delivery_id for _ in range(10) for claim in queue.claim([MAIL])}) == 7


def test_one_claim_takes_no_more_than_its_channel_allows(queue, put) -> None:
    for _ in range(4 * SHARES):
        put()
    assert len(queue.claim([Vacancy(Channel.MAIL, lease=LEASE, most=2)])) == 2
    assert len(queue.claim([Vacancy(Channel.MAIL, lease=LEASE)])) == 1


def test_what_was_given_back_is_due_at_once(queue, put) -> None:
    put()
    claim = take(queue)
    assert take(queue) is None
    queue.give_back(claim)
    again = take(queue)
    assert (again.delivery_id, again.failures) == (claim.delivery_id, 0)


def test_what_somebody_else_has_by_now_can_not_be_given_back(queue, put, clock) -> None:
    put()
    slow = take(queue)
    clock.advance(seconds=LEASE.total_seconds())
    assert take(queue) is not None
    queue.give_back(slow)
    assert take(queue) is None


def test_a_long_queue_of_one_recipient_hides_no_other(queue, put) -> None:
    """Also when the first ones get nothing at present, whoever they are."""
    for name in ("one", "two"):
        for _ in range(CANDIDATES + 2):
            put(Channel.WEBHOOK, recipient=name)
    for name in ("three", "a"):
        put(Channel.WEBHOOK, recipient=name)
    closed = Vacancy(Channel.WEBHOOK, lease=LEASE, accepts=lambda recipient: recipient not in {"one", "two"})
    assert {take(queue, closed).recipient for _ in range(2)} == {"three", "a"}
    assert take(queue, closed) is None
    assert take(queue, WEBHOOK).recipient in {"one", "two"}


def test_what_waits_in_a_lane_hides_nothing_behind_it(queue, put) -> None:
    for _ in range(3 * CANDIDATES):
        put(Channel.WEBHOOK, recipient="one", lane="one")
    first = take(queue, WEBHOOK)
    put(Channel.WEBHOOK, recipient="one", lane="another")
    assert take(queue, WEBHOOK).lane == "another"
    assert take(queue, WEBHOOK) is None
    queue.forget(first)
    assert take(queue, WEBHOOK).lane == "one"
    assert take(queue, WEBHOOK) is None


def test_the_next_in_a_lane_is_found_also_when_nobody_has_said_so(queue, put, clock, database) -> None:
    """Whoever ended the first one was killed right then."""
    for _ in range(2):
        put(Channel.WEBHOOK, recipient="one", lane="one")
    first = take(queue, WEBHOOK)
    assert take(queue, WEBHOOK) is None
    with database.connection():
        rows.delete(first.delivery_id)
    assert take(queue, WEBHOOK) is None
    clock.advance(seconds=PUT_OFF.total_seconds() + 2 * LEASE.total_seconds())
    assert take(queue, WEBHOOK) is not None
