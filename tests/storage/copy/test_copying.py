"""A copy is exact, goes on where it was killed, and notices what changed meanwhile."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from hanko_compat import wiring
from hanko_compat.app import create_app
from hanko_compat.config import from_mapping
from hanko_compat.errors.database import CopyRefused, SchemaBehind
from hanko_compat.storage.copy import copying
from hanko_compat.storage.copy import progress as copy_progress
from hanko_compat.storage.copy.copying import Verified
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import ALL_TABLES, HANKO_TABLES
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring.start import prepare
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.process import PATIENCE, own_name
from tests.settings import settings_on
from tests.storage import installations, restored
from tests.storage.conftest import OpenDatabase
from tests.storage.installations import execute, snapshot
from tests.storage.layouts import layout

DAY = "2026-01-01"
EmptyOn = Callable[[str, str], str]

KINDS = [
    pytest.param("sqlite"),
    pytest.param("postgres", marks=pytest.mark.servers),
    pytest.param("mariadb", marks=pytest.mark.servers),
]
KILLED = """
import os, signal, sys
from hanko_compat.storage.copy import copying, progress, tables
from hanko_compat.storage.engine.database import open_database

source, target, moment, step, number = sys.argv[1:]
countdown = iter(range(1, 1000))

def deadly(function):
    def called(*arguments):
        dies = next(countdown) == int(number)
        if dies and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        function(*arguments)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
    return called

if step == "insert":
    tables.CopiedTable.insert = deadly(tables.CopiedTable.insert)
else:
    progress.write = deadly(progress.write)
