"""Mails by real processes to a real mail server: soon, once, and whatever dies."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hanko_compat.mail.sender import SmtpLimits
from hanko_compat.services.delivery.letters import LIMITS
from hanko_compat.storage.delivery import deliveries
from tests.faults import rows
from tests.faults.conftest import Starter
from tests.mail.downgrade import Downgrade
from tests.servers.hanko_compat import HankoCompat, MailWorker, UnderGunicorn, WithoutDelivery, wait_until
from tests.servers.run import Run
from tests.settings import settings_on
from tests.smtp import MailServer

pytestmark = pytest.mark.servers

HALF_A_SECOND = timedelta(seconds=0.5)
TWO_SECONDS = timedelta(seconds=2)
CLIENTS_PATIENCE = 5  # seconds after which some clients give up


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def to_it(mail_server: MailServer) -> dict[str, Any]:
    """The settings that send mails there."""
    return {"email_delivery.smtp": {"host": "127.0.0.1", "port": str(mail_server.port)}}


@pytest.fixture
def workers(test_run: Run, database_url: str, to_it: dict[str, Any]) -> Iterator[list[MailWorker]]:
    """Two workers, to be started."""
    both = [MailWorker(test_run, settings_on(database_url, to_it)) for _ in range(2)]
    yield both
    for worker in both:
        worker.remove()


def sign_up(server: HankoCompat, address: str) -> dict[str, str]:
    """Sign up; return the body that asks for a passcode."""
    created = server.request("POST", "/users", {"email": address}).body
    return {"user_id": created["user_id"], "email_id": created["email_id"]}


def ask_for_passcode(server: HankoCompat, wanted: dict[str, str]) -> datetime:
    """Ask; return when the answer was there."""
    answer = server.request("POST", "/passcode/login/initialize", wanted)
    assert answer.status == 200, answer.body
    return datetime.now(UTC)


def waiting(database_url: str) -> int:
    with rows.reading(database_url):
        return deliveries.count()


@pytest.mark.parametrize("kind", [HankoCompat, UnderGunicorn])
def test_mails_leave_within_half_a_second(
    start: Starter, to_it, mail_server: MailServer, kind: type[HankoCompat]
) -> None:
    server, delays = start(to_it, kind=kind), []
    for number in range(5):
        wanted = sign_up(server, f"user{number}@example.test")
        answered_at = ask_for_passcode(server, wanted)
        delays.append(mail_server.wait_for(number + 1)[-1].at - answered_at)
    # Of several, the one that a busy machine has disturbed the least.
    assert min(delays) < HALF_A_SECOND


def test_mails_that_a_server_leaves_to_a_worker_leave_within_two_seconds(
    start: Starter, to_it, mail_server: MailServer, workers: list[MailWorker]
) -> None:
    server, delays = start(to_it, kind=WithoutDelivery, workers=1), []
    workers[0].start()
    for number in range(5):
        wanted = sign_up(server, f"user{number}@example.test")
        answered_at = ask_for_passcode(server, wanted)
        delays.append(mail_server.wait_for(number + 1)[-1].at - answered_at)
    # Of several, the one that a busy machine has disturbed the least.
    assert min(delays) < TWO_SECONDS


def test_every_mail_of_four_processes_is_sent_once(
    start: Starter, to_it, mail_server: MailServer, database_url: str
) -> None:
    server = start(to_it)
    addresses = [f"user{number}@example.test" for number in range(30)]
    for address in addresses:
        ask_for_passcode(server, sign_up(server, address))
    mail_server.wait_for(len(addresses))
    wait_until(lambda: waiting(database_url) == 0, why=lambda: "rows are left")
    assert sorted(mail.to[0] for mail in mail_server.received) == sorted(addresses)


def test_an_answer_does_not_wait_for_a_mail_server_that_hangs(
    start: Starter, to_it, mail_server: MailServer
) -> None:
    mail_server.hangs = True
    server = start(to_it, workers=1)
    for wanted in [sign_up(server, f"user{number}@example.test") for number in range(5)]:
        started = time.monotonic()
        ask_for_passcode(server, wanted)
        assert time.monotonic() - started < CLIENTS_PATIENCE < SmtpLimits().step_timeout
    mail_server.wait_for(1)


@pytest.mark.slow
@pytest.mark.one_database
def test_a_process_killed_while_the_mail_server_hangs(
    start: Starter, to_it, mail_server: MailServer, database_url: str
) -> None:
    """After DATA nobody knows whether the mail was taken: it goes out again, with the same id."""
    mail_server.hangs = True
    server = start(to_it, workers=2)
    ask_for_passcode(server, sign_up(server, "alice@example.test"))
    (first,) = mail_server.wait_for(1)
    server.kill_all()
    assert waiting(database_url) == 1
    mail_server.hangs = False

    server.start()

    second = mail_server.wait_for(2, patience=2 * LIMITS.lease.total_seconds())[1]
    assert second.message["Message-ID"] == first.message["Message-ID"]
    assert second.message["Subject"] == first.message["Subject"]
    wait_until(lambda: waiting(database_url) == 0, why=lambda: "the row is left")


def test_a_mail_server_that_was_down_gets_the_mail_later(
    start: Starter, to_it, mail_server: MailServer
) -> None:
    mail_server.rcpt = "450 4.3.2 later"
    server = start(to_it, workers=1)
    ask_for_passcode(server, sign_up(server, "alice@example.test"))
    mail_server.wait_for_attempts(2)
    mail_server.rcpt = "250 OK"
    mail_server.wait_for(1)
    assert "alice@" not in server.log.read_text().replace('"email"', "")


def test_a_stopped_server_sends_what_it_has_begun(start: Starter, to_it, mail_server: MailServer) -> None:
    server = start(to_it, workers=1)
    ask_for_passcode(server, sign_up(server, "alice@example.test"))
    server.stop()
    server.start()
    (mail,) = mail_server.wait_for(1)
    assert mail.to == ["alice@example.test"]


def test_a_reloaded_server_goes_on_delivering(start: Starter, to_it, mail_server: MailServer) -> None:
    server = start(to_it, workers=2)
    old = set(server.worker_pids())
    server.hang_up()
    wait_until(lambda: not old & set(server.worker_pids()), why=server.log.read_text)
    ask_for_passcode(server, sign_up(server, "alice@example.test"))
    (mail,) = mail_server.wait_for(1)
    assert mail.to == ["alice@example.test"]


def test_workers_share_the_mails_of_a_server_that_sends_none(
    start: Starter, to_it, mail_server: MailServer, workers: list[MailWorker], database_url: str
) -> None:
    server = start(to_it, kind=WithoutDelivery, workers=2)
    addresses = [f"user{number}@example.test" for number in range(20)]
    for address in addresses:
        ask_for_passcode(server, sign_up(server, address))
    assert waiting(database_url) == len(addresses)
    assert mail_server.received == []

    for worker in workers:
        worker.start()

    mail_server.wait_for(len(addresses))
    wait_until(lambda: waiting(database_url) == 0, why=lambda: "rows are left")
    assert sorted(mail.to[0] for mail in mail_server.received) == sorted(addresses)
    ask_for_passcode(server, sign_up(server, "late@example.test"))
    assert mail_server.wait_for(len(addresses) + 1)[-1].to == ["late@example.test"]


def test_no_code_leaves_in_clear_where_tls_is_demanded(
    start: Starter, database_url: str, mail_server: MailServer
) -> None:
    """Somebody on the way says for the mail server that it has no TLS; the mail stays in the queue."""
    with Downgrade(mail_server.port) as between:
        server = start(
            {
                "email_delivery.smtp": {"host": "127.0.0.1", "port": str(between.port)},
                "hanko_compat.mail.require_tls": True,
            }
        )
        ask_for_passcode(server, sign_up(server, "alice@example.test"))
        # Two connections: it was tried, given up, and tried again.
        wait_until(lambda: between.seen.lower().count(b"ehlo") >= 2, why=lambda: str(between.seen))
        assert waiting(database_url) == 1
    assert mail_server.attempts == 0
    assert b"alice" not in between.seen
