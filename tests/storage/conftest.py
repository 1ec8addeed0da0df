"""Handles that are closed after the test, and servers that only storage's tests restart."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hanko_compat.storage.engine import database as databases
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.schema import migrate
from tests import factories
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.run import Run

OpenDatabase = Callable[..., Database]


@pytest.fixture
def open_database() -> Iterator[OpenDatabase]:
    """``open_database(url)`` as the product has it, closed after the test."""
    opened: list[Database] = []

    def open_and_remember(url: str, **options: Any) -> Database:
        opened.append(databases.open_database(url, **options))
        return factories.write_to(opened[-1])

    yield open_and_remember
    for database in opened:
        database.close_all()


@pytest.fixture
def database(open_database: OpenDatabase, database_url: str) -> Database:
    """A database with the current schema."""
    return open_database(database_url)


@pytest.fixture
def empty_database(open_database: OpenDatabase, empty_database_url: str) -> Database:
    """A database without a table."""
    return open_database(empty_database_url)


@pytest.fixture(scope="session")
def postgres(test_run: Run) -> Postgres:
    server = Postgres(test_run)
    server.shared()
    return server


@pytest.fixture(scope="session")
def mariadb(test_run: Run) -> MariaDB:
    server = MariaDB(test_run)
    server.shared()
    return server


@pytest.fixture(params=["postgres", "mariadb"])
def server_database(request: pytest.FixtureRequest, open_database: OpenDatabase) -> Database:
    """A database with the current schema on a real server, whatever ``--databases`` says."""
    server = request.getfixturevalue(request.param)
    database = open_database(server.create_database("storage"))
    migrate.up(database)
    return database


@pytest.fixture
def empty_on(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], str]:
    """``empty_on("postgres", "name")`` makes an empty database there and returns its URL."""

    def make(kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path}/{name}.sqlite3"
        return str(request.getfixturevalue(kind).create_database(name))

    return make
