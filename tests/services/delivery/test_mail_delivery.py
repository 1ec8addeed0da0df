"""Delivery: at once, at least once, again after failures; lost only when it is of no use any more."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from itertools import repeat
from pathlib import Path
from threading import Condition, Event
from typing import Any

import pytest

from hanko_compat import wiring
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.delivery import MailDelayed, MailFailed, MailRefused
from hanko_compat.mail.message import Mail
from hanko_compat.mail.render import Renderer
from hanko_compat.mail.sender import SmtpSender, SmtpServer
from hanko_compat.services.delivery import threads as module
from hanko_compat.services.delivery.backoff import growing_pauses
from hanko_compat.services.delivery.dispatcher import Dispatcher
from hanko_compat.services.delivery.letters import LIMITS, Letter, LetterCarrier, Letters
from hanko_compat.services.delivery.mail_delivery import MailDelivery
from hanko_compat.services.delivery.queue import SHARES, Channel
from hanko_compat.services.delivery.threads import DeliveryThreads
from hanko_compat.storage.delivery import deliveries as rows
from hanko_compat.wiring.mail import mail_renderer
from tests.clock import FakeClock
from tests.mail.downgrade import Downgrade
from tests.services.delivery.queues import WatchedQueue
from tests.settings import SECRET
from tests.smtp import MailServer, certificate_for, trusting

LETTER = Letter("passcode", "alice@example.test", "en", {"code": "123456", "minutes": "5"})
PATIENCE = 60  # seconds
ONE_THREAD = {Channel.MAIL: 1}


class Scripted:
    """A sender that fails as it is told to, then takes everything."""

    def __init__(self, *failures: MailFailed) -> None:
        self.failures = list(failures)
        self.tried: list[EmailMessage] = []
        self.sent: list[EmailMessage] = []
        self.arrived = Event()

    def send(self, mail: Mail) -> None:
        self.tried.append(mail.parsed())
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(mail.parsed())
        self.arrived.set()

    def rest(self, *, idle_for: float) -> None:
        pass


class Slow(Scripted):
    """A sender that begins, and goes on when it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.started, self.release = Event(), Event()

    def send(self, mail: Mail) -> None:
        self.started.set()
        self.release.wait(PATIENCE)
        super().send(mail)


class Delivering:
    """A delivery on the database of the test, with a sender of its own."""

    def __init__(self, services: wiring.Services, clock: FakeClock) -> None:
        self.services, self.clock = services, clock
        self.queue = WatchedQueue(services.database, now=clock)
        self.letters = Letters(self.queue, secrets=(SECRET,))
        self.counts: list[tuple[str, str]] = []
        self.running: list[DeliveryThreads] = []

    def by(
        self,
        sender,
        *,
        renderer: Renderer | None = None,
        letters: Letters | None = None,
        longest_batch: float = PATIENCE,
        **settings: Any,
    ) -> DeliveryThreads:
        mail = MailDelivery(
            renderer=renderer or mail_renderer(self.services.config),
            sender=sender,
            mail_from=Address("Service", addr_spec="noreply@example.test"),
        )
        carrier = LetterCarrier(
            Channel.MAIL,
            letters or self.letters,
            send=mail.send,
            rest=mail.rest,
            count=lambda kind, outcome: self.counts.append((kind, outcome)),
            backoff=growing_pauses(jitter=lambda _low, _high: 1.0),
        )
        dispatcher = Dispatcher(self.queue, [carrier], longest_batch=longest_batch)
        self.running.append(DeliveryThreads(dispatcher, **settings))
        return self.running[-1]

    def put(self, letter: Letter = LETTER, *, lifetime: timedelta = timedelta(minutes=5)) -> None:
        expires_at = self.clock() + lifetime
        self.services.database.transaction(
            lambda: self.letters.put(Channel.MAIL, letter, expires_at=expires_at)
        )

    def waiting(self) -> int:
        with self.services.database.connection():
            return rows.count()


@pytest.fixture
def delivering(services: wiring.Services, clock: FakeClock) -> Iterator[Delivering]:
    delivering = Delivering(services, clock)
    yield delivering
    for delivery in delivering.running:
        assert delivery.stop(patience=PATIENCE)


