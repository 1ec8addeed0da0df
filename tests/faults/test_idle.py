"""An idle server leaves its database alone, but for a look at the queue now and then."""

import time
from collections.abc import Callable, Iterator

import pytest

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.schema import migrate
from tests.servers.hanko_compat import HankoCompat, MailWorker, WithoutDelivery
from tests.servers.postgres import Postgres
from tests.servers.process import own_name
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = [pytest.mark.servers, pytest.mark.slow]

SETTLED = 5  # seconds after which a server has done what it does at its start
WATCHED = 15  # seconds


@pytest.fixture
def postgres(test_run: Run) -> Iterator[Postgres]:
    """A PostgreSQL that nobody else uses, and that logs each statement."""
    server = Postgres(test_run, own_name("postgres_that_logs"))
    server.start()
    server.execute("ALTER SYSTEM SET log_statement = 'all'")
    server.execute("SELECT pg_reload_conf()")
    yield server
    server.remove()


@pytest.fixture
def url(postgres: Postgres) -> str:
    url = postgres.create_database("idle")
    database = open_database(url)
    migrate.up(database)
    database.close_all()
    return url


def statements(postgres: Postgres) -> int:
    """How many statements PostgreSQL got so far; a prepared one is logged as an execution."""
    lines = postgres.log.read_text().splitlines()
    return sum("LOG:  statement:" in line or "LOG:  execute " in line for line in lines)


@pytest.fixture
def count(postgres: Postgres) -> Callable[[], int]:
    """Count the statements of `WATCHED` seconds."""

    def watch() -> int:
        pass_by(SETTLED)
        before = statements(postgres)
        pass_by(WATCHED)
        return statements(postgres) - before

    return watch


def pass_by(seconds: float) -> None:
    """Let time pass: nothing shall happen, so there is nothing to wait for."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(left)


def test_two_workers_send_less_than_a_statement_a_second(
    test_run: Run, url: str, postgres: Postgres, count: Callable[[], int]
) -> None:
    server = HankoCompat(test_run, settings_on(url), workers=2)
    assert statements(postgres) > 0
    server.start()
    try:
        assert 0 < count() <= WATCHED
    finally:
        server.remove()


def test_a_server_that_leaves_deliveries_to_a_worker_sends_none(
    test_run: Run, url: str, postgres: Postgres, count: Callable[[], int]
) -> None:
    """The worker looks about once a second, as no one tells it of anything."""
    server = WithoutDelivery(test_run, settings_on(url), workers=2)
    worker = MailWorker(test_run, settings_on(url))
    server.start()
    try:
        assert count() == 0
        worker.start()
        assert WATCHED // 3 < count() < 2 * WATCHED
    finally:
        worker.remove()
        server.remove()
