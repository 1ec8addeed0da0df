"""Mails that wait: secret, taken by one, tried again with growing pauses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from hanko_compat.services.delivery import outbox as module
from hanko_compat.services.delivery.outbox import LEASE, SHARES, Claim, Letter, Outbox
from hanko_compat.storage import delivery as rows
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import OutboxMail
from tests.clock import FakeClock
from tests.settings import SECRET

LETTER = Letter("passcode", "alice@example.test", "de", {"code": "123456", "minutes": "5"})
LIFETIME = timedelta(minutes=5)
Maker = Callable[..., Outbox]


@pytest.fixture
def database(services) -> Database:
    return services.database


@pytest.fixture
def make_outbox(database: Database, clock: FakeClock) -> Maker:
    def make(*secrets: str, jitter: float = 1.0) -> Outbox:
        return Outbox(database, secrets=secrets or (SECRET,), now=clock, jitter=lambda _low, _high: jitter)

    return make


@pytest.fixture
def outbox(make_outbox: Maker) -> Outbox:
    return make_outbox()


@pytest.fixture
def put(database: Database, clock: FakeClock, outbox: Outbox) -> Callable[..., None]:
    def put_one(lifetime: timedelta = LIFETIME) -> None:
        database.transaction(lambda: outbox.put(LETTER, expires_at=clock() + lifetime))

    return put_one


def take(outbox: Outbox) -> Claim | None:
    """Claim where no more than one mail is due."""
    claims = outbox.claim()
    assert len(claims) <= 1
    return next(iter(claims), None)


def count(database: Database) -> int:
    with database.connection():
        return rows.count()


def test_what_is_put_in_comes_out(outbox, put, clock) -> None:
    put()
    claim = take(outbox)
    assert (claim.letter, claim.kind, claim.attempts) == (LETTER, "passcode", 1)
    assert claim.expires_at - claim.created_at == LIFETIME
    assert take(outbox) is None


def test_nothing_of_it_can_be_read_in_the_database(database, put) -> None:
    put()
    with database.connection():
        (row,) = OutboxMail.select(OutboxMail.id, OutboxMail.kind, OutboxMail.payload).tuples()
    assert not [word for word in ("123456", "alice", "example", "minutes") if word in str(row)]


def test_a_refused_transaction_leaves_no_mail(database, outbox, clock) -> None:
    def work() -> None:
        outbox.put(LETTER, expires_at=clock() + LIFETIME)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.transaction(work)
    assert count(database) == 0


def test_any_secret_may_decrypt(make_outbox, put) -> None:
    put()
    assert take(make_outbox("a new secret, 26 letters..", SECRET)).letter == LETTER


def test_a_mail_that_no_secret_decrypts_is_told_apart(make_outbox, put) -> None:
    put()
    claim = take(make_outbox("a new secret, 26 letters.."))
    assert (claim.letter, claim.kind) == (None, "passcode")


def test_the_lease_of_a_dead_process_ends(outbox, put, clock) -> None:
    put()
    take(outbox)
    clock.advance(seconds=LEASE.total_seconds() - 1.2)  # MySQL keeps whole seconds
    assert take(outbox) is None
    clock.advance(seconds=1.2)
    assert take(outbox).attempts == 2


def test_a_process_that_was_too_slow_changes_nothing(outbox, put, clock, database) -> None:
    put()
    slow = take(outbox)
    clock.advance(seconds=LEASE.total_seconds())
    take(outbox)
    assert outbox.postpone(slow)
    assert take(outbox) is None  # the lease of the second is still in force
    outbox.forget(slow)  # it was delivered after all
    assert count(database) == 0


def test_pauses_grow_until_the_mail_is_of_no_use(outbox, put, clock) -> None:
    put()
    started, waits = clock(), []
    while outbox.postpone(claim := take(outbox)):
        before = clock()
        while not is_due(outbox, clock):
            clock.advance(seconds=1)
        waits.append((clock() - before).total_seconds())
    assert waits[:6] == [1, 2, 4, 8, 16, 30]
    assert set(waits[6:]) == {30}
    assert timedelta(minutes=4) < clock() - started < LIFETIME
    assert not outbox.is_expired(claim)
    clock.advance(minutes=5)
    assert outbox.is_expired(claim)


def is_due(outbox: Outbox, clock: FakeClock) -> bool:
    with outbox._database.connection():
        return bool(rows.list_due(at=clock(), limit=1))


def test_mails_that_live_for_a_day_are_tried_every_quarter_of_an_hour_in_the_end(outbox, put, clock) -> None:
    put(timedelta(days=1))
    attempts = 0
    while outbox.postpone(take(outbox)):
        attempts += 1
        clock.advance(minutes=15, seconds=1)
    assert 90 < attempts < 110


@pytest.mark.parametrize("jitter", [1.0, 1.5])
def test_no_two_mails_are_tried_at_the_same_moment(make_outbox, put, clock, jitter) -> None:
    put()
    outbox = make_outbox(jitter=jitter)
    for _ in range(3):
        outbox.postpone(take(outbox))
        clock.advance(seconds=30)
    outbox.postpone(take(outbox))
    before = clock()
    while not is_due(outbox, clock):
        clock.advance(seconds=0.05)
    # MySQL keeps whole seconds, so a pause may seem to be up to one shorter.
    assert -1 <= (clock() - before).total_seconds() - 8 * jitter <= 0.1


def test_one_winner_among_racing_threads(database, outbox, put, monkeypatch) -> None:
    """All see the mail before anybody claims it."""
    put()
    gate, real = Barrier(4), rows.claim

    def claim_together(*arguments, **keywords):
        gate.wait(10)
        return real(*arguments, **keywords)

    monkeypatch.setattr(module.outbox, "claim", claim_together)
    with ThreadPoolExecutor(4) as pool:
        claims = list(pool.map(lambda _: take(outbox), range(4)))
    assert len([claim for claim in claims if claim]) == 1


def test_each_mail_is_handed_out_once(database, outbox, put) -> None:
    for _ in range(40):
        put()
    with ThreadPoolExecutor(8) as pool:
        claims = [claim for some in pool.map(lambda _: outbox.claim(), range(80)) for claim in some]
    ids = [claim.mail_id for claim in claims]
    assert len(ids) == len(set(ids))
    while some := outbox.claim():
        ids += [claim.mail_id for claim in some]
    assert len(ids) == len(set(ids)) == 40


def test_one_claim_takes_a_share_of_many(outbox, put) -> None:
    for _ in range(3 * SHARES):
        put()
    assert len(outbox.claim()) == 3
    assert len(outbox.claim()) == 2
    assert len({claim.mail_id for _ in range(10) for claim in outbox.claim()}) == 7


def test_a_mail_that_was_given_back_is_due_at_once(outbox, put) -> None:
    put()
    claim = take(outbox)
    assert take(outbox) is None
    outbox.give_back(claim)
    assert take(outbox).mail_id == claim.mail_id


def test_a_mail_that_somebody_else_has_by_now_can_not_be_given_back(outbox, put, clock) -> None:
    put()
    slow = take(outbox)
    clock.advance(seconds=LEASE.total_seconds())
    assert take(outbox) is not None
    outbox.give_back(slow)
    assert take(outbox) is None
