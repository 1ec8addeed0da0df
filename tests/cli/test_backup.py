"""``hanko-compat backup``: what it says, and what is there when it is killed."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from hanko_compat.storage.copy import backup
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.schema import migrate
from tests.cli.terminal import run, write_config
from tests.settings import settings_on

KILLED = """
import os, signal, sys
from hanko_compat.cli import main
from hanko_compat.storage.copy import backup
real, calls = backup.{name}, []
def die(*arguments, **options):
    calls.append(1)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
backup.{name} = die
main(sys.argv[1:])
"""
"""A process that is killed right before a step."""


@pytest.fixture
def config():
    """The configuration of an SQLite database that is there."""
    url = "sqlite:///data/hanko_compat.sqlite3"
    database = open_database(url)
    migrate.up(database)
    database.close_all()
    return str(write_config(Path("config.yaml"), settings_on(url)))


def is_sound(path):
    with closing(sqlite3.connect(path)) as copy:
        tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        return copy.execute("PRAGMA integrity_check").fetchone() == ("ok",) and "users" in tables


def test_it_says_what_it_has_written(config):
    result = run("backup", "copy.sqlite3", "--config", config)
    assert result.exit_code == 0
    assert result.output == f"copy.sqlite3: {Path('copy.sqlite3').stat().st_size:,} bytes, checked\n"
    assert is_sound("copy.sqlite3")


def test_it_replaces_nothing_unless_told(config):
    Path("copy.sqlite3").write_text("precious")
    refused = run("backup", "copy.sqlite3", "--config", config)
    assert refused.exit_code == 1
    assert "name another file, or add --force" in refused.output
    assert Path("copy.sqlite3").read_text() == "precious"
    assert run("backup", "copy.sqlite3", "--force", "--config", config).exit_code == 0
    assert is_sound("copy.sqlite3")


def test_a_database_that_is_missing_is_not_made(config):
    Path("data/hanko_compat.sqlite3").unlink()
    result = run("backup", "copy.sqlite3", "--config", config)
    assert result.exit_code == 1
    assert "there is no database at" in result.output
    assert not Path("copy.sqlite3").exists()
    assert not Path("data/hanko_compat.sqlite3").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "call"), [("_copy", 1), ("_verify", 1), ("_sync", 1), ("_put", 1), ("_sync", 2)]
)
@pytest.mark.parametrize("is_there", [False, True])
def test_when_it_is_killed_the_file_is_whole_or_as_it_was(config, name, call, is_there):
    folder = Path("backups")
    folder.mkdir()
    copy = folder / "copy.sqlite3"
    if is_there:
        copy.write_text("an older one")
    command = [sys.executable, "-c", KILLED.format(name=name, call=call), "backup", str(copy)]
    killed = subprocess.run([*command, "--force", "--config", config], capture_output=True, timeout=120)
    assert killed.returncode == -9, killed.stderr.decode()
    is_done = call == 2
    assert copy.exists() == (is_done or is_there)
    assert is_done or not is_there or copy.read_text() == "an older one"
    assert not is_done or is_sound(copy)

    assert run("backup", str(copy), "--force", "--config", config).exit_code == 0
    assert is_sound(copy)
    assert not list(folder.glob(f"{backup.PREFIX}*"))