def eventually(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_delivered_mail_is_gone(delivering: Delivering) -> None:
    sender = Scripted()
    delivering.put()
    assert delivering.by(sender).deliver_due() == 1
    assert [message["To"] for message in sender.sent] == ["alice@example.test"]
    assert delivering.waiting() == 0
    assert delivering.counts == [("passcode", "sent")]


def test_a_mail_is_the_same_when_it_is_sent_again(delivering: Delivering, clock: FakeClock) -> None:
    """So that a reader who gets it twice sees one."""
    sender, written_at = Scripted(MailDelayed("timed out")), clock().replace(microsecond=0)
    delivering.put()
    delivering.put()
    delivery = delivering.by(sender)
    delivery.deliver_due()
    clock.advance(seconds=2)
    delivery.deliver_due()
    ids = [message["Message-ID"] for message in sender.tried]
    assert (len(ids), len(set(ids)), ids[2]) == (3, 2, ids[0])
    assert {message["Date"].datetime for message in sender.tried} == {written_at}


def test_a_delayed_mail_is_tried_until_it_arrives(delivering: Delivering, clock, caplog) -> None:
    sender = Scripted(MailDelayed("421 4.3.2"), MailDelayed("421 4.3.2"))
    delivering.put()
    delivery = delivering.by(sender)
    with caplog.at_level(logging.INFO):
        for pause in (0, 1, 2):
            clock.advance(seconds=pause)
            assert delivery.deliver_due() == 1
            assert delivery.deliver_due() == 0
    assert len(sender.sent) == 1
    assert delivering.counts == [("passcode", outcome) for outcome in ("delayed", "delayed", "sent")]
    assert [record.message for record in caplog.records] == ["mail_delayed", "mail_delayed", "mail_sent"]


def test_a_mail_waits_for_tls_where_it_is_demanded(delivering: Delivering, tmp_path: Path) -> None:
    """While somebody keeps the server's offer from us it stays in the queue; later it leaves encrypted."""
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(certificate_for("127.0.0.1"))
    with MailServer(tls="starttls", certificate=certificate) as server, Downgrade(server.port) as between:
        place = SmtpServer("127.0.0.1", between.port, requires_tls=True)
        delivery = delivering.by(SmtpSender(place, make_tls=trusting(certificate)))
        delivering.put()
        assert delivery.deliver_due() == 1
        assert (delivering.counts, delivering.waiting()) == ([("passcode", "delayed")], 1)
        assert server.attempts == 0

        between.is_on = False
        delivering.clock.advance(minutes=1)
        assert delivery.deliver_due() == 1
        (received,) = server.wait_for(1)
    assert (received.was_encrypted, delivering.waiting()) == (True, 0)
    assert LETTER.to.encode() not in between.seen


def test_a_mail_that_is_of_no_use_any_more_is_dropped_with_a_line(
    delivering: Delivering, clock, caplog
) -> None:
    sender = Scripted(*[MailDelayed("connection refused")] * 100)
    delivering.put()
    delivery = delivering.by(sender)
    while delivering.waiting():
        delivery.deliver_due()
        clock.advance(seconds=1)
    assert sender.sent == []
    assert delivering.counts[-1] == ("passcode", "expired")
    assert 12 < len(delivering.counts) < 20
    record = caplog.records[-1]
    assert (record.message, record.levelname, record.outcome) == ("mail_dropped", "ERROR", "expired")
    assert record.reason == "connection refused"


def test_a_mail_that_nobody_delivered_in_time_is_not_sent(delivering: Delivering, clock) -> None:
    sender = Scripted()
    delivering.put()
    clock.advance(minutes=5)
    delivering.by(sender).deliver_due()
    assert (sender.sent, delivering.waiting()) == ([], 0)
    assert delivering.counts == [("passcode", "expired")]


def test_a_final_refusal_is_not_tried_again(delivering: Delivering, caplog) -> None:
    sender = Scripted(MailRefused("550 5.1.1"))
    delivering.put()
    delivery = delivering.by(sender)
    assert (delivery.deliver_due(), delivery.deliver_due(), delivering.waiting()) == (1, 0, 0)
    assert delivering.counts == [("passcode", "refused")]
    (record,) = caplog.records
    assert (record.reason, record.to) == ("550 5.1.1", "ali**@example.test")


def test_no_line_tells_address_or_passcode(delivering: Delivering, clock, caplog) -> None:
    delivery = delivering.by(Scripted(MailDelayed("421"), MailRefused("550")))
    with caplog.at_level(logging.DEBUG):
        delivering.put()
        delivery.deliver_due()
        clock.advance(seconds=1)
        delivery.deliver_due()
        delivering.put()
        delivery.deliver_due()
    ours = [vars(record) for record in caplog.records if record.name.startswith("hanko_compat")]
    assert len(ours) == 3
    assert "123456" not in str([fields | {"created": 0, "msecs": 0, "relativeCreated": 0} for fields in ours])
    assert "alice" not in str(ours)


def test_a_mail_that_no_secret_decrypts_waits_for_one(delivering: Delivering, clock) -> None:
    sender = Scripted()
    stranger = Letters(delivering.queue, secrets=("another secret, 26 letters",))
    delivering.put()
    delivering.by(sender, letters=stranger).deliver_due()
    assert sender.sent == []
    clock.advance(seconds=2)
    delivering.by(sender).deliver_due()
    assert len(sender.sent) == 1


def test_a_broken_template_delays(delivering: Delivering, tmp_path, clock) -> None:
    (tmp_path / "passcode.txt").write_text("{{ nothing }}")
    sender = Scripted()
    delivering.put()
    delivering.by(sender, renderer=Renderer(service="S", templates=tmp_path)).deliver_due()
    assert (sender.sent, delivering.waiting()) == ([], 1)
    clock.advance(seconds=2)
    delivering.by(sender).deliver_due()
    assert len(sender.sent) == 1


def test_an_address_that_a_header_could_not_take_is_refused(delivering: Delivering) -> None:
    sender = Scripted()
    delivering.put(Letter("passcode", "a@b.test\r\nBcc: c@d.test", "en", LETTER.values))
    delivering.by(sender).deliver_due()
    assert (sender.sent, delivering.counts) == ([], [("passcode", "refused")])


def test_a_mail_delivered_while_the_database_went_away_is_not_sent_twice(
    delivering: Delivering, clock
) -> None:
    class CutOff(Scripted):
        def send(self, mail: Mail) -> None:
            super().send(mail)
            delivering.queue.failures = iter([DatabaseUnavailable()])

    sender = CutOff()
    delivering.put()
    delivery = delivering.by(sender)
    with pytest.raises(DatabaseUnavailable):
        delivery.deliver_due()
    clock.advance(seconds=LIMITS.lease.total_seconds())
    delivery.deliver_due()
    assert (len(sender.sent), delivering.waiting()) == (1, 0)


def test_threads_deliver_at_once_when_they_are_woken(delivering: Delivering) -> None:
    sender = Scripted()
    delivery = delivering.by(sender, jitter=lambda _low, _high: 2 * PATIENCE)
    delivery.start()
    delivering.put()
    delivery.wake()
    assert sender.arrived.wait(PATIENCE)
    eventually(lambda: delivering.waiting() == 0)


def test_threads_find_what_other_processes_left_in_a_few_seconds(delivering: Delivering) -> None:
    assert module.LONGEST_PAUSE <= 5
    sender = Scripted()
    delivering.by(sender).start()
    delivering.put()
    assert sender.arrived.wait(PATIENCE)


def test_a_slow_mail_does_not_hold_the_others(delivering: Delivering) -> None:
    release, started = Event(), Event()

    class SlowOnce(Scripted):
        def send(self, mail: Mail) -> None:
            if not started.is_set():
                started.set()
                release.wait(PATIENCE)
            super().send(mail)

    sender = SlowOnce()
    delivery = delivering.by(sender)
    delivery.start(threads={Channel.MAIL: 2})
    for _ in range(5):
        delivering.put()
    delivery.wake()
    assert started.wait(PATIENCE)
    eventually(lambda: len(sender.sent) == 4)
    release.set()
    eventually(lambda: len(sender.sent) == 5)


def test_no_more_mails_are_under_way_than_there_are_threads(delivering: Delivering) -> None:
    changed, under_way, most = Condition(), [0], [0]

    class Counting(Scripted):
        def send(self, mail: Mail) -> None:
            with changed:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
                changed.notify_all()
                changed.wait_for(lambda: most[0] >= 3, PATIENCE)
            super().send(mail)
            with changed:
                under_way[0] -= 1

    sender = Counting()
    for _ in range(20):
        delivering.put()
    delivering.by(sender).start(threads={Channel.MAIL: 3})
    eventually(lambda: len(sender.sent) == 20)
    assert most[0] == 3


def test_each_mail_is_sent_once_by_many_deliveries(delivering: Delivering) -> None:
    sender = Scripted()
    for _ in range(30):
        delivering.put()
    for _ in range(4):
        delivering.by(sender).start(threads={Channel.MAIL: 2})
    eventually(lambda: delivering.waiting() == 0)
    assert len({message["Message-ID"] for message in sender.sent}) == len(sender.sent) == 30


def test_threads_outlive_a_lost_database_and_say_so_once(delivering: Delivering, caplog) -> None:
    queue, sender = delivering.queue, Scripted()
    queue.failures = repeat(DatabaseUnavailable())
    with caplog.at_level(logging.INFO):
        delivering.by(sender, pause_without_database=0.01).start(threads=ONE_THREAD)
        for _ in range(3):
            assert queue.looks.acquire(timeout=PATIENCE)
        delivering.put()
        queue.failures = iter(())
        assert sender.arrived.wait(PATIENCE)
    events = [record.message for record in caplog.records if record.message.startswith("outbox_")]
    assert events == ["outbox_unreachable", "outbox_reachable"]


def test_threads_outlive_what_nobody_expected(delivering: Delivering, caplog) -> None:
    class Broken(Scripted):
        def send(self, mail: Mail) -> None:
            if not self.arrived.is_set():
                self.arrived.set()
                raise RuntimeError("the cause")
            super().send(mail)

    sender = Broken()
    delivery = delivering.by(sender, pause_without_database=0.01)
    delivery.start(threads=ONE_THREAD)
    delivering.put()
    assert sender.arrived.wait(PATIENCE)
    delivering.put()
    eventually(lambda: len(sender.sent) == 1)
    assert [record.message for record in caplog.records if record.exc_info] == ["mail_delivery_failed"]


def test_stopping_waits_for_what_is_under_way_and_starts_nothing(delivering: Delivering) -> None:
    sender = Slow()
    delivery = delivering.by(sender)
    delivery.start(threads=ONE_THREAD)
    delivering.put()
    assert sender.started.wait(PATIENCE)
    delivering.put()
    assert not delivery.stop(patience=0.05)
    sender.release.set()
    assert delivery.stop(patience=PATIENCE)
    assert (len(sender.sent), delivering.waiting()) == (1, 1)


@pytest.mark.parametrize("reason", ["stopping", "a slow mail server"])
def test_what_was_claimed_with_a_mail_is_for_anybody_to_take(delivering: Delivering, reason: str) -> None:
    for _ in range(3 * SHARES):
        delivering.put()
    slow, fast = Slow(), Scripted()
    longest_batch = 0.3 if reason == "a slow mail server" else PATIENCE
    delivery, other = delivering.by(slow, longest_batch=longest_batch), delivering.by(fast)
    delivery.start(threads=ONE_THREAD)
    assert slow.started.wait(PATIENCE)
    assert other.deliver_due() == 3 * SHARES - 3
    if reason == "stopping":
        delivery._stopping.set()
    else:
        begun = time.monotonic()
        eventually(lambda: time.monotonic() > begun + 0.3)
        delivery._turn.acquire()  # it takes no more, what it gives back included
    slow.release.set()
    eventually(lambda: len(slow.sent) == 1)
    eventually(lambda: other.deliver_due() == 0 and len(fast.sent) == 3 * SHARES - 1)
    assert (len(slow.sent), delivering.waiting()) == (1, 0)
    if delivery._turn.locked():
        delivery._turn.release()


def test_connections_rest_when_there_is_nothing_to_send(delivering: Delivering) -> None:
    class Resting(Scripted):
        def __init__(self) -> None:
            super().__init__()
            self.rests: list[float] = []

        def rest(self, *, idle_for: float) -> None:
            self.rests.append(idle_for)

    sender = Resting()
    delivering.put()
    delivery = delivering.by(sender)
    delivery.start(threads=ONE_THREAD)
    eventually(lambda: len(sender.sent) == 1 and module.IDLE_CONNECTION in sender.rests)
    assert delivery.stop(patience=PATIENCE)
    assert sender.rests[-1] == 0


def test_the_services_deliver_to_the_configured_server(make_config, clock) -> None:
    with MailServer() as server:
        smtp = {"host": "127.0.0.1", "port": str(server.port)}
        services = wiring.build(make_config({"email_delivery.smtp": smtp}), now=clock)
        services.database.transaction(
            lambda: services.delivery.mails.send_passcode(
                to="alice@example.test",
                code="123456",
                ttl=timedelta(minutes=5),
                language="de",
                passcode_expires_at=clock() + timedelta(minutes=5),
            )
        )
        services.delivery.threads.deliver_due()
    services.database.close_all()
    assert server.received[0].message["From"] == "Conformance Mailer <noreply@example.test>"
    assert server.received[0].message["Subject"] == "123456 ist Ihr Passcode f\u00fcr Conformance"
