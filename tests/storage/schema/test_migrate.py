"""Making the tables: the layout of Hanko 2.7 on each database, once, whoever else does it meanwhile."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from playhouse.schema_diff import diff_models

from hanko_compat.clock import utc_now
from hanko_compat.errors.database import MigrationUnderWay, SchemaBehind, SchemaUnsupported
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import ALL_TABLES, OWN_TABLES, Email, Session, User
from hanko_compat.storage.schema import catalogue, history, indexes, migrate
from tests.servers.hanko_compat import wait_until
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.process import PATIENCE
from tests.storage import migrations, restored
from tests.storage.conftest import OpenDatabase
from tests.storage.layouts import layout
from tests.storage.samples import SAMPLES

ALL, OWN = list(migrations.ALL), list(migrations.ON_HANKOS)
ORDERS = {
    "audit_logs_created_at_idx",
    "emails_address_id_user_id_idx",
    "emails_created_at_id_user_id_address_idx",
    "identities_created_at_id_user_id_idx",
    "identities_provider_id_id_user_id_provider_user_id_idx",
    "identities_provider_user_id_id_user_id_provider_id_idx",
    "passcodes_created_at_idx",
    "saml_idp_initiated_requests_expires_at_idx",
    "saml_states_expires_at_idx",
    "sessions_created_at_id_expires_at_last_used_idx",
    "sessions_expires_at_id_created_at_last_used_idx",
    "sessions_id_user_id_created_at_expires_at_last_used_idx",
    "sessions_last_used_id_created_at_expires_at_idx",
    "tokens_is_flow_created_at_idx",
    "usernames_created_at_id_user_id_username_idx",
    "usernames_user_id_id_username_idx",
    "usernames_username_id_user_id_idx",
    "users_created_at_id_updated_at_name_idx",
    "users_id_created_at_updated_at_name_idx",
    "users_name_id_created_at_updated_at_idx",
    "users_updated_at_id_created_at_name_idx",
    "webauthn_session_data_created_at_idx",
}
FURTHER = ORDERS | {
    "emails_user_id_id_address_idx",
    "sessions_user_id_id_created_at_expires_at_last_used_idx",
    "emails_user_id_idx",
    "identities_email_id_idx",
    "identities_user_id_idx",
    "passcodes_email_id_idx",
    "passcodes_user_id_idx",
    "sessions_user_id_idx",
    "tokens_identity_id_idx",
    "tokens_user_id_idx",
    "trusted_devices_user_id_idx",
    "webauthn_credential_transports_webauthn_credential_id_idx",
    "webauthn_credential_user_handles_user_id_idx",
    "webauthn_credentials_user_handle_id_user_id_idx",
    "webauthn_credentials_user_id_idx",
    "webauthn_session_data_allowed_credentials_session_data_id_idx",
}
OWN_NAMES = {model._meta.table_name for model in OWN_TABLES} | {history.TABLE}
UP = """
import sys
from hanko_compat.storage.schema import migrate
from hanko_compat.storage.engine.database import open_database
print(len(migrate.up(open_database(sys.argv[1]))))
"""


def test_an_empty_database_gets_every_table(empty_database: Database) -> None:
    assert migrate.up(empty_database) == ALL
    with empty_database.connection():
        tables = set(empty_database.peewee.get_tables())
    assert tables - {"sqlite_sequence"} == {model._meta.table_name for model in ALL_TABLES} | {history.TABLE}


def test_the_models_are_what_the_migrations_make(database: Database) -> None:
    with database.connection():
        missing = {f"add index {table} ({', '.join(columns)})" for table, columns in indexes.NOT_ON_MYSQL}
        difference = set(str(diff_models(database.peewee, ALL_TABLES)).splitlines())
    assert difference == (missing if database.dialect == "mysql" else set())


def test_a_second_run_finds_nothing_to_do(database: Database) -> None:
    before = layout(database)
    assert migrate.up(database) == []
    assert layout(database) == before


def test_status_tells_what_is_applied_and_what_is_not(empty_database: Database) -> None:
    assert [(entry.name, entry.applied_at) for entry in migrate.status(empty_database)] == [
        (name, None) for name in ALL
    ]
    migrate.up(empty_database)
    entries = migrate.status(empty_database)
    assert [entry.name for entry in entries] == ALL
    assert all(entry.applied_at is not None and entry.applied_at <= utc_now() for entry in entries)


def test_an_empty_database_is_not_ready_to_serve(empty_database: Database) -> None:
    with pytest.raises(SchemaBehind, match="hanko-compat migrate up"):
        migrate.require_current(empty_database)
    migrate.up(empty_database)
    assert migrate.require_current(empty_database).owner == "us"


@pytest.mark.slow
def test_processes_that_migrate_at_once_take_turns(empty_database: Database, empty_database_url: str) -> None:
    counts = sorted(
        int(process.communicate(timeout=PATIENCE)[0]) for process in migrating(empty_database_url, 3)
    )
    assert counts == [0, 0, len(ALL)]
    assert catalogue.inspect(empty_database).pending == ()
    assert locks(empty_database) == 0


@pytest.mark.slow
def test_one_that_is_killed_in_the_middle_keeps_no_other_waiting(
    empty_database: Database, empty_database_url: str
) -> None:
    """The tables are made whole whatever the killed one left."""
    (victim,) = migrating(empty_database_url, 1)
    wait_until(lambda: is_begun(empty_database, victim), why=lambda: "it does not begin")
    waiting = migrating(empty_database_url, 2)
    victim.kill()
    victim.communicate()
    first, second = sorted(int(process.communicate(timeout=PATIENCE)[0]) for process in waiting)
    assert first == 0 <= second
    assert catalogue.inspect(empty_database).pending == ()
    assert migrate.up(empty_database) == []
    assert locks(empty_database) == 0


def migrating(url: str, number: int) -> list[subprocess.Popen[str]]:
    command = [sys.executable, "-c", UP, url]
    return [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(number)]


def is_begun(database: Database, process: subprocess.Popen[str]) -> bool:
    """Whether the process has the lock, or is through already."""
    if process.poll() is not None:
        return True
    if database.dialect == "sqlite":
        return bool(database.peewee.path.stat().st_size)
    return locks(database) > 0


LOCKS = {
    "postgres": "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    "mysql": f"SELECT IS_USED_LOCK({migrate.LOCK_NAME}) IS NOT NULL",
}


def locks(database: Database) -> int:
    """How many locks of migrations are held."""
    if database.dialect == "sqlite":
        return 0
    with database.connection():
        return int(database.peewee.execute_sql(LOCKS[database.dialect]).fetchone()[0])


class Interrupted(Exception):
    """As raised by a migration that fails."""


def test_a_migration_that_fails_leaves_no_lock(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> list[str]:
        raise Interrupted

    monkeypatch.setattr(history.ScopedRunner, "up", fail)
    with pytest.raises(Interrupted):
        migrate.up(empty_database)
    assert locks(empty_database) == 0
    monkeypatch.undo()
    assert migrate.up(empty_database) == ALL


def test_who_waits_for_too_long_is_told_the_truth(
    empty_database: Database,
    open_database: OpenDatabase,
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(migrate, "LOCK_WAIT", 0.3)
    other = open_database(empty_database_url)
    other.peewee.timeout = 0.1  # SQLite's
    with empty_database.connection(), ExitStack() as held:
        assert migrate._take_lock(empty_database, held)
        with (
            ThreadPoolExecutor(1) as pool,
            pytest.raises(MigrationUnderWay, match="probably by migrating it"),
        ):
            pool.submit(migrate.up, other).result()
    assert migrate.up(other) == ALL


def test_rows_of_each_migration_survive_the_later_ones(empty_database: Database) -> None:
    put_in: dict[str, tuple[Any, ...]] = {}
    with empty_database.connection():
        runner = history.ScopedRunner(empty_database, history.ON_OURS)
        for migration in ALL:
            assert runner.up(migration) == [migration]
            for table, row in SAMPLES[migration].items():
                insert(empty_database, table, row)
                put_in[table] = stored(empty_database, table)
        moved = [put_in.pop(table) for table in ("hanko_compat_outbox", "hanko_compat_webhook_deliveries")]
        for table, rows in put_in.items():
            # Later columns come behind the others.
            found = tuple(row[: len(rows[0])] for row in stored(empty_database, table))
            assert (table, found) == (table, rows)
        deliveries = put_in.pop("hanko_compat_deliveries")
        assert len(deliveries) == 1 + len(moved)  # see test_deliveries.py
        assert all(len(found) == 1 for found in [*put_in.values(), *moved])


def test_every_table_has_a_sample_row() -> None:
    sampled = {table for tables in SAMPLES.values() for table in tables}
    assert sampled == {model._meta.table_name for model in ALL_TABLES}


def without_own(lines: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """The lines about tables that Hanko has too."""
    return {line for line in lines if line[0] not in OWN_NAMES}


def insert(database: Database, table: str, row: dict[str, Any]) -> None:
    places = ", ".join([database.peewee.param] * len(row))
    statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
    database.peewee.execute_sql(statement, tuple(row.values()))


def stored(database: Database, table: str) -> tuple[Any, ...]:
    return tuple(database.peewee.execute_sql(f"SELECT * FROM {table}").fetchall())


def test_deleting_a_user_takes_the_rows_along(database: Database) -> None:
    now = utc_now()
    with database.connection():
        user = User.create(created_at=now, updated_at=now)
        Email.create(user=user, address="a@example.test", verified=True, created_at=now, updated_at=now)
        Session.create(user=user, last_used=now, created_at=now, updated_at=now)
        User.delete().where(User.id == user.id).execute()
        assert (Email.select().count(), Session.select().count()) == (0, 0)


@pytest.mark.servers
def test_the_layout_on_postgres_is_hankos(open_database: OpenDatabase, postgres: Postgres) -> None:
    hankos = layout(
        open_database(restored.on_postgres(postgres, "postgres-2.7", name="layout_hanko", data=False))
    )
    database = open_database(postgres.create_database("layout_ours"))
    migrate.up(database)
    ours = layout(database)
    assert without_own(ours["columns"]) == hankos["columns"]
    assert without_own(ours["keys"]) == hankos["keys"]
    assert ours["indexes"] >= hankos["indexes"]
    assert {name for _, name, _ in without_own(ours["indexes"]) - hankos["indexes"]} == FURTHER


@pytest.mark.servers
def test_the_layout_on_mariadb_is_hankos(open_database: OpenDatabase, mariadb: MariaDB) -> None:
    hankos = layout(
        open_database(restored.on_mariadb(mariadb, "mariadb-2.7", name="layout_hanko", data=False))
    )
    database = open_database(mariadb.create_database("layout_ours"))
    migrate.up(database)
    ours = {kind: without_own(lines) for kind, lines in layout(database).items()}
    assert {name for _, name, *_ in ours["indexes"] - hankos["indexes"]} == ORDERS
    assert ours | {"indexes": ours["indexes"] & hankos["indexes"]} == hankos


@pytest.mark.servers
def test_our_own_mariadb_tells_cases_and_accents_apart(open_database: OpenDatabase, mariadb: MariaDB) -> None:
    database = open_database(mariadb.create_database("collation"))
    migrate.up(database)
    now = utc_now()
    with database.connection():
        for address in ("alice@example.test", "Alice@example.test", "alicé@example.test"):
            Email.create(address=address, verified=False, created_at=now, updated_at=now)
        assert Email.select().where(Email.address == "alice@example.test").count() == 1


@pytest.mark.servers
def test_a_killed_migration_on_mariadb_is_finished_by_the_next(
    open_database: OpenDatabase, mariadb: MariaDB
) -> None:
    database = open_database(mariadb.create_database("killed"))
    migrate.up(database)
    complete = layout(database)
    with database.connection():
        # As a run leaves it that was killed in the first migration: no transaction takes a table back.
        for table in ("tokens", "saml_identities", "hanko_compat_social_accounts", "identities"):
            database.peewee.execute_sql(f"DROP TABLE {table}")
        database.peewee.execute_sql("DROP INDEX emails_address_idx ON emails")
        database.peewee.execute_sql(f"DELETE FROM {history.TABLE}")
    assert migrate.up(database) == ALL
    assert layout(database) == complete


@pytest.mark.servers
@pytest.mark.parametrize("folder", ["postgres-2.7", "postgres-3.0"])
def test_nothing_is_altered_on_hankos_postgres(
    open_database: OpenDatabase, postgres: Postgres, folder: str
) -> None:
    database = open_database(restored.on_postgres(postgres, folder, name="hankos"))
    with database.connection():
        tables = set(database.peewee.get_tables())
    before = layout(database)
    assert migrate.up(database) == OWN
    assert [entry.name for entry in migrate.status(database)] == OWN
    assert migrate.require_current(database).owner == "hanko"
    assert {kind: without_own(lines) for kind, lines in layout(database).items()} == before
    with database.connection():
        assert set(database.peewee.get_tables()) - OWN_NAMES == tables


@pytest.mark.servers
def test_nothing_is_altered_on_hankos_mariadb(open_database: OpenDatabase, mariadb: MariaDB) -> None:
    database = open_database(restored.on_mariadb(mariadb, "mariadb-2.7", name="hankos"))
    before = layout(database)
    assert migrate.up(database) == OWN
    assert migrate.require_current(database).version == 2
    assert {kind: without_own(lines) for kind, lines in layout(database).items()} == before


@pytest.mark.servers
def test_several_tenants_are_refused(open_database: OpenDatabase, postgres: Postgres) -> None:
    database = open_database(restored.on_postgres(postgres, "postgres-3.0", name="tenants"))
    with database.connection():
        database.peewee.execute_sql(
            "INSERT INTO public.tenants (id, created_at, updated_at) VALUES (gen_random_uuid(), now(), now())"
        )
    with pytest.raises(SchemaUnsupported, match="2 tenants"):
        migrate.require_current(database)
