"""Write docs/cli.md from the help texts of the commands."""

from collections.abc import Iterator
from pathlib import Path

import click

from hanko_compat.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
WIDTH = 98  # what click makes of a terminal with 100 columns
EXIT_CODES = {
    0: "It is done. A list may be empty.",
    1: "Something has to be mended: the configuration, the database, what `doctor` found. Or you said no.",
    2: "The command line is wrong, or a value can't be used, or there is nobody to ask who says `--yes`.",
    3: "What the command line names does not exist: a user, a session, a key, a hook.",
}
INTRODUCTION = r"""# The command line

What `hanko-compat COMMAND --help` prints, in one place; `make docs` writes this page.

| exit code | |
|---|---|
{exit_codes}

Each problem is a line on stderr; what `doctor` finds goes to stdout.

**Lists** are tables for people, with times in UTC. With `--json` each row is an object on a line of its
own, for programs: times are those of RFC 3339, and later releases may add members. Where there is nothing,
stdout is empty, and people are told on stderr. Colours are for terminals only; `NO_COLOR=1` switches them
off. Characters that would command a terminal are spelled out, as `\x1b`: names and browsers are strangers'
texts.

**A user** is named by its id, in the form of either door, or by an address, a phone number or a username.
Commands that delete or end something ask before, unless `--yes` is given; without a terminal and without
`--yes` they do nothing. Passwords are typed in, or are the first line of standard input: other users of the
host could see arguments. The audit log has who ran a command: its account stands where the browser of
others does, as `hanko-compat/0.1.0 (root)`. Where the log is no table
(`audit_log.storage`), its lines go to stderr.

**Completion**: `eval "$(hanko-compat completion bash)"` in `~/.bashrc`; `hanko-compat completion --help`
has the lines for zsh and fish. **Man pages**, such as hanko-compat-users-delete(1), are part of the
package; those of a virtual environment are below its `share/man`.
"""


def page() -> str:
    """The whole page."""
    exit_codes = "\n".join(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    introduction = INTRODUCTION.format(exit_codes=exit_codes)
    return "\n".join([introduction, *(section(path, command) for path, command in commands((), main))])


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