copying.prepare(open_database(source), open_database(target), batch=3).copy_rows(lambda rows: None)
"""


def copy(
    source_url: str, target_url: str, *, meanwhile: Callable[[int], None] | None = None, **options: int
) -> list[Verified]:
    """Copy everything, as the command does; *meanwhile* is called after each batch of the copy."""
    source, target = open_database(source_url), open_database(target_url)
    try:
        prepared = copying.prepare(source, target, **options)
        prepared.copy_rows(meanwhile or (lambda _: None))
        verified = prepared.verify(lambda _: None)
        prepared.finish()
    finally:
        source.close_all()
        target.close_all()
    return verified


def refusal(source_url: str, target_url: str, **options: Any) -> str:
    with pytest.raises(CopyRefused) as refused:
        copy(source_url, target_url, **options)
    return str(refused.value)


def restore(folder: str, request: pytest.FixtureRequest) -> str:
    if folder.startswith("mariadb"):
        return restored.on_mariadb(request.getfixturevalue("mariadb"), folder, name="copy_source")
    return restored.on_postgres(request.getfixturevalue("postgres"), folder, name="copy_source")


@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize("source", KINDS)
def test_every_row_comes_through_exactly(source: str, target: str, empty_on: EmptyOn) -> None:
    here, there = installations.make(empty_on(source, "source")), empty_on(target, "target")
    before = snapshot(here)
    verified = copy(here, there)
    assert snapshot(there) == snapshot(here, has_whole_seconds=target == "mariadb")
    assert snapshot(here) == before
    assert {each.table: each.tally.rows for each in verified} == {
        table: len(rows) for table, rows in before.items()
    }
    assert min(each.tally.rows for each in verified) == 1


@pytest.mark.servers
@pytest.mark.parametrize("target", ["sqlite", "postgres", "mariadb"])
@pytest.mark.parametrize("folder", restored.FOLDERS)
def test_hankos_databases_move_with_their_sessions(
    folder: str,
    target: str,
    empty_on: EmptyOn,
    open_database: OpenDatabase,
    request: pytest.FixtureRequest,
) -> None:
    fixture = json.loads((restored.DATABASES / folder / "fixture.json").read_text())
    here, there = restore(folder, request), empty_on(target, "target")
    before = layout(open_database(here)), snapshot(here)
    copy(here, there)
    assert (layout(open_database(here)), snapshot(here)) == before
    assert snapshot(there) == snapshot(here, has_whole_seconds=target == "mariadb")

    settings = settings_on(there, {"secrets.keys": fixture["secrets_current"]})
    services = wiring.build(from_mapping(settings, environ={}))
    prepare(services)
    client = create_app(services.config, services=services).test_client()
    for session in fixture["sessions"]:
        answer = client.get("/sessions/validate", headers={"Authorization": f"Bearer {session['token']}"})
        assert answer.json["is_valid"] == session["valid"]
    published = client.get("/.well-known/jwks.json").json["keys"]
    # A secret that no key was made for gets one: the database is ours now.
    assert {key["kid"] for key in published} >= {key["kid"] for key in fixture["jwks_public"]}
    services.database.close_all()


@pytest.mark.slow
@pytest.mark.parametrize("target", KINDS)
@pytest.mark.parametrize(
    ("moment", "step", "number"),
    [("after", "insert", 1), ("after", "insert", 40), ("before", "note", 9), ("after", "note", 9)],
)
def test_a_killed_copy_is_finished_by_the_next(
    target: str, moment: str, step: str, number: int, empty_on: EmptyOn
) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on(target, "target")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, here, there, moment, step, str(number)], timeout=PATIENCE, check=False
    )
    assert killed.returncode == -signal.SIGKILL

    half = open_database(there)
    with pytest.raises(SchemaBehind, match="unfinished copy"):
        migrate.require_current(half)
    # The batch that it died in is taken back, those before it are there to stay.
    assert bool(sum(len(rows) for rows in snapshot(there).values())) == (number > 1)
    copy(here, there, batch=4)
    assert snapshot(there) == snapshot(here, has_whole_seconds=target == "mariadb")
    assert migrate.require_current(half).owner == "us"
    half.close_all()


def test_a_batch_bounds_what_is_held_in_memory(empty_on: EmptyOn) -> None:
    sizes: list[int] = []
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "target")
    copy(here, there, meanwhile=sizes.append, batch=3)
    assert max(sizes) == 3
    assert len(sizes) > len(ALL_TABLES)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET name = 'somebody else' WHERE picture IS NULL",
        "DELETE FROM sessions",
        f"INSERT INTO users (id, created_at, updated_at) VALUES ('{UUID(int=0)}', '{DAY}', '{DAY}')",
    ],
)
def test_what_is_written_to_the_source_meanwhile_is_noticed(
    change: str, empty_on: EmptyOn, open_database: OpenDatabase
) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "target")
    changes = [change]

    def write(_: int) -> None:
        if changes and copied_sessions(there):
            execute(here, changes.pop())

    told = refusal(here, there, meanwhile=write)
    table = next(table for table in ("users", "sessions") if table in change)
    assert f"was written to while it was copied ({table})" in told
    assert "stop every server" in told
    with pytest.raises(SchemaBehind, match="unfinished copy"):
        migrate.require_current(open_database(there))


def copied_sessions(url: str) -> int:
    database = open_database(url)
    with database.connection():
        (count,) = database.peewee.execute_sql("SELECT COUNT(*) FROM sessions").fetchone()
    database.close_all()
    return int(count)


def test_what_somebody_else_writes_to_the_target_is_noticed(empty_on: EmptyOn) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "target")

    def write(_: int) -> None:
        execute(there, "UPDATE users SET name = 'somebody else'")

    assert "does not hold what was copied into it (users)" in refusal(here, there, meanwhile=write)


def test_a_database_is_not_copied_into_itself(empty_on: EmptyOn) -> None:
    here = installations.make(empty_on("sqlite", "source"))
    before = snapshot(here)
    folder, _, name = here.removeprefix("sqlite:///").rpartition("/")
    assert "the same database" in refusal(here, f"sqlite:///{folder}/./{name}")
    assert snapshot(here) == before


@pytest.mark.servers
def test_a_database_is_known_under_another_name_of_its_host(postgres: Postgres) -> None:
    here = installations.make(postgres.create_database("copy_source"))
    assert "it is the same database" in refusal(here, here.replace("127.0.0.1", "localhost"))


def test_a_finished_copy_is_not_begun_again(empty_on: EmptyOn) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "target")
    copy(here, there)
    assert "the copy is finished" in refusal(here, there)


def test_a_target_in_use_stays_as_it_is(empty_on: EmptyOn) -> None:
    here, there = (
        installations.make(empty_on("sqlite", "source")),
        installations.make(empty_on("sqlite", "used")),
    )
    execute(there, "UPDATE jwks SET key_data = 'of another installation'")
    before = snapshot(there)
    told = refusal(here, there)
    assert "is in use, it has rows (users: 12, " in told
    assert "jwks: 2" in told
    assert snapshot(there) == before


@pytest.mark.servers
def test_a_target_in_use_by_servers_alone_stays_as_it_is(
    empty_on: EmptyOn, open_database: OpenDatabase, request: pytest.FixtureRequest
) -> None:
    there = empty_on("sqlite", "used")
    migrate.up(open_database(there))
    execute(there, f"INSERT INTO hanko_compat_projects VALUES ('pro-1', '{DAY}')")
    here = restore("postgres-2.7", request)
    assert "is in use, it has rows (hanko_compat_projects: 1)" in refusal(here, there)


@pytest.mark.servers
def test_an_account_that_may_only_read_the_source_is_enough(empty_on: EmptyOn, postgres: Postgres) -> None:
    here, reader = installations.make(postgres.create_database("copy_source")), own_name("copy_reader")
    execute(here, f"CREATE ROLE {reader} LOGIN", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}")
    there = empty_on("sqlite", "target")
    copy(here.replace("hanko:hanko@", f"{reader}@"), there)
    assert snapshot(there) == snapshot(here)


def test_a_target_of_another_application_stays_as_it_is(
    empty_on: EmptyOn, open_database: OpenDatabase
) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "other")
    execute(there, "CREATE TABLE users (id integer)")
    before = layout(open_database(there))
    assert "in the way: users" in refusal(here, there)
    assert layout(open_database(there)) == before


def test_a_migrated_target_without_a_row_is_empty(empty_on: EmptyOn, open_database: OpenDatabase) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "target")
    migrate.up(open_database(there))
    copy(here, there)
    assert snapshot(there) == snapshot(here)


@pytest.mark.servers
def test_a_target_that_hanko_owns_stays_as_it_is(
    empty_on: EmptyOn, postgres: Postgres, open_database: OpenDatabase
) -> None:
    here = installations.make(empty_on("sqlite", "source"))
    there = restored.on_postgres(postgres, "postgres-2.7", name="copy_target", data=False)
    before = layout(open_database(there))
    assert "Hanko owns the schema" in refusal(here, there)
    assert layout(open_database(there)) == before


def test_an_unfinished_copy_of_another_installation_stays_as_it_is(empty_on: EmptyOn) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "target")
    other = installations.make(empty_on("sqlite", "other"))
    execute(other, "UPDATE jwks SET key_data = 'of another installation'")
    begin(other, there)
    assert "unfinished copy of another installation" in refusal(here, there)
    copy(other, there)
    assert snapshot(there) == snapshot(other)


def begin(source_url: str, target_url: str) -> None:
    """Begin a copy, and copy nothing."""
    source, target = open_database(source_url), open_database(target_url)
    copying.prepare(source, target)
    source.close_all()
    target.close_all()


def test_an_unfinished_copy_is_no_source(empty_on: EmptyOn) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "target")
    begin(here, there)
    assert "unfinished copy itself" in refusal(there, empty_on("sqlite", "third"))


def test_a_source_that_is_not_there_is_not_made(empty_on: EmptyOn) -> None:
    assert "there is no file" in refusal(empty_on("sqlite", "missing"), empty_on("sqlite", "target"))
    assert "there is no file" in refusal(empty_on("sqlite", "missing"), empty_on("sqlite", "target"))


def test_an_empty_source_is_no_installation(empty_on: EmptyOn) -> None:
    here = empty_on("sqlite", "source")
    execute(here, "SELECT 1")
    assert "holds no installation" in refusal(here, empty_on("sqlite", "target"))


def test_a_source_behind_is_migrated_first(empty_on: EmptyOn) -> None:
    here = installations.make(empty_on("sqlite", "source"))
    execute(here, "DELETE FROM hanko_compat_migrations WHERE name = '0007_backend_orders'")
    told = refusal(here, empty_on("sqlite", "target"))
    assert "lacks 0007_backend_orders; run `hanko-compat migrate up` on it first" in told


@pytest.mark.servers
@pytest.mark.parametrize(
    ("folder", "change", "expected"),
    [
        (
            "postgres-3.0",
            "INSERT INTO public.tenants VALUES (gen_random_uuid(), NULL, now(), now())",
            "2 tenants",
        ),
        ("postgres-2.7", "DROP TABLE public.trusted_devices", "missing: trusted_devices"),
    ],
)
def test_sources_that_can_not_be_shared_are_refused(
    folder: str, change: str, expected: str, empty_on: EmptyOn, request: pytest.FixtureRequest
) -> None:
    here = restore(folder, request)
    execute(here, change)
    assert expected in refusal(here, empty_on("sqlite", "target"))


@pytest.mark.servers
def test_own_tables_on_hankos_database_come_along(empty_on: EmptyOn, request: pytest.FixtureRequest) -> None:
    here, there = restore("postgres-2.7", request), empty_on("sqlite", "target")
    database = open_database(here)
    migrate.up(database)
    database.close_all()
    execute(here, "INSERT INTO hanko_compat_spent_tokens VALUES ('text', '2026-01-01')")
    assert len(copy(here, there)) == len(ALL_TABLES) > len(HANKO_TABLES)
    assert snapshot(there) == snapshot(here)
    execute(here, "DELETE FROM hanko_compat_migrations WHERE name = '0005_outbox'")
    assert "lacks 0005_outbox" in refusal(here, empty_on("sqlite", "second"))


@pytest.mark.servers
def test_tables_of_hanko_3_that_stay_behind_are_named(
    empty_on: EmptyOn, postgres: Postgres, open_database: OpenDatabase
) -> None:
    here = restored.on_postgres(postgres, "postgres-3.0", name="copy_source")
    prepared = copying.prepare(open_database(here), open_database(empty_on("sqlite", "target")))
    assert prepared.left_behind() == []
    execute(
        here,
        "INSERT INTO public.saml_providers (id, created_at, updated_at)"
        " VALUES (gen_random_uuid(), now(), now())",
    )
    assert prepared.left_behind() == ["saml_providers"]


@pytest.mark.servers
@pytest.mark.parametrize(
    ("kind", "rows", "expected"),
    [
        ("postgres", {3: "x" * 256}, "a value does not fit its column"),
        ("postgres", {3: "a\x00b"}, "a value does not fit its column"),
        ("mariadb", {3: "x" * 256}, "a value does not fit its column"),
        ("mariadb", {2: "kept secret", 3: "kept secret "}, "a unique or a foreign key forbids it"),
    ],
)
def test_a_row_that_the_target_refuses_is_named_and_not_shown(
    kind: str, rows: dict[int, str], expected: str, empty_on: EmptyOn
) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on(kind, "target")
    database = open_database(here)
    with database.connection():
        for number, address in rows.items():
            parameters = (address, installations.identifier(2, number))
            database.peewee.execute_sql("UPDATE emails SET address = ? WHERE id = ?", parameters)
    database.close_all()
    told = refusal(here, there)
    assert f"refuses the row {installations.identifier(2, 3)} of emails: {expected}" in told
    assert not any(address in told for address in rows.values())


def test_a_value_that_can_not_be_read_is_told(empty_on: EmptyOn) -> None:
    here = installations.make(empty_on("sqlite", "source"))
    execute(here, "UPDATE sessions SET last_used = 'tomorrow'")
    told = refusal(here, empty_on("sqlite", "target"))
    assert "rows of sessions (from the first on) can't be read" in told


@pytest.mark.servers
def test_postgres_goes_on_numbering_behind_the_keys(
    empty_on: EmptyOn, postgres: Postgres, open_database: OpenDatabase
) -> None:
    there = postgres.create_database("copy_target")
    copy(installations.make(empty_on("sqlite", "source")), there)
    execute(there, "INSERT INTO jwks (key_data, created_at) VALUES ('next', '2026-01-01')")
    assert [row["id"] for row in snapshot(there)["jwks"] if row["key_data"] == "next"] == [8]


def test_two_copies_at_once_do_not_mix(empty_on: EmptyOn, open_database: OpenDatabase) -> None:
    here, there = installations.make(empty_on("sqlite", "source")), empty_on("sqlite", "target")
    prepared = [copying.prepare(open_database(here), open_database(there)) for _ in range(2)]
    prepared[0].copy_rows(lambda _: None)
    with pytest.raises(CopyRefused, match="another process copies into"):
        prepared[1].copy_rows(lambda _: None)
    prepared[0].verify(lambda _: None)
    prepared[0].finish()
    assert snapshot(there) == snapshot(here)
    assert not copy_progress.is_unfinished(open_database(there))


@pytest.mark.servers
def test_mariadb_as_hanko_has_it_and_ours_keep_the_same_texts(
    empty_on: EmptyOn, mariadb: MariaDB, open_database: OpenDatabase
) -> None:
    here = restored.on_mariadb(mariadb, "mariadb-2.7", name="copy_source")
    there = empty_on("mariadb", "target")
    copy(here, there)
    before = len(snapshot(there)["emails"])
    row = f"'{installations.identifier(9, 9)}', 'alicé@example.test', 0, '2026-01-01', '2026-01-01'"
    with pytest.raises(Exception, match="Duplicate"):
        execute(here, f"INSERT INTO emails (id, address, verified, created_at, updated_at) VALUES ({row})")
    execute(there, f"INSERT INTO emails (id, address, verified, created_at, updated_at) VALUES ({row})")
    assert len(snapshot(there)["emails"]) == before + 1
