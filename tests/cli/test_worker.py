"""``hanko-compat worker``: another process delivers, and ends as it should."""

import signal
import urllib.request
from collections.abc import Iterator
from datetime import timedelta

import pytest

from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import from_mapping
from hanko_compat.storage.delivery import deliveries
from tests.calls import CALLER
from tests.cli.terminal import run, write_config
from tests.receiver import LOOPBACK, Receiver, content
from tests.servers.hanko_compat import MailWorker, wait_until
from tests.servers.run import Run
from tests.settings import merged, settings_on
from tests.smtp import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def settings(database_url: str, mail_server: MailServer) -> dict:
    smtp = {"host": "127.0.0.1", "port": str(mail_server.port)}
    return settings_on(database_url, {"email_delivery.smtp": smtp})


@pytest.fixture
def services(settings: dict) -> Iterator[wiring.Services]:
    services = wiring.build(from_mapping(settings, environ={}))
    yield services
    services.database.close_all()


@pytest.fixture
def worker(test_run: Run, settings: dict) -> Iterator[MailWorker]:
    worker = MailWorker(test_run, settings)
    worker.start()
    yield worker
    worker.remove()


def put(services: wiring.Services) -> None:
    def work() -> None:
        services.delivery.mails.send_passcode(
            to="alice@example.test",
            code="123456",
            ttl=timedelta(minutes=5),
            language="en",
            passcode_expires_at=utc_now() + timedelta(minutes=5),
        )

    services.database.transaction(work)


@pytest.mark.servers
def test_what_others_write_is_delivered_and_counted(
    worker: MailWorker, services: wiring.Services, mail_server: MailServer
) -> None:
    put(services)
    (mail,) = mail_server.wait_for(1)
    assert mail.to == ["alice@example.test"]

    def metrics() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.port}/metrics") as answer:
            return answer.read().decode()

    wait_until(
        lambda: 'hanko_compat_mails_total{kind="passcode",outcome="sent"} 1.0' in metrics(), why=metrics
    )


@pytest.mark.servers
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_after_the_mail_that_is_under_way(
    test_run: Run, settings: dict, services: wiring.Services, mail_server: MailServer, how: signal.Signals
) -> None:
    worker = MailWorker(test_run, settings)
    worker.stop_signal = how  # type: ignore[misc]
    worker.start()
    put(services)
    mail_server.wait_for(1)

    worker.stop()

    assert '"stopped"' in worker.log.read_text()
    assert "Traceback" not in worker.log.read_text()
    with services.database.connection():
        assert deliveries.count() == 0
    worker.remove()


def test_a_schema_that_is_behind_is_named(empty_database_url: str, tmp_path) -> None:
    config = write_config(tmp_path / "config.yaml", settings_on(empty_database_url))

    result = run("worker", "--config", str(config))

    assert result.exit_code == 1
    assert "hanko-compat migrate up" in result.stderr


@pytest.mark.servers
def test_webhooks_are_delivered_where_mails_are_off(test_run: Run, settings: dict, services) -> None:
    changed = merged(settings, {"email_delivery.enabled": False} | LOOPBACK)
    worker = MailWorker(test_run, changed)
    with Receiver() as receiver:
        services.webhooks.endpoints.create(url=receiver.url, events=["user.created"], custom_headers={})
        services.users.records.create(name="Jane Doe", status="active", client=CALLER)
        put(services)
        worker.start()
        try:
            (post,) = receiver.wait_for(1)
        finally:
            worker.remove()
    assert content(post)["data"]["user"]["fullName"] == "Jane Doe"
    with services.database.connection():
        assert deliveries.count() == 1


def test_broken_templates_are_named(settings: dict, tmp_path) -> None:
    changed = merged(settings, {"hanko_compat.mail.templates": str(tmp_path / "nowhere")})

    result = run("worker", "--config", str(write_config(tmp_path / "config.yaml", changed)))

    assert result.exit_code == 1
    assert "nowhere is no folder" in result.stderr
