"""What one process takes and tries, and what is stored of the outcome."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from hanko_compat.services.delivery.carriers import Attempt, Limits, Outcome
from hanko_compat.services.delivery.dispatcher import Dispatcher
from hanko_compat.services.delivery.queue import Channel, DeliveryQueue
from hanko_compat.storage.models import DeadLetter, Delivery
from tests.services.delivery.carrier import SENT, ScriptedCarrier

LEASE = timedelta(seconds=30)
LATER = Attempt(Outcome.DELAYED, "not now")


@pytest.fixture
def queue(services, clock) -> DeliveryQueue:
    return DeliveryQueue(services.database, now=clock)


@pytest.fixture
def put(services, queue) -> Callable[..., None]:
    def put_one(channel: Channel = Channel.MAIL, recipient: str = "", **changes) -> None:
        services.database.transaction(
            lambda: queue.put(channel, kind="text", payload="text", recipient=recipient, **changes)
        )

    return put_one


@pytest.fixture
def waiting(services) -> Callable[[], list[tuple[int, int]]]:
    """Attempts and failures of what waits."""

    def read() -> list[tuple[int, int]]:
        with services.database.connection():
            return [(row.attempts, row.failures) for row in Delivery.select()]

    return read


def one(channel: Channel = Channel.MAIL, *outcomes, **settings) -> ScriptedCarrier:
    return ScriptedCarrier(channel, outcomes=list(outcomes), **settings)


def test_a_channel_without_a_free_thread_waits_and_the_others_do_not(queue, put) -> None:
    mail, webhook = one(limits=Limits(threads=2, lease=LEASE)), one(Channel.WEBHOOK)
    dispatcher = Dispatcher(queue, [mail, webhook])
    assert dispatcher.threads == 3
    for _ in range(3):
        put()
        put(Channel.WEBHOOK, "a")
    taken = [dispatcher.take() for _ in range(5)]
    assert sorted(claims[0].channel for claims in taken if claims) == ["mail", "mail", "webhook"]
    assert dispatcher.under_way == {Channel.MAIL, Channel.WEBHOOK}
    (mails, *_) = [claims for claims in taken if claims and claims[0].channel == Channel.MAIL]
    assert dispatcher.deliver(mails)
    assert dispatcher.take()[0].channel == Channel.MAIL
    assert dispatcher.take() == []


def test_a_channel_that_nobody_carries_is_left_alone(queue, put, waiting) -> None:
    dispatcher = Dispatcher(queue, [one(Channel.WEBHOOK)])
    put()
    assert dispatcher.take() == []
    assert waiting() == [(0, 0)]


def test_threads_can_be_changed(queue) -> None:
    dispatcher = Dispatcher(queue, [one(), one(Channel.WEBHOOK)])
    dispatcher.limit({Channel.MAIL: 5, Channel.SMS: 5})
    assert dispatcher.threads == 6


def test_a_recipient_keeps_no_more_threads_busy_than_it_may(queue, put) -> None:
    limits = Limits(threads=4, lease=LEASE, for_recipient=2)
    dispatcher = Dispatcher(queue, [one(Channel.WEBHOOK, limits=limits)])
    put(Channel.WEBHOOK, "quick")
    dispatcher.deliver(dispatcher.take())
    for _ in range(4):
        put(Channel.WEBHOOK, "quick")
        put(Channel.WEBHOOK, "new")
    taken = [claims for _ in range(5) if (claims := dispatcher.take())]
    assert sorted(claims[0].recipient for claims in taken) == ["new", "quick", "quick"]
    (quick, *_) = [claims for claims in taken if claims[0].recipient == "quick"]
    assert dispatcher.deliver(quick)
    assert dispatcher.take()[0].recipient == "quick"


class Stopwatch:
    """Time that only the attempts of a test take."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def take(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


PATIENT = Limits(threads=2, lease=LEASE, for_recipient=1, patience=1, slow_threads=2)


def test_who_hangs_leaves_the_threads_to_others_after_a_while(queue, put, stopwatch) -> None:
    dispatcher = Dispatcher(queue, [one(Channel.WEBHOOK, limits=PATIENT)], monotonic=stopwatch)
    assert dispatcher.threads == 4
    for name in "abcde":
        put(Channel.WEBHOOK, name)
    taken = [dispatcher.take() for _ in range(3)]
    assert [len(claims) for claims in taken] == [1, 1, 0]
    assert 0.9 < dispatcher.next_retry - time.monotonic() <= 1
    stopwatch.take(1)
    taken = [dispatcher.take() for _ in range(3)]
    assert [len(claims) for claims in taken] == [1, 1, 0]
    stopwatch.take(1)
    assert dispatcher.take() == []  # there are no more threads than four


def test_who_was_slow_has_threads_of_its_own(queue, put, stopwatch) -> None:
    """However many they are, a quick one gets its events."""
    carrier = one(Channel.WEBHOOK, limits=PATIENT, when=lambda: stopwatch.take(1.5))
    dispatcher = Dispatcher(queue, [carrier], monotonic=stopwatch)
    for name in "abcdef":
        put(Channel.WEBHOOK, name)
        dispatcher.deliver(dispatcher.take())
    for name in "abcdef":
        put(Channel.WEBHOOK, name)
    slow = [dispatcher.take() for _ in range(3)]
    assert [len(claims) for claims in slow] == [1, 1, 0]
    for name in "xyz":
        put(Channel.WEBHOOK, name)
    quick = [dispatcher.take() for _ in range(3)]
    assert {claims[0].recipient for claims in quick if claims} < set("xyz")
    assert [len(claims) for claims in quick] == [1, 1, 0]
    carrier.when = lambda: None
    dispatcher.deliver(slow[0])
    put(Channel.WEBHOOK, slow[0][0].recipient)
    assert dispatcher.take()[0].recipient not in "xyz"


