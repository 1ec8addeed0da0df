"""Behind a real PgBouncer in transaction mode: everything works, however its connections are handed round."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.engine.postgres_cursor import MAX_PREPARED, REMEDY
from tests.databases import prepare
from tests.faults.tour import Tour, settings
from tests.servers.hanko_compat import HankoCompat
from tests.servers.pgbouncer import PgBouncer
from tests.servers.postgres import Postgres
from tests.servers.process import PATIENCE, own_name
from tests.servers.run import Run
from tests.settings import settings_on
from tests.smtp import MailServer

pytestmark = [pytest.mark.servers, pytest.mark.slow]

OFF = {"hanko_compat.database.prepared_statements": False}
UP = """
import sys
from hanko_compat.storage.schema import migrate
from hanko_compat.storage.engine.database import open_database
print(len(migrate.up(open_database(sys.argv[1], prepared_statements=bool(int(sys.argv[2]))))))
"""
KEEPS = "SELECT name, statement FROM pg_prepared_statements"


@pytest.fixture(scope="module")
def postgres(test_run: Run) -> Postgres:
    server = Postgres(test_run)
    server.shared()
    return server


@pytest.fixture(scope="module")
def pgbouncer(test_run: Run, postgres: Postgres) -> Iterator[PgBouncer]:
    server = PgBouncer(test_run, own_name("pgbouncer"), postgres)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def url(postgres: Postgres, pgbouncer: PgBouncer) -> str:
    """A new database through the pooler, in whose connections nothing is prepared yet."""
    made = postgres.create_database("pooled")
    prepare(made)
    return pgbouncer.through(made)


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def start(test_run: Run, url: str, mails: MailServer) -> Iterator[Callable[..., HankoCompat]]:
    servers: list[HankoCompat] = []

    def start_one(changes: dict[str, Any]) -> HankoCompat:
        servers.append(HankoCompat(test_run, settings_on(url, settings(mails) | changes), workers=2))
        servers[-1].start()
        return servers[-1]

    yield start_one
    for server in servers:
        server.remove()


def go_round(server: HankoCompat, mails: MailServer) -> None:
    """Six visitors at a time, more than the pooler has connections, and a look at all lists."""
    tour = Tour(server, mails)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(tour.go, [f"visitor{number}@example.test" for number in range(6)]))
        list(pool.map(lambda _: tour.look_from_behind(), range(6)))


def prepared(pgbouncer: PgBouncer, url: str) -> set[str]:
    """What the connections to PostgreSQL have prepared: as many at once as the pooler has."""
    found: set[str] = set()
    connections = [psycopg.connect(url, prepare_threshold=None) for _ in range(pgbouncer.size)]
    for connection in connections:  # each in a transaction, so none is handed on
        found |= {name for name, _ in connection.execute(KEEPS).fetchall()}
    for connection in connections:
        connection.close()
    return found


def events(server: HankoCompat) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == "prepared_statements_lost"]


def test_the_tour_with_preparing_off(
    start: Callable[..., HankoCompat], mails: MailServer, pgbouncer: PgBouncer, url: str
) -> None:
    server = start(OFF)
    go_round(server, mails)
    assert prepared(pgbouncer, url) == set()
    assert events(server) == []
    assert "database_unavailable" not in server.log.read_text()


def test_the_tour_with_preparing_on_where_it_cannot_work(
    start: Callable[..., HankoCompat], mails: MailServer
) -> None:
    """The server finds out, says which key to set, and goes on without."""
    server = start({})
    go_round(server, mails)
    assert [event["reason"] for event in events(server)] == [REMEDY]
    assert "database_unavailable" not in server.log.read_text()


def test_what_is_lost_only_while_it_serves_costs_no_request(url: str, pgbouncer: PgBouncer) -> None:
    """As when a pooler is put in between later: many threads at once, none of which has been told."""
    database = open_database(url)

    def ask(number: int) -> int:
        query = f"SELECT %s::int + {number % 7} /* asked */"
        if number % 2:
            return database.transaction(lambda: database.peewee.execute_sql(query, (number,)).fetchone()[0])
        with database.connection():
            return database.peewee.execute_sql(query, (number,)).fetchone()[0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(200))) == [number + number % 7 for number in range(200)]
    assert not database.peewee.preparing.is_on
    database.close_all()


@pytest.mark.parametrize("is_wanted", [True, False])
def test_more_queries_than_a_connection_keeps(url: str, pgbouncer: PgBouncer, *, is_wanted: bool) -> None:
    database = open_database(url, max_connections=1, prepared_statements=is_wanted)
    with database.connection():
        for turn in range(2):
            for number in range(2 * MAX_PREPARED):
                cursor = database.peewee.execute_sql(f"SELECT %s::int + {number}", (turn,))
                assert cursor.fetchone() == (turn + number,)
    database.close_all()


def doctor(tmp_path: Path, settings: dict[str, Any]) -> str:
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps(settings))
    command = [sys.executable, "-m", "hanko_compat", "doctor", "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_doctor_names_the_key(tmp_path: Path, url: str) -> None:
    assert f"warning  database   {REMEDY}" in doctor(tmp_path, settings_on(url))
    assert REMEDY not in doctor(tmp_path, settings_on(url, OFF))


@pytest.mark.parametrize("is_wanted", [True, False])
def test_processes_that_migrate_at_once_take_turns(
    postgres: Postgres, pgbouncer: PgBouncer, *, is_wanted: bool
) -> None:
    """None leaves a lock behind in a connection of the pooler."""
    made = postgres.create_database("migrated")
    command = [sys.executable, "-c", UP, pgbouncer.through(made), str(int(is_wanted))]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    applied = sorted(int(process.communicate(timeout=PATIENCE)[0]) for process in running)
    assert applied[:2] == [0, 0] < applied[2:]
    with psycopg.connect(made) as connection:
        locks = (
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert connection.execute(locks).fetchone() == (0,)


def test_a_database_that_converts_nothing(postgres: Postgres, pgbouncer: PgBouncer) -> None:
    """Each connection that the pooler hands out gives text as it is."""
    name = own_name("sql_ascii")
    postgres.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    postgres.execute(f"CREATE DATABASE \"{name}\" ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    with psycopg.connect(postgres.url(name), autocommit=True) as connection:
        connection.execute(r"CREATE TABLE texts AS SELECT E'caf\xe9'::text AS text")
    database = open_database(pgbouncer.through(postgres.url(name)), prepared_statements=False)

    def ask(_: int) -> list[tuple[str]]:
        with database.connection():
            return database.peewee.execute_sql('SELECT text FROM "texts"').fetchall()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(40))) == [[("caf\ufffd",)]] * 40
    database.close_all()
