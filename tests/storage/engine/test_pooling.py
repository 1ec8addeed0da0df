"""Poolers are known by what they do, on real ones."""

from collections.abc import Iterator

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.pooling import loses_prepared_statements
from tests.servers.pgbouncer import PgBouncer
from tests.servers.postgres import Postgres
from tests.servers.process import own_name
from tests.servers.run import Run
from tests.storage.conftest import OpenDatabase


@pytest.fixture
def pooled(
    request: pytest.FixtureRequest, test_run: Run, postgres: Postgres, open_database: OpenDatabase
) -> Iterator[Database]:
    """A database through PgBouncer in the mode of the parameter."""
    pooler = PgBouncer(test_run, own_name(f"pgbouncer_{request.param}"), postgres, mode=request.param)
    pooler.start()
    database = open_database(pooler.through(postgres.create_database("pooling")))
    yield database
    database.close_all()
    pooler.remove()


@pytest.mark.servers
@pytest.mark.parametrize("pooled", ["transaction"], indirect=True)
def test_one_that_hands_connections_round_is_noticed(pooled: Database) -> None:
    assert loses_prepared_statements(pooled)
    pooled.peewee.preparing.is_on = False
    assert not loses_prepared_statements(pooled)


@pytest.mark.servers
@pytest.mark.parametrize("pooled", ["session"], indirect=True)
def test_one_that_keeps_a_connection_for_each_client_is_none(pooled: Database) -> None:
    assert not loses_prepared_statements(pooled)


def test_nor_is_a_database_itself(database: Database) -> None:
    assert not loses_prepared_statements(database)


def test_a_database_that_does_not_answer_is_unavailable(open_database: OpenDatabase) -> None:
    with pytest.raises(DatabaseUnavailable):
        loses_prepared_statements(open_database("postgres://u@127.0.0.1:1/x"))
