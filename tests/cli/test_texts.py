"""What is no UTF-8 on the command line is refused as such, by every command."""

import os

import click
import pytest

from hanko_compat.cli import main
from hanko_compat.cli.texts import TEXT
from tests.cli.terminal import run

BYTES = os.fsdecode(b"caf\xe9")  # as a terminal in Latin-1 sends it


def every(command):
    yield command
    for subcommand in getattr(command, "commands", {}).values():
        yield from every(subcommand)


@pytest.mark.parametrize(
    "arguments",
    [
        ("users", "show", BYTES),
        ("users", "list", "--search", BYTES),
        ("users", "create", "--name", BYTES),
        ("users", "delete", "alice", BYTES),
        ("audit", "--type", BYTES),
    ],
    ids=lambda arguments: " ".join(arguments[:-1]),
)
def test_other_bytes_are_refused(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "'caf\\udce9' is no UTF-8" in result.stderr


def test_texts_pass_as_they_are():
    assert TEXT.convert("Zoë\u2028宮本", None, None) == "Zoë\u2028宮本"


def test_no_command_takes_others():
    unchecked = [
        (command.name, param.name)
        for command in every(main)
        for param in command.params
        if param.type is click.STRING
    ]
    assert unchecked == []
