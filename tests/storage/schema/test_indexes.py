"""Further indexes on a database that Hanko owns."""

import pytest
from playhouse.schema_diff import diff_models

from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import HANKO_TABLES, Session
from hanko_compat.storage.schema import indexes, migrate
from tests.queries import assert_query_count
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.storage import restored
from tests.storage.conftest import OpenDatabase
from tests.storage.layouts import layout
from tests.storage.schema.test_migrate import ORDERS


def test_a_database_of_ours_lacks_none(database: Database) -> None:
    assert indexes.missing(database) == []


@pytest.mark.servers
@pytest.mark.parametrize("folder", ["postgres-2.7", "postgres-3.0"])
def test_they_are_made_on_hankos_postgres(
    open_database: OpenDatabase, postgres: Postgres, folder: str
) -> None:
    database = open_database(restored.on_postgres(postgres, folder, name="indexes"))
    before = layout(database)
    planned = indexes.missing(database)
    assert "CREATE INDEX CONCURRENTLY sessions_user_id_idx ON sessions (user_id)" in planned
    assert layout(database) == before
    assert indexes.create(database) == planned
    assert indexes.missing(database) == []
    after = layout(database)
    assert (after["columns"], after["keys"]) == (before["columns"], before["keys"])
    assert len(after["indexes"] - before["indexes"]) == len(planned) == 38
    with database.connection():
        wanted = diff_models(database.peewee, HANKO_TABLES).add_indexes
    assert [index for index in wanted if not index.unique] == []


@pytest.mark.servers
def test_whether_tables_have_theirs_is_seen_when_they_get_them(
    open_database: OpenDatabase, postgres: Postgres
) -> None:
    database = open_database(restored.on_postgres(postgres, "postgres-2.7", name="indexed"))
    is_indexed = indexes.Indexed(database, Session)
    assert not is_indexed()
    indexes.create(database)
    assert is_indexed()
    with database.connection(), assert_query_count(0):
        assert is_indexed()


@pytest.mark.servers
def test_one_that_was_interrupted_is_made_again(open_database: OpenDatabase, postgres: Postgres) -> None:
    database = open_database(postgres.create_database("indexes"))
    migrate.up(database)
    with database.connection():
        database.peewee.execute_sql(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'sessions_user_id_idx'::regclass"
        )
    assert indexes.create(database) == [
        "DROP INDEX CONCURRENTLY sessions_user_id_idx",
        "CREATE INDEX CONCURRENTLY sessions_user_id_idx ON sessions (user_id)",
    ]
    assert indexes.missing(database) == []


@pytest.mark.servers
def test_mariadb_has_all_but_the_orders_from_hanko(open_database: OpenDatabase, mariadb: MariaDB) -> None:
    database = open_database(restored.on_mariadb(mariadb, "mariadb-2.7", name="indexes"))
    assert {statement.split()[2] for statement in indexes.create(database)} == ORDERS
    assert indexes.missing(database) == []
