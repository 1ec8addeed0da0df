"""``hanko-compat cleanup``: what is there to delete, what was, and what is asked for before."""

import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.services.clean_up.kinds import AUDIT_LOG
from hanko_compat.services.clean_up.schedule import NAME
from hanko_compat.services.leases import Lease
from hanko_compat.storage import leases
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import AuditLog, SpentToken
from tests.cli.terminal import run, write_config
from tests.factories import write_to
from tests.services.clean_up.full import KINDS
from tests.settings import settings_on

HOUR = timedelta(hours=1)


@pytest.fixture
def database(database_url):
    database = write_to(open_database(database_url))
    yield database
    database.close_all()


@pytest.fixture
def config(database_url):
    return str(write_config(Path("config.yaml"), settings_on(database_url)))


@pytest.fixture(autouse=True)
def old_rows(database):
    """Three tokens that were used, of which one is needed still, and an audit row."""
    with database.connection():
        for number, age in enumerate((2 * HOUR, HOUR / 2, -HOUR)):
            SpentToken.create(id=str(number), expires_at=utc_now() - age)
        KINDS[AUDIT_LOG][0](utc_now() - timedelta(days=40))


def left(database, model=SpentToken):
    with database.connection():
        return model.select().count()


def lines_of(result):
    assert result.exit_code == 0, result.output
    return {words[0]: words[1:] for words in map(str.split, result.stdout.splitlines())}


def test_a_dry_run_deletes_nothing(config, database):
    lines = lines_of(run("cleanup", "--dry-run", "--config", config))
    assert lines["spent_tokens"] == ["1", "1h"]
    assert lines["sessions"] == ["0", "720h"]
    assert lines["1"] == ["rows", "would", "be", "deleted"]
    assert AUDIT_LOG not in lines
    assert left(database) == 3


def test_it_deletes_what_is_past_its_time(config, database):
    lines = lines_of(run("cleanup", "--config", config))
    assert lines["spent_tokens"] == ["1", "1h"]
    assert lines["1"] == ["rows", "deleted"]
    assert left(database) == 2
    assert lines_of(run("cleanup", "--config", config))["0"] == ["rows", "deleted"]


def test_a_time_can_be_given(config, database):
    lines = lines_of(run("cleanup", "--older-than", "10m", "--config", config))
    assert lines["spent_tokens"] == ["2", "10m"]
    assert lines["empty_users"] == ["0", "24h"]
    assert left(database) == 1


@pytest.mark.parametrize("text", ["a week", "7d", "-1h", ""])
def test_what_is_no_time_is_refused(config, database, text):
    result = run("cleanup", "--older-than", text, "--config", config)
    assert result.exit_code == 2
    assert "is not a duration, try 24h or 5m" in result.output
    assert left(database) == 3


def test_for_programs_each_kind_is_an_object(config):
    result = run("cleanup", "--dry-run", "--json", "--config", config)
    objects = {each["kind"]: each for each in map(json.loads, result.output.splitlines())}
    assert objects["spent_tokens"] == {"kind": "spent_tokens", "rows": 1, "kept": "1h"}


@pytest.mark.parametrize(
    ("arguments", "exit_code", "rows"),
    [
        ((), 2, 1),  # there is nobody to answer
        (("--yes",), 0, 0),
        (("--yes", "--older-than", "2400h"), 0, 1),
        (("--older-than", "2400h"), 0, 1),  # nothing to ask about
        (("--dry-run",), 0, 1),
    ],
    ids=str,
)
def test_audit_rows_are_asked_about(config, database, arguments, exit_code, rows):
    result = run("cleanup", "--audit-log", *arguments, "--config", config)
    assert result.exit_code == exit_code, result.output
    assert ("add --yes" in result.output) == (exit_code == 2)
    assert left(database, AuditLog) == rows
    assert exit_code == 0 or left(database) == 3


def test_audit_rows_need_a_time(database_url, database):
    settings = settings_on(database_url, {"audit_log.retention": ""})
    result = run("cleanup", "--audit-log", "--config", str(write_config(Path("for_ever.yaml"), settings)))
    assert result.exit_code == 2
    assert "audit_log.retention has no duration" in result.output


def test_it_waits_while_another_process_cleans_up(config, database, monkeypatch):
    other = Lease(database, NAME, now=utc_now)
    assert other.take()
    due_at = utc_now().replace(microsecond=0) + HOUR
    waiting = SimpleNamespace(sleep=lambda seconds: other.give_back(due_at=due_at))
    monkeypatch.setattr(import_module("hanko_compat.cli.cleanup"), "time", waiting)
    result = run("cleanup", "--config", config)
    assert result.exit_code == 0
    assert result.stderr == "another process cleans up at present; waiting until it has ended\n"
    assert left(database) == 2
    with database.connection():  # the schedule goes on as before
        row = leases.find(NAME)
        assert (row.holder, row.due_at) == (leases.NOBODY, due_at)


def test_it_says_when_another_process_takes_over(config, monkeypatch):
    monkeypatch.setattr(Lease, "keep", lambda self: False)
    result = run("cleanup", "--config", config)
    assert result.exit_code == 1
    assert "run `hanko-compat cleanup` again" in result.output


def test_a_database_without_tables_is_named(empty_database_url):
    empty = write_config(Path("empty.yaml"), settings_on(empty_database_url))
    result = run("cleanup", "--config", str(empty))
    assert result.exit_code == 1
    assert "migrate up" in result.output
