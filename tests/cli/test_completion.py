"""What shells are told when somebody presses the tabulator key."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hanko_compat.cli import main
from hanko_compat.cli.completion import PROGRAM, VARIABLE
from tests.cli.terminal import run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_told_to_ask_the_program(shell: str) -> None:
    script = run("completion", shell).stdout

    assert f"{VARIABLE}={shell}_complete" in script
    assert PROGRAM in script


def test_other_shells_are_refused() -> None:
    assert run("completion", "tcsh").exit_code == 2


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("users end", {"end-sessions"}),
        ("users list --st", {"--status"}),
        ("users list --status ", {"active", "pending", "disabled"}),
        ("completion f", {"fish"}),
    ],
)
def test_commands_options_and_values_are_completed(words: str, wanted: set[str]) -> None:
    environ = {VARIABLE: "zsh_complete", "COMP_WORDS": f"{PROGRAM} {words}"}
    environ["COMP_CWORD"] = str(words.count(" ") + 1)

    result = CliRunner().invoke(main, [], prog_name=PROGRAM, env=environ)

    assert set(result.stdout.split("\n")[1::3]) == wanted


@pytest.mark.slow
def test_bash_completes() -> None:
    program = Path(sys.executable).with_name(PROGRAM)
    script = f"""
        eval "$({program} completion bash)"
        COMP_WORDS=({program} users set-p) COMP_CWORD=2
        _hanko_compat_completion {program}
        echo "${{COMPREPLY[@]}}"
    """

    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("set-password\n", "")
