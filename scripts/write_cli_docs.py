"""Write docs/cli.md from the help texts of the commands."""

from collections.abc import Iterator
from pathlib import Path

import click

from hanko_compat.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
WIDTH = 98  # what click makes of a terminal with 100 columns
INTRODUCTION = """\
# The command line

What `hanko-compat COMMAND --help` prints, in one place; `make docs` writes this page.

The exit code is 0 when all is well, 1 when something has to be mended, 2 when the command line itself is
wrong, and 3 when what it names does not exist. Each problem is a line on stderr; what `doctor` finds goes to
stdout. Lists are tables for people, with times in UTC, and with `--json` one object a line for programs.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(section(path, command) for path, command in commands((), main))])


def commands(
    path: tuple[str, ...], command: click.Command
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """*command* and those below it."""
    path = (*path, command.name or "")
    yield path, command
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from commands(path, command.commands[name])


def section(path: tuple[str, ...], command: click.Command) -> str:
    """The help of one command."""
    name = " ".join(["hanko-compat", *path[1:]])
    context = click.Context(command, info_name=name, terminal_width=WIDTH, **main.context_settings)
    return f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
