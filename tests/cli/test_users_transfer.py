"""``users import`` and ``users export`` as an operator meets them."""

import io
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanko_compat.cli import main
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import Email, User
from hanko_compat.storage.transfer import progress
from tests.cli.terminal import run, write_config
from tests.servers.process import PATIENCE
from tests.services.transfer.runs import export
from tests.services.transfer.samples import FULL, entry
from tests.settings import settings_on

BROKEN_OFF = """
import os, signal, sys
from hanko_compat.cli import main
from hanko_compat.services.transfer import file_reader, importing
from hanko_compat.storage.transfer import bulk, progress

moment, number, *arguments = sys.argv[1:]
countdown = iter(range(1, 1000))

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def interrupt():  # as a terminal does it, for parent and child
    os.killpg(os.getpgrp(), signal.SIGINT)

def deadly(function, *, before=None, after=None):
    def called(*arguments):
        is_the_one = next(countdown) == int(number)
        if is_the_one and before:
            before()
        result = function(*arguments)
        if is_the_one and after:
            after()
        return result
    return called

importing.Importer.__init__.__kwdefaults__["batch"] = 3
if moment == "before":
    bulk.insert = deadly(bulk.insert, before=kill)
elif moment == "after":
    bulk.insert = deadly(bulk.insert, after=kill)
elif moment == "between":
    importing.Importer._store = deadly(importing.Importer._store, after=kill)
elif moment == "interrupted":
    importing.Importer._store = deadly(importing.Importer._store, after=interrupt)
elif moment == "child checks":
    file_reader.read_account = deadly(file_reader.read_account, after=kill)
elif moment == "child prepares":
    bulk.prepare = deadly(bulk.prepare, after=kill)
main(arguments)
"""
TEN = [entry(f"{each:02}@b.test", username=f"user{each}") for each in range(10)]


@pytest.fixture
def database(database_url):
    """The database of the configuration in the folder."""
    write_config(Path("config.yaml"), settings_on(database_url))
    database = open_database(database_url)
    yield database
    database.close_all()


def write(*entries, name="users.json"):
    Path(name).write_text(json.dumps(entries))
    return name


def addresses(database):
    with database.connection():
        return sorted(address for (address,) in Email.select(Email.address).tuples())


def test_a_file_is_imported(database):
    result = run("users", "import", write(entry("a@b.test"), entry("c@b.test")))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "imported 2 users\n", "")
    assert addresses(database) == ["a@b.test", "c@b.test"]


@pytest.mark.one_database
def test_a_pipe_is_imported(database):
    os.mkfifo("pipe")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(Path("pipe").write_text, json.dumps([entry("a@b.test")]))
        result = run("users", "import", "pipe")
    assert (result.exit_code, addresses(database)) == (0, ["a@b.test"])


@pytest.mark.one_database
def test_standard_input_is_imported(database):
    content = io.BytesIO(json.dumps([entry("a@b.test")]).encode())
    result = CliRunner().invoke(main, ["users", "import", "-"], input=content, catch_exceptions=False)
    assert (result.exit_code, addresses(database)) == (0, ["a@b.test"])


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--on-conflict", "skip")])
def test_every_problem_is_named_and_nothing_written(database, options):
    name = write(entry("a@b.test"), {}, entry("x", user_id="y"), entry("a@b.test"))
    result = run("users", "import", name, *options)
    lines = result.stderr.splitlines()
    assert result.exit_code == 1
    assert [line.partition(": ")[0] for line in lines] == ["entry 2", "entry 3", "entry 3", "entry 4"]
    assert "entry 3: user_id: is no UUID" in lines
    assert "4 problems in 3 of 4 entries; nothing is written" in result.stdout
    assert addresses(database) == []


@pytest.mark.one_database
def test_problems_are_objects_for_programs(database):
    result = run("users", "import", write(entry("a@b.test"), entry("x")), "--json")
    problem, summary = (json.loads(line) for line in result.stdout.splitlines())
    assert problem == {"entry": 2, "field": "emails[0].address", "reason": "is no e-mail address"}
    assert (summary["entries"], summary["bad"], result.exit_code) == (2, 1, 1)


