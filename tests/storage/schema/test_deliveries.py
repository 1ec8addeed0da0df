"""The move to one table of deliveries: all that waits arrives, also when the move is killed."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from hanko_compat import wiring
from hanko_compat.clock import utc_now
from hanko_compat.config import from_mapping
from hanko_compat.jose.encryption import encrypt
from hanko_compat.mail.memory import MemorySender
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import Delivery, OutboxMail, WebhookDelivery
from hanko_compat.storage.schema import history, migrate
from hanko_compat.wiring.start import prepare
from tests.cli.terminal import run, write_config
from tests.receiver import LOOPBACK, Receiver
from tests.servers.process import PATIENCE
from tests.settings import SECRET, settings_on

BEFORE, MOVE = "0007_backend_orders", "0008_deliveries"
NOW = utc_now().replace(microsecond=0)
LETTER = b'{"to": "alice@example.test", "language": "en", "values": {"code": "042917", "minutes": "5"}}'
BODY = '{"type":"user.created","data":{"fullName":"Zo\u00eb \\\\ % %s ? \U0001f600"}}'
BATCH = 200  # of the migration
KILLED = """
import os, signal, sys
import peewee
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.schema import migrate

url, beginning, number = sys.argv[1:]
database = open_database(url)
countdown, real = iter(range(1, 1000)), database.peewee.execute_sql

def deadly(sql, *arguments, **options):
    if sql.strip().startswith(beginning) and next(countdown) == int(number):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(sql, *arguments, **options)