def test_who_fails_rests_longer_each_time(queue, put, stopwatch) -> None:
    limits = Limits(threads=1, lease=LEASE, for_recipient=1, longest_rest=5)
    carrier = one(Channel.WEBHOOK, *[LATER] * 5, limits=limits)
    dispatcher = Dispatcher(queue, [carrier], monotonic=stopwatch)
    for _ in range(8):
        put(Channel.WEBHOOK, "down")
    rests = []
    while len(carrier.tried) < 6:
        before = stopwatch.seconds
        while not (claims := dispatcher.take()):
            stopwatch.take(0.5)
        rests.append(stopwatch.seconds - before)
        dispatcher.deliver(claims)
    assert rests == [0, 1, 2, 4, 5, 5]
    put(Channel.WEBHOOK, "other")
    assert [len(dispatcher.take()) for _ in range(1)] == [1]


def test_what_is_given_up_is_kept_where_the_channel_says_so(queue, put, waiting, services) -> None:
    limits = Limits(threads=1, lease=LEASE, keeps=True)
    dispatcher = Dispatcher(queue, [one(Channel.WEBHOOK, Attempt(Outcome.REFUSED, "never"), limits=limits)])
    put(Channel.WEBHOOK, "a")
    dispatcher.deliver(dispatcher.take())
    assert waiting() == []
    with services.database.connection():
        (letter,) = DeadLetter.select()
    assert (letter.recipient, letter.reason, letter.attempts) == ("a", "never", 1)


@pytest.mark.parametrize(
    ("attempt", "reported", "left"),
    [
        (SENT, [SENT], []),
        (LATER, [LATER], [(1, 1)]),
        (Attempt(Outcome.REFUSED, "never"), [Attempt(Outcome.REFUSED, "never")], []),
        (Attempt(Outcome.OBSOLETE), [], []),
    ],
)
def test_an_outcome_is_stored_and_reported(queue, put, waiting, attempt, reported, left) -> None:
    carrier = one(Channel.MAIL, attempt)
    dispatcher = Dispatcher(queue, [carrier])
    put()
    dispatcher.deliver(dispatcher.take())
    assert (carrier.reported, waiting()) == (reported, left)


def test_the_last_attempt_that_fails_is_the_end(queue, put, waiting) -> None:
    carrier = one(Channel.MAIL, LATER, backoff=lambda _: None)
    dispatcher = Dispatcher(queue, [carrier])
    put()
    dispatcher.deliver(dispatcher.take())
    assert (carrier.reported, waiting()) == ([Attempt(Outcome.EXPIRED, "not now")], [])


def test_what_would_be_tried_too_late_is_given_up_now(queue, put, waiting, clock) -> None:
    carrier = one(Channel.MAIL, LATER, backoff=lambda _: timedelta(minutes=5))
    dispatcher = Dispatcher(queue, [carrier])
    put(expires_at=clock() + timedelta(minutes=5))
    dispatcher.deliver(dispatcher.take())
    assert (carrier.reported, waiting()) == ([Attempt(Outcome.EXPIRED, "not now")], [])


def test_what_is_of_no_use_any_more_is_not_tried(queue, put, waiting, clock) -> None:
    carrier = one()
    dispatcher = Dispatcher(queue, [carrier])
    put(expires_at=clock() + timedelta(minutes=5))
    clock.advance(minutes=5)
    dispatcher.deliver(dispatcher.take())
    assert (carrier.tried, carrier.reported, waiting()) == ([], [Attempt(Outcome.EXPIRED, "too late")], [])


def test_an_error_of_ours_frees_the_thread_and_keeps_the_delivery(queue, put, waiting, clock) -> None:
    carrier = one(Channel.MAIL, RuntimeError("the cause"))
    dispatcher = Dispatcher(queue, [carrier])
    put()
    with pytest.raises(RuntimeError):
        dispatcher.deliver(dispatcher.take())
    assert (dispatcher.under_way, waiting()) == (frozenset(), [(1, 0)])
    assert dispatcher.take() == []
    clock.advance(seconds=LEASE.total_seconds())
    dispatcher.deliver(dispatcher.take())
    assert (carrier.reported, waiting()) == ([SENT], [])


def test_it_knows_when_what_it_has_postponed_is_due(queue, put) -> None:
    """By a clock that nobody sets; the look that is then made covers it."""
    carrier = one(Channel.MAIL, LATER, LATER, backoff=lambda _: timedelta(milliseconds=1))
    dispatcher = Dispatcher(queue, [carrier])
    put()
    assert dispatcher.next_retry == float("inf")
    before = time.monotonic()
    dispatcher.deliver(dispatcher.take())
    assert before < dispatcher.next_retry < time.monotonic() + 0.001
    while dispatcher.next_retry > time.monotonic():
        pass
    dispatcher.take()
    assert dispatcher.next_retry == float("inf")


def test_it_rests_with_all_its_channels(queue) -> None:
    mail, webhook = one(), one(Channel.WEBHOOK)
    Dispatcher(queue, [mail, webhook]).rest(idle_for=3)
    assert (mail.rests, webhook.rests) == ([3], [3])
