"""Whose database it is: ours, Hanko's, nobody's, or one to keep away from."""

import pytest

from hanko_compat.errors.database import SchemaUnsupported
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.schema import catalogue, migrate
from hanko_compat.storage.schema.catalogue import Layout
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.storage import migrations, restored
from tests.storage.conftest import OpenDatabase

# Missing on Hanko's database until somebody migrates.
OWN = migrations.ON_HANKOS


def execute(database: Database, *statements: str) -> None:
    with database.connection():
        for statement in statements:
            database.peewee.execute_sql(statement)


def test_an_empty_database_is_nobodys(empty_database: Database) -> None:
    schema = catalogue.inspect(empty_database)
    assert (schema.owner, schema.version, schema.tenants) == ("nobody", None, 0)
    assert schema.pending[0] == "0001_accounts"


def test_a_migrated_database_is_ours(database: Database) -> None:
    assert catalogue.inspect(database) == Layout(owner="us", version=2, tenants=1, pending=())


@pytest.mark.servers
@pytest.mark.parametrize(("folder", "version"), [("postgres-2.7", 2), ("postgres-3.0", 3)])
def test_hankos_postgres_is_recognised(
    open_database: OpenDatabase, postgres: Postgres, folder: str, version: int
) -> None:
    database = open_database(restored.on_postgres(postgres, folder, name="catalogue"))
    assert catalogue.inspect(database) == Layout(owner="hanko", version=version, tenants=1, pending=OWN)


@pytest.mark.servers
def test_hankos_mariadb_is_recognised(open_database: OpenDatabase, mariadb: MariaDB) -> None:
    database = open_database(restored.on_mariadb(mariadb, "mariadb-2.7", name="catalogue"))
    assert catalogue.inspect(database) == Layout(owner="hanko", version=2, tenants=1, pending=OWN)


@pytest.mark.servers
@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("ALTER TABLE public.identities DROP COLUMN user_id", "identities.user_id"),
        ("DROP TABLE public.trusted_devices", "trusted_devices"),
        ("ALTER TABLE public.webauthn_credentials DROP COLUMN mfa_only", "webauthn_credentials.mfa_only"),
    ],
)
def test_a_hanko_schema_before_2_7_is_refused(
    open_database: OpenDatabase, postgres: Postgres, statement: str, missing: str
) -> None:
    database = open_database(restored.on_postgres(postgres, "postgres-2.7", name="catalogue"))
    execute(database, statement)
    with pytest.raises(SchemaUnsupported, match=f"missing: {missing};"):
        catalogue.inspect(database)


@pytest.mark.parametrize("action", [catalogue.inspect, migrate.up, migrate.require_current])
def test_tables_of_another_application_are_refused(empty_database: Database, action) -> None:
    execute(empty_database, "CREATE TABLE users (id integer)")
    with pytest.raises(SchemaUnsupported, match="in the way: users"):
        action(empty_database)
    with empty_database.connection():
        assert empty_database.peewee.get_tables() == ["users"]


def test_a_database_of_ours_that_lost_a_table_is_refused(database: Database) -> None:
    execute(database, "DROP TABLE trusted_devices")
    with pytest.raises(SchemaUnsupported, match="missing: trusted_devices"):
        catalogue.inspect(database)