@pytest.mark.one_database
def test_a_dry_run_says_what_would_become_of_it(database):
    run("users", "import", write(entry("a@b.test")))
    name = write(entry("a@b.test"), entry("c@b.test"))
    outcomes = {}
    for policy in ("error", "skip", "update"):
        result = run("users", "import", name, "--dry-run", "--on-conflict", policy)
        outcomes[policy] = (result.exit_code, result.stdout.partition(": ")[2])
    assert outcomes == {
        "error": (1, ""),
        "skip": (0, "an import would have imported 1 users, left out 1\n"),
        "update": (0, "an import would have imported 1 users, updated 1\n"),
    }
    assert addresses(database) == ["a@b.test"]


@pytest.mark.one_database
def test_a_conflict_is_skipped_or_updated_when_asked(database):
    run("users", "import", write(entry("a@b.test")))
    name = write(entry("a@b.test", name="Jane"), entry("c@b.test"))
    result = run("users", "import", name)
    assert (result.exit_code, "entry 1: emails[0].address: a@b.test belongs to" in result.stderr) == (1, True)
    result = run("users", "import", name, "--on-conflict", "skip")
    assert (result.exit_code, result.stdout) == (0, "imported 1 users, left out 1\n")
    assert "entry 1: emails[0].address" in result.stderr
    result = run("users", "import", name, "--on-conflict", "update")
    assert (result.exit_code, result.stdout) == (0, "imported 0 users, updated 2\n")
    with database.connection():
        assert {user.name for user in User.select()} == {"Jane", None}


@pytest.mark.one_database
@pytest.mark.parametrize("content", ["", "null", "{}", '[{"emails": [', "[{}] more"])
def test_what_is_no_import_file_is_refused_in_a_line(database, content):
    Path("users.json").write_text(content)
    result = run("users", "import", "users.json")
    assert (result.exit_code, result.stderr.count("\n"), "Traceback" in result.output) == (1, 1, False)


@pytest.mark.one_database
def test_members_that_are_not_imported_are_named(database):
    result = run("users", "import", write(entry("a@b.test", nickname="x")))
    assert (result.exit_code, "nickname is no member that is imported (1 entries" in result.stderr) == (
        0,
        True,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "number"), [("before", 1), ("after", 1), ("between", 1), ("after", 2), ("between", 4)]
)
def test_a_killed_import_goes_on_without_doubles_or_gaps(database, moment, number):
    command = ["users", "import", write(*TEN)]
    killed = break_off(moment, number, *command)
    assert killed.returncode == -9
    # The fourth transaction has only one user.
    written = min(10, 3 * (number if moment == "between" else number - 1))
    assert_goes_on(database, command, written=written)


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize(("number", "written"), [(1, 0), (2, 3), (4, 9)])
def test_an_import_whose_child_was_killed_is_told_in_a_line_and_goes_on(database, number, written):
    command = ["users", "import", write(*TEN)]
    stopped = break_off("child prepares", number, *command)
    assert (stopped.returncode, stopped.stdout, stopped.stderr.count("\n")) == (1, "", 1)
    assert "the process that reads the file was killed by SIGKILL" in stopped.stderr
    assert_goes_on(database, command, written=written)


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_a_child_that_is_killed_while_it_checks_leaves_nothing(database, options):
    stopped = break_off("child checks", 5, "users", "import", write(*TEN), *options)
    assert (stopped.returncode, stopped.stdout, stopped.stderr.count("\n")) == (1, "", 1)
    assert "was killed by SIGKILL" in stopped.stderr
    assert addresses(database) == []
    with database.connection():
        assert progress.TABLE not in database.peewee.get_tables()


@pytest.mark.slow
@pytest.mark.one_database
def test_an_interrupted_import_ends_both_processes_and_goes_on(database):
    command = ["users", "import", write(*TEN)]
    stopped = break_off("interrupted", 2, *command)
    assert (stopped.returncode, stopped.stdout) == (1, "")
    assert "interrupted: run the same command again" in stopped.stderr
    assert stopped.stderr.endswith("Aborted!\n")
    assert "Traceback" not in stopped.stderr
    assert_goes_on(database, command, written=6)


