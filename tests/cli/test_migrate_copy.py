"""``migrate copy`` as an operator meets it."""

from pathlib import Path

import pytest

from hanko_compat.config import from_mapping
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.schema import migrate
from hanko_compat.wiring import build
from tests.cli.terminal import run, write_config
from tests.settings import settings_on
from tests.storage import installations
from tests.storage.installations import snapshot


@pytest.fixture
def here(tmp_path):
    return installations.make(f"sqlite:///{tmp_path}/here.sqlite3")


@pytest.fixture
def there(tmp_path):
    return f"sqlite:///{tmp_path}/there.sqlite3"


def test_copy_reports_what_it_has_verified(here, there):
    result = run("migrate", "copy", "--from", here, "--to", there)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    counts = {line.split()[2]: int(line.split()[0]) for line in lines if len(line.split()) == 3}
    assert counts == {table: len(rows) for table, rows in snapshot(here).items()}
    assert f"Rows and checksums of {len(counts)} tables agree: {sum(counts.values())} rows" in lines[-2]
    assert there in lines[-1]
    assert "copying" in result.stderr
    assert "verifying" in result.stderr
    assert snapshot(there) == snapshot(here)


def test_urls_may_come_from_the_environment(here, there):
    result = run("migrate", "copy", HANKO_COMPAT_COPY_FROM=here, HANKO_COMPAT_COPY_TO=there)
    assert result.exit_code == 0
    assert snapshot(there) == snapshot(here)


def test_a_second_run_has_nothing_to_do(here, there):
    run("migrate", "copy", "--from", here, "--to", there)
    result = run("migrate", "copy", "--from", here, "--to", there)
    assert (result.exit_code, "the copy is finished" in result.stderr) == (1, True)
    assert "Traceback" not in result.output


def test_both_urls_are_needed(here):
    result = run("migrate", "copy", "--from", here)
    assert (result.exit_code, "--to" in result.stderr) == (2, True)


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_server_that_is_down_is_named_without_its_password(option, here, there):
    urls = {"--from": here, "--to": there} | {option: "postgres://user:pass-w0rd@127.0.0.1:1/name"}
    result = run("migrate", "copy", *(word for pair in urls.items() for word in pair))
    assert (result.exit_code, "does not answer" in result.output) == (1, True)
    assert "pass-w0rd" not in result.output


@pytest.mark.slow
def test_an_interrupted_copy_goes_on_and_is_not_served_meanwhile(here, there, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("hanko_compat.storage.copy.copying.Copy.verify", interrupted)
        assert run("migrate", "copy", "--from", here, "--to", there).exit_code == 1
    write_config(Path("config.yaml"), settings_on(there))
    doctor = run("doctor")
    assert (doctor.exit_code, "holds an unfinished copy" in doctor.output) == (1, True)
    serve = run("serve")
    assert (serve.exit_code, "run the same `hanko-compat migrate copy` again" in serve.output) == (1, True)

    result = run("migrate", "copy", "--from", here, "--to", there)
    total = sum(len(rows) for rows in snapshot(here).values())
    assert (result.exit_code, f"{total} of {total} rows were copied before." in result.output) == (0, True)
    assert snapshot(there) == snapshot(here)


def test_the_models_stay_with_the_database_of_the_process(here, there, tmp_path):
    services = build_on(f"sqlite:///{tmp_path}/third.sqlite3")
    run("migrate", "copy", "--from", here, "--to", there)
    with services.database.connection():
        assert services.keys.list() == []
    services.database.close_all()


def build_on(url):
    database = open_database(url)
    migrate.up(database)
    database.close_all()
    return build(from_mapping(settings_on(url), environ={}))
