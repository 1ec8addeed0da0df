"""At a terminal: questions that are answered, and passwords that nobody sees."""

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hanko_compat.cli.operator import opened, operator
from hanko_compat.services.users.records import UserStatus
from hanko_compat.storage.engine.database import Access
from hanko_compat.storage.models import PasswordCredential, User
from tests.cli.terminal import write_config
from tests.factories import make_account
from tests.settings import settings_on

PASSWORD = "correct horse battery"


def talk(arguments: list[str], *answers: tuple[str, str]) -> tuple[int, str]:
    """Run a command on a terminal, and answer each of its questions; the exit code and all that was seen."""
    terminal, other_end = pty.openpty()
    command = [sys.executable, "-m", "hanko_compat", *arguments]
    process = subprocess.Popen(
        command, stdin=other_end, stdout=other_end, stderr=other_end, start_new_session=True
    )
    os.close(other_end)
    seen, waiting = "", list(answers)
    while select.select([terminal], [], [], 60)[0]:
        try:
            seen += os.read(terminal, 4096).decode()
        except OSError:  # the other end is closed
            break
        if waiting and waiting[0][0] in seen.rpartition("\n")[2]:
            os.write(terminal, f"{waiting.pop(0)[1]}\n".encode())
    os.close(terminal)
    return process.wait(), seen


@pytest.fixture
def command(database_url: str, services) -> Callable[..., list[str]]:
    path = str(write_config(Path("users.yaml"), settings_on(database_url)))
    return lambda *words: ["users", *words, "--config", path]


@pytest.fixture
def alice(services):
    return make_account(address="alice@example.test").user_id


def test_who_acts_is_named() -> None:
    first, second = operator(), operator()
    assert first.user_agent.startswith("hanko-compat/")
    assert first.request_id != second.request_id


@pytest.mark.parametrize("has_table", [True, False])
def test_lines_of_the_audit_log_are_no_output(make_config, capsys, has_table) -> None:
    config = make_config({"audit_log.storage.enabled": has_table})
    with opened(config, Access.WRITE) as services:
        services.users.records.create(name=None, status=UserStatus.ACTIVE, client=operator())

    output = capsys.readouterr()
    told = [json.loads(line)["type"] for line in output.err.splitlines()]
    assert (output.out, told) == ("", [] if has_table else ["user_created"])


@pytest.mark.slow
@pytest.mark.one_database
@pytest.mark.parametrize(("answer", "exit_code"), [("y", 0), ("n", 1)])
def test_a_deletion_is_asked_for(services, command, alice, answer, exit_code) -> None:
    code, seen = talk(command("delete", str(alice)), ("[y/N]:", answer))
    assert code == exit_code
    assert f"Delete {alice} (alice@example.test)" in seen
    with services.database.connection():
        assert User.select().count() == exit_code


@pytest.mark.slow
@pytest.mark.one_database
def test_a_password_is_typed_twice_and_never_shown(services, command, alice) -> None:
    answers = (("Password:", PASSWORD), ("Repeat for confirmation:", PASSWORD))
    code, seen = talk(command("set-password", str(alice)), *answers)
    assert (code, PASSWORD in seen) == (0, False)
    with services.database.connection():
        assert PasswordCredential.select().count() == 1