def break_off(moment, number, *command):
    """Run a command to its sudden end. That of its output is the end of all its processes."""
    return subprocess.run(
        [sys.executable, "-c", BROKEN_OFF, moment, str(number), *command],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        start_new_session=True,
    )


def assert_goes_on(database, command, *, written):
    assert len(addresses(database)) == written
    assert f"is unfinished: {written} of 10" in run(*command, "--dry-run").stderr
    result = run(*command)
    assert (result.exit_code, f"{written} of 10 entries were imported before" in result.stderr) == (0, True)
    assert result.stdout == "imported 10 users\n"
    assert addresses(database) == [f"{each:02}@b.test" for each in range(10)]
    with database.connection():
        assert User.select().count() == 10
        assert progress.TABLE not in database.peewee.get_tables()


def test_an_export_is_read_back_without_loss(database):
    run("users", "import", write(FULL, entry("a@b.test", username="Jo")))
    before = export(database)
    result = run("users", "export", "out.json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "exported 2 users\n")
    with database.connection():
        User.delete().execute() if database.dialect != "mysql" else delete_all(database)
    result = run("users", "import", "out.json")
    assert (result.exit_code, result.stdout) == (0, "imported 2 users\n")
    assert export(database) == before


def delete_all(database):
    database.peewee.execute_sql("DELETE FROM primary_emails")
    User.delete().execute()


@pytest.mark.one_database
@pytest.mark.parametrize("mode", [None, 0o644])
def test_only_the_owner_reads_an_export(database, mode):
    path = Path("out.json")
    if mode:
        path.write_text("old")
        path.chmod(mode)
    run("users", "import", write(FULL))
    run("users", "export", "out.json")
    assert (path.stat().st_mode & 0o777, json.loads(path.read_text())) == (0o600, [FULL])
    assert {each.name for each in Path().iterdir()} >= {"out.json"}
    assert not list(Path().glob(".*.part-*"))


@pytest.mark.one_database
def test_an_export_that_fails_leaves_the_file_as_it_was(database, monkeypatch):
    run("users", "import", write(FULL))
    Path("out.json").write_text("old")

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("hanko_compat.services.transfer.exporting._entry", fail)
    assert run("users", "export", "out.json").exit_code == 1
    assert (Path("out.json").read_text(), list(Path().glob(".*.part-*"))) == ("old", [])


@pytest.mark.one_database
def test_an_export_can_go_to_standard_output(database):
    run("users", "import", write(FULL))
    result = run("users", "export", "-")
    assert (json.loads(result.stdout), result.stderr) == ([FULL], "exported 1 users\n")


@pytest.mark.one_database
def test_an_empty_export_is_an_empty_array_that_can_be_imported(database):
    run("users", "export", "out.json")
    assert Path("out.json").read_text() == "[]\n"
    result = run("users", "import", "out.json")
    assert (result.exit_code, result.stdout) == (0, "imported 0 users\n")


@pytest.mark.one_database
def test_a_folder_that_is_missing_is_told_in_a_line(database):
    result = run("users", "export", "missing/out.json")
    assert (result.exit_code, "can't be written" in result.stderr, result.stderr.count("\n")) == (1, True, 1)


@pytest.mark.one_database
def test_what_hanko_can_not_read_is_listed(database):
    run("users", "import", write(entry("a@b.test", name="Jane", metadata={"public": {"a": 1}})))
    result = run("users", "export", "out.json", "--for", "hanko")
    (found,) = json.loads(Path("out.json").read_text())
    assert found.keys() == {"user_id", "emails", "created_at", "updated_at"}
    for what in ("names and pictures", "metadata"):
        assert f"left out: {what} (users: 1; {found['user_id']})" in result.stderr


@pytest.mark.one_database
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_names_of_members_do_not_command_the_terminal(database, options):
    written = write(entry("a@b.test", **{"\x1b[2J\u202e\x9b31m": 1}))
    result = run("users", "import", "--dry-run", *options, written)
    assert result.exit_code == 0
    assert r"note: \x1b[2J\u202e\x9b31m is no member" in result.stderr
    assert result.output.replace("\n", "").isprintable()