database.peewee.execute_sql = deadly
migrate.up(database)
"""


@pytest.fixture
def old_database(empty_database: Database) -> Database:
    """A database as the release before left it."""
    with empty_database.connection():
        history.ScopedRunner(empty_database, history.ON_OURS).up(BEFORE)
    return empty_database


@contextmanager
def opened(database: Database) -> Iterator[None]:
    """A connection, and the models on it: the services of a test may have bound them to their own handle."""
    with database.connection(), database.peewee.bind_ctx([OutboxMail, WebhookDelivery, Delivery]):
        yield


def put_mail(database: Database, kind: str = "passcode", **changes: Any) -> UUID:
    row = {
        "id": uuid4(),
        "kind": kind,
        "payload": encrypt(LETTER, secret=SECRET),
        "attempts": 0,
        "next_attempt_at": NOW,
        "expires_at": NOW + timedelta(minutes=5),
        "created_at": NOW,
    } | changes
    with opened(database):
        OutboxMail.insert(row).execute()
    return row["id"]


def put_webhook(database: Database, endpoint_id: UUID | None = None, **changes: Any) -> UUID:
    row = {
        "id": uuid4(),
        "endpoint_id": endpoint_id or uuid4(),
        "type": "user.created",
        "body": BODY,
        "attempts": 0,
        "failures": 0,
        "next_attempt_at": NOW,
        "created_at": NOW,
    } | changes
    with opened(database):
        WebhookDelivery.insert(row).execute()
    return row["id"]


def moved(database: Database) -> dict[UUID, dict[str, Any]]:
    """What waits in the new table; nothing does in the old ones."""
    with opened(database):
        assert not OutboxMail.select().exists()
        assert not WebhookDelivery.select().exists()
        return {row.pop("id"): row for row in Delivery.select().dicts()}


def test_each_row_moves_with_its_claims_and_times(old_database: Database) -> None:
    lease = NOW + timedelta(seconds=30)
    payload = encrypt(LETTER, secret=SECRET)
    mail = put_mail(old_database, payload=payload, attempts=2, next_attempt_at=lease)
    sms = put_mail(old_database, "text_message", payload=payload)
    endpoint_id = uuid4()
    webhook = put_webhook(old_database, endpoint_id, attempts=3, failures=1, next_attempt_at=lease)
    assert MOVE in migrate.up(old_database)
    letter = {"recipient": "", "payload": payload, "expires_at": NOW + timedelta(minutes=5)}
    common = {"created_at": NOW, "next_attempt_at": lease, "lane": "", "turn": 0}
    assert moved(old_database) == {
        mail: common | letter | {"channel": "mail", "kind": "passcode", "attempts": 2, "failures": 2},
        sms: common
        | letter
        | {"channel": "sms", "kind": "text_message", "attempts": 0, "failures": 0, "next_attempt_at": NOW},
        webhook: common
        | {
            "channel": "webhook",
            "kind": "user.created",
            "recipient": str(endpoint_id),
            "payload": BODY,
            "attempts": 3,
            "failures": 1,
            "expires_at": None,
        },
    }


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server


def test_what_was_moved_is_delivered(
    old_database: Database, empty_database_url: str, receiver: Receiver
) -> None:
    sender = MemorySender()
    services = wiring.build(
        from_mapping(settings_on(empty_database_url, LOOPBACK), environ={}), sender=sender
    )
    endpoint = services.webhooks.endpoints.create(
        url=receiver.url, events=["user.created"], custom_headers={}
    )
    mail = put_mail(services.database, expires_at=utc_now() + timedelta(minutes=5))
    put_webhook(services.database, endpoint.id)
    migrate.up(services.database)
    assert services.delivery.threads.deliver_due() == 2
    (message,) = sender.messages
    assert (message["To"], message["Subject"].split()[0]) == ("alice@example.test", "042917")
    assert str(mail) in message["Message-ID"]
    assert receiver.received[0].body.decode() == BODY
    assert moved(services.database) == {}
    services.database.close_all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("beginning", "number"),
    [("CREATE", 1), ("CREATE", 2), ("INSERT INTO hanko", 2), ("DELETE", 1), ("DELETE", 3)],
)
def test_a_killed_move_is_finished_by_the_next(
    old_database: Database, empty_database_url: str, beginning: str, number: int
) -> None:
    mails = {put_mail(old_database) for _ in range(BATCH + 2)}
    webhooks = {put_webhook(old_database) for _ in range(2)}
    old_database.close_all()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, empty_database_url, beginning, str(number)],
        timeout=PATIENCE,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL

    assert MOVE in migrate.up(old_database)
    rows = moved(old_database)
    assert {key for key, row in rows.items() if row["channel"] == "mail"} == mails
    assert {key for key, row in rows.items() if row["channel"] == "webhook"} == webhooks
    assert migrate.status(old_database)[-1].applied_at is not None


@pytest.fixture(params=["migrate up", "serve"])
def start(request: pytest.FixtureRequest, empty_database_url: str, tmp_path: Path) -> Callable[[], None]:
    """What an operator does with the new release."""
    settings = settings_on(empty_database_url)

    def serve() -> None:
        services = wiring.build(from_mapping(settings, environ={}))
        prepare(services)
        services.database.close_all()

    def migrate_up() -> None:
        config = write_config(tmp_path / "config.yaml", settings)
        assert run("migrate", "up", "--config", str(config)).exit_code == 0

    return serve if request.param == "serve" else migrate_up


@pytest.mark.slow
def test_what_a_server_of_the_release_before_writes_on_is_taken_over(
    old_database: Database, start: Callable[[], None]
) -> None:
    migrate.up(old_database)
    late = {put_mail(old_database), put_webhook(old_database)}
    start()
    assert moved(old_database).keys() == late


def test_processes_that_start_at_once_move_each_row_once(old_database: Database) -> None:
    migrate.up(old_database)
    late = {put_mail(old_database) for _ in range(30)}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: migrate.take_over(old_database), range(4)))
    assert moved(old_database).keys() == late


def test_a_claim_of_the_release_before_comes_to_nothing(old_database: Database) -> None:
    """It has seen the row, and finds it moved: the statement of its claim touches no row."""
    mail = put_mail(old_database)
    migrate.up(old_database)
    with old_database.connection():
        seen = (OutboxMail.id == mail) & (OutboxMail.attempts == 0)
        assert OutboxMail.update(attempts=1).where(seen).execute() == 0
    assert moved(old_database)[mail]["attempts"] == 0
