"""The threads: one looks, seldom; the others deliver; what this process wrote or postponed leaves on time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import repeat
from threading import Event, Semaphore
from threading import enumerate as enumerate_threads

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.services.delivery.carriers import Attempt, Limits, Outcome
from hanko_compat.services.delivery.dispatcher import Dispatcher
from hanko_compat.services.delivery.queue import Channel
from hanko_compat.services.delivery.threads import LONGEST_PAUSE, DeliveryThreads, LookPauses
from tests.receiver import PATIENCE, eventually
from tests.services.delivery.carrier import ScriptedCarrier
from tests.services.delivery.queues import WatchedQueue

LATER = Attempt(Outcome.DELAYED, "not now")
LEASE = timedelta(seconds=30)


@pytest.fixture
def queue(services) -> WatchedQueue:
    return WatchedQueue(services.database, now=utc_now)


@pytest.fixture
def put(services, queue) -> Callable[..., None]:
    def put_one(channel: Channel = Channel.MAIL) -> None:
        services.database.transaction(lambda: queue.put(channel, kind="text", payload="text"))

    return put_one


@pytest.fixture
def make(queue) -> Iterator[Callable[..., DeliveryThreads]]:
    """Threads that look once at the start, and then when they have a reason to."""
    running: list[DeliveryThreads] = []

    def make_threads(*carriers: ScriptedCarrier) -> DeliveryThreads:
        dispatcher = Dispatcher(queue, carriers)
        running.append(DeliveryThreads(dispatcher, jitter=lambda _low, _high: 10 * PATIENCE))
        return running[-1]

    yield make_threads
    assert all(threads.stop(patience=PATIENCE) for threads in running)


def test_pauses_grow_while_there_is_nothing() -> None:
    pauses = LookPauses(jitter=lambda _low, _high: 1.0)
    assert [pauses.next() for _ in range(5)] == [1, 2, 4, 5, 5]
    pauses.begin_again()
    assert pauses.next() == 1


def test_a_process_that_writes_nothing_itself_keeps_looking() -> None:
    pauses = LookPauses(longest=1.0, jitter=lambda _low, _high: 1.0)
    assert [pauses.next() for _ in range(5)] == [1] * 5


def test_two_idle_processes_ask_less_than_once_a_second() -> None:
    seldom = 2 / (LONGEST_PAUSE * 0.8)
    pauses = LookPauses()
    drawn = [pauses.next() for _ in range(50)][3:]
    assert len(set(drawn)) > 1
    assert 2 / min(drawn) <= seldom < 1


def test_what_is_written_here_leaves_at_once(make, put, queue) -> None:
    carrier = ScriptedCarrier(Channel.MAIL)
    threads = make(carrier)
    threads.start()
    assert queue.looks.acquire(timeout=PATIENCE)
    put()
    threads.wake()
    assert carrier.has_sent.wait(PATIENCE)


def test_what_failed_here_is_tried_again_on_time(make, put) -> None:
    carrier = ScriptedCarrier(
        Channel.MAIL, outcomes=[LATER, LATER], backoff=lambda _: timedelta(milliseconds=200)
    )
    put()
    make(carrier).start()
    assert carrier.has_sent.wait(PATIENCE)
    assert [claim.failures for claim in carrier.tried] == [0, 1, 2]


def test_a_channel_that_was_full_goes_on_as_soon_as_it_is_not(make, put) -> None:
    """No other channel has anything to do that would lead to a look."""
    held, release = Event(), Event()

    def hold() -> None:
        held.set()
        release.wait(PATIENCE)

    mail, webhook = ScriptedCarrier(Channel.MAIL, when=hold), ScriptedCarrier(Channel.WEBHOOK)
    threads = make(mail, webhook)
    for _ in range(3):
        put()
    threads.start()
    assert held.wait(PATIENCE)
    assert threads.under_way == {Channel.MAIL}
    release.set()
    eventually(lambda: len(mail.tried) == 3)


def test_what_a_thread_gives_back_is_taken_at_once(put, queue) -> None:
    """The first of its claims takes long, and meanwhile the other thread has nothing left to do."""
    is_first = Semaphore(1)

    def be_slow_once() -> None:
        if is_first.acquire(blocking=False):
            eventually(lambda: len(carrier.tried) == 1 + 6)
            carrier.rests.clear()
            eventually(lambda: bool(carrier.rests))  # it waits

    carrier = ScriptedCarrier(Channel.MAIL, when=be_slow_once, limits=Limits(threads=2, lease=LEASE, most=10))
    dispatcher = Dispatcher(queue, [carrier], longest_batch=0.01)
    threads = DeliveryThreads(dispatcher, jitter=lambda _low, _high: 10 * PATIENCE)
    for _ in range(8):
        put()
    threads.start()
    eventually(lambda: len(carrier.tried) == 8)
    assert threads.stop(patience=PATIENCE)


def test_channels_do_not_wait_for_each_other(make, put) -> None:
    release = Event()
    slow = ScriptedCarrier(
        Channel.MAIL, when=lambda: release.wait(PATIENCE), limits=Limits(threads=2, lease=LEASE)
    )
    fast = ScriptedCarrier(Channel.WEBHOOK)
    threads = make(slow, fast)
    for _ in range(40):
        put()
    threads.start()
    eventually(lambda: len(slow.tried) == 2)
    put(Channel.WEBHOOK)
    threads.wake()
    assert fast.has_sent.wait(PATIENCE)
    assert len(slow.tried) == 2
    release.set()


def test_an_error_of_ours_ends_no_thread(make, put, queue, caplog) -> None:
    carrier = ScriptedCarrier(Channel.MAIL, outcomes=[RuntimeError("the cause")])
    threads = DeliveryThreads(Dispatcher(queue, [carrier]), pause_without_database=0.01)
    threads.start()
    put()
    eventually(lambda: len(carrier.tried) == 1)
    put()
    threads.wake()
    assert carrier.has_sent.wait(PATIENCE)
    assert threads.stop(patience=PATIENCE)
    assert [record.message for record in caplog.records if record.exc_info] == ["test_delivery_failed"]


def test_a_look_that_fails_ends_no_thread(put, queue, caplog) -> None:
    queue.failures = repeat(RuntimeError("the cause"), 2)
    carrier = ScriptedCarrier(Channel.MAIL)
    threads = DeliveryThreads(Dispatcher(queue, [carrier]), pause_without_database=0.01)
    put()
    threads.start()
    assert carrier.has_sent.wait(PATIENCE)
    assert threads.stop(patience=PATIENCE)
    failed = [record.message for record in caplog.records if record.exc_info]
    assert failed == ["look_for_deliveries_failed"] * 2


def test_a_thread_is_started_when_all_others_deliver(make, put) -> None:
    release = Event()
    carrier = ScriptedCarrier(
        Channel.MAIL, when=lambda: release.wait(PATIENCE), limits=Limits(threads=3, lease=LEASE)
    )
    threads = make(carrier)
    threads.start()
    running = [number_of_threads()]
    for number in range(1, 4):
        put()
        threads.wake()
        eventually(lambda number=number: len(carrier.tried) == number)
        running.append(number_of_threads())
    release.set()
    assert running == [1, 2, 3, 3]


def number_of_threads() -> int:
    return sum(thread.name.startswith("delivery-") for thread in enumerate_threads())
