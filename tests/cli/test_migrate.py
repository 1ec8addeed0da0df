import json
from pathlib import Path

import pytest

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.schema import catalogue
from tests.cli.terminal import run, write_config
from tests.servers.postgres import Postgres
from tests.settings import settings_on
from tests.storage import migrations, restored

OWN, NAMES = list(migrations.ON_HANKOS), list(migrations.ALL)


@pytest.fixture
def empty(empty_database_url):
    write_config(Path("config.yaml"), settings_on(empty_database_url))
    return empty_database_url


@pytest.fixture
def hankos(test_run):
    server = Postgres(test_run)
    server.shared()
    url = restored.on_postgres(server, "postgres-2.7", name="cli_migrate")
    write_config(Path("config.yaml"), settings_on(url))
    return url


def test_up_applies_what_is_missing(empty):
    result = run("migrate", "up")
    assert (result.exit_code, result.output.splitlines()) == (0, [f"applied  {name}" for name in NAMES])
    database = open_database(empty)
    assert catalogue.inspect(database).pending == ()
    database.close_all()


def test_up_twice_says_that_nothing_is_missing(empty):
    run("migrate", "up")
    result = run("migrate", "up")
    assert result.exit_code == 0
    assert result.output.endswith(" is up to date.\n")


def test_status_is_a_problem_while_a_migration_is_missing(empty):
    before = run("migrate", "status")
    assert before.exit_code == 1
    assert before.output.count("missing") == len(NAMES)
    assert "run: hanko-compat migrate up" in before.output
    run("migrate", "up")
    after = run("migrate", "status")
    assert after.exit_code == 0
    assert [line.split()[-1] for line in after.stdout.splitlines()[1:]] == NAMES
    rows = [json.loads(line) for line in run("migrate", "status", "--json").stdout.splitlines()]
    assert [row["name"] for row in rows if row["applied_at"]] == NAMES


def test_indexes_of_our_own_database_are_there(empty):
    run("migrate", "up")
    result = run("migrate", "indexes")
    assert (result.exit_code, result.output) == (0, "No index is missing.\n")


def test_indexes_need_the_tables(empty):
    result = run("migrate", "indexes")
    assert result.exit_code == 1
    assert "run: hanko-compat migrate up" in result.output


def test_another_applications_database_is_refused(empty):
    database = open_database(empty)
    with database.connection():
        database.peewee.execute_sql("CREATE TABLE users (id integer)")
    database.close_all()
    for command in ("up", "status", "indexes"):
        result = run("migrate", command)
        assert (result.exit_code, "in the way: users" in result.output) == (1, True)


@pytest.mark.parametrize("url", ["postgres", "mysql"])
def test_a_server_that_is_down_is_named_without_its_password(url):
    write_config(Path("config.yaml"), settings_on(f"{url}://user:pass-w0rd@127.0.0.1:1/name"))
    result = run("migrate", "up")
    assert result.exit_code == 1
    assert "does not answer" in result.output
    assert "pass-w0rd" not in result.output


@pytest.mark.servers
def test_up_makes_our_own_tables_only_on_hankos_database(hankos):
    result = run("migrate", "up")
    assert result.exit_code == 0
    assert "Hanko owns this schema" in result.output
    assert [line.split()[-1] for line in result.output.splitlines() if line.startswith("applied")] == OWN
    result = run("migrate", "status")
    assert result.exit_code == 0
    assert "Hanko owns this schema" in result.output


@pytest.mark.servers
def test_indexes_on_hankos_schema_are_made_when_asked_for(hankos):
    run("migrate", "up")
    statement = "CREATE INDEX CONCURRENTLY sessions_user_id_idx ON sessions (user_id);"
    for arguments in (["--dry-run"], []):
        result = run("migrate", "indexes", *arguments)
        assert (result.exit_code, statement in result.output) == (0, True)
    assert run("migrate", "indexes").output == "No index is missing.\n"
