import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from hanko_compat.cli import main
from tests.cli.terminal import run, write_config

SECRET = "0123456789abcdef"


def named(issuer: str) -> dict[str, object]:
    return {"secrets": {"keys": [SECRET]}, "session": {"issuer": issuer}}


@pytest.fixture
def files(empty_folder: Path) -> dict[str, str]:
    """Three configurations that can be told apart."""
    return {
        name: str(write_config(empty_folder / f"{name}.yaml", named(name)))
        for name in ("one", "two", "config")
    }


def test_config_stands_before_or_behind_the_command(files: dict[str, str]) -> None:
    for arguments in (
        ("--config", files["one"], "config", "show"),
        ("config", "--config", files["one"], "show"),
        ("config", "show", "--config", files["one"]),
        ("--config", files["two"], "config", "show", "--config", files["one"]),
    ):
        assert "issuer: one" in run(*arguments, HANKO_CONFIG=files["two"]).stdout


def test_environment_names_the_config(files: dict[str, str]) -> None:
    assert "issuer: two" in run("config", "show", HANKO_CONFIG=files["two"]).stdout


def test_config_of_the_folder_is_the_last_resort(files: dict[str, str], empty_folder: Path) -> None:
    assert "issuer: config" in run("config", "show").stdout
    (empty_folder / "config.yaml").unlink()
    assert "issuer: ''" in run("config", "show", SECRETS_KEYS=SECRET).stdout


def test_environment_overrides_the_file(files: dict[str, str]) -> None:
    assert "issuer: three" in run("config", "show", SESSION_ISSUER="three").stdout


@pytest.mark.parametrize("command", ["serve", "doctor", "migrate up", "keys list", "config check"])
def test_every_problem_is_named(command: str, empty_folder: Path) -> None:
    broken = write_config(empty_folder / "broken.yaml", {"session": {"lifespan": "12 hours", "limt": 3}})

    result = run(*command.split(), "--config", str(broken))

    assert result.exit_code == 1
    assert all(path in result.output for path in ("session.lifespan", "session.limt", "secrets.keys"))


@pytest.mark.parametrize("how", ["option", "environment"])
def test_missing_file_is_named(how: str) -> None:
    if how == "option":
        result = run("config", "check", "--config", "nowhere.yaml")
    else:
        result = run("config", "check", HANKO_CONFIG="nowhere.yaml")

    assert result.exit_code != 0
    assert "nowhere.yaml" in result.stderr


def test_what_an_operator_has_to_mend_is_one_line(database_url: str) -> None:
    result = run("keys", "list", SECRETS_KEYS="another secret than before", DATABASE_URL=database_url)

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: signing key 1")
    assert "Traceback" not in result.output


def test_database_that_does_not_answer_is_named() -> None:
    result = run("migrate", "status", SECRETS_KEYS=SECRET, DATABASE_URL="postgres://hanko@127.0.0.1:1/hanko")

    assert result.exit_code == 1
    assert "database does not answer" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "command",
    [
        "doctor",
        "keys list",
        "keys rotate",
        "backend-api list",
        "backend-api create-secret",
        "backend-api revoke 7b7e0b5c-6d0c-4d0e-9f60-2f5d3a2d8a11",
        "migrate status",
        "migrate indexes",
        "migrate indexes --dry-run",
        "worker",
    ],
)
def test_a_mistyped_path_of_a_database_makes_no_file(command: str, empty_folder: Path) -> None:
    result = run(*command.split(), SECRETS_KEYS=SECRET, DATABASE_URL="sqlite:///vra/users.sqlite3")

    assert result.exit_code == 1
    assert f"there is no database at {empty_folder}/vra/users.sqlite3: mend database.url" in result.output
    assert "`hanko-compat serve` or `hanko-compat migrate up`" in result.output
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    "command", ["doctor", "keys list", "backend-api list", "migrate status", "migrate indexes --dry-run"]
)
def test_what_only_reads_leaves_no_trace(command: str, empty_folder: Path) -> None:
    environ = {"SECRETS_KEYS": SECRET, "DATABASE_URL": "sqlite:///users.sqlite3"}
    assert run("migrate", "up", **environ).exit_code == 0
    before = (empty_folder / "users.sqlite3").read_bytes()

    result = run(*command.split(), **environ)

    assert result.exit_code == 0
    assert (empty_folder / "users.sqlite3").read_bytes() == before
    assert [path.name for path in empty_folder.iterdir()] == ["users.sqlite3"]


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize(("path", "command"), [*commands(main)], ids=str)
def test_every_command_explains_itself(path: tuple[str, ...], command: click.Command) -> None:
    result = run(*path, "--help")

    assert result.exit_code == 0
    assert command.help
    assert "--config FILE" in result.stdout
    assert all(
        getattr(option, "help", None)
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
    )


@pytest.mark.parametrize(
    ("environ", "is_coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
    ids=str,
)
def test_colours_are_for_terminals_that_want_them(environ: dict[str, str], is_coloured: bool) -> None:
    variables = {"NO_COLOR": None, "TERM": "xterm", "SECRETS_KEYS": SECRET} | environ

    # As on a terminal: click leaves colours out where there is none.
    result = CliRunner().invoke(main, ["doctor"], env=variables, color=True)

    assert ("\x1b[" in result.stdout) is is_coloured
    assert "\x1b[" not in CliRunner().invoke(main, ["doctor"], env=variables).stdout


def test_unknown_commands_are_refused() -> None:
    assert run("sevre").exit_code == 2


def hanko_compat(
    *arguments: str, stdout: Any = subprocess.PIPE, **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a shell does."""
    return subprocess.run(
        [sys.executable, "-m", "hanko_compat", *arguments],
        env=os.environ | environ,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments", [["version"], ["version", "--json"], ["completion", "bash"], ["--help"], ["users", "--help"]]
)
def test_a_full_disk_is_one_line(arguments: list[str], unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = hanko_compat(*arguments, stdout=full, PYTHONUNBUFFERED=unbuffered)
    assert (done.returncode, done.stderr) == (
        1,
        b"Error: reading or writing fails: No space left on device\n",
    )


def test_a_folder_that_can_t_be_made_is_one_line() -> None:
    result = run("mail", "preview", "--out", "/proc/nowhere")
    assert (result.exit_code, result.stderr) == (1, "Error: /proc/nowhere: No such file or directory\n")


def test_letters_that_a_terminal_lacks_are_spelled_out(empty_folder: Path) -> None:
    environ = {"SECRETS_KEYS": SECRET, "DATABASE_URL": "sqlite:///users.sqlite3"}
    assert run("migrate", "up", **environ).exit_code == 0
    assert (
        run("users", "create", "--name", "Zoë 宮本", "--email", "zoe@example.test", **environ).exit_code == 0
    )

    done = hanko_compat("users", "list", **environ, PYTHONIOENCODING="latin-1")

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Zo\xeb \\u5bae\\u672c" in done.stdout


def test_an_export_is_utf_8_in_every_terminal(empty_folder: Path) -> None:
    environ = {"SECRETS_KEYS": SECRET, "DATABASE_URL": "sqlite:///users.sqlite3"}
    assert run("migrate", "up", **environ).exit_code == 0
    assert run("users", "create", "--name", "Zoë", "--email", "zoe@example.test", **environ).exit_code == 0

    done = hanko_compat("users", "export", "-", **environ, PYTHONIOENCODING="latin-1")

    assert (done.returncode, done.stderr) == (0, b"exported 1 users\n")
    assert '"name":"Zoë"'.encode() in done.stdout
