"""Write man/*.1 from the help texts of the commands: a page for each, as git has them.

click-man 0.6 makes such pages, too. It cuts what a command does after 45 characters, refers to the pages of
nested commands by names that they don't have, and loses lines that begin with a dot.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from hanko_compat import __version__
from hanko_compat.cli import main
from scripts.write_cli_docs import EXIT_CODES, commands

FOLDER = Path(__file__).parents[1] / "man"


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    return {f"{'-'.join(path)}.1": page(path, command) for path, command in everything()}


def everything() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its full name."""
    for path, command in commands((), main):
        yield ("hanko-compat", *path[1:]), command


def page(path: tuple[str, ...], command: click.Command) -> str:
    """The page of one command, in the language of man(7)."""
    name = "-".join(path)
    context = click.Context(command, info_name=" ".join(path), **main.context_settings)
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f'.TH "{escaped(name.upper())}" 1 "" "hanko\\-compat {__version__}" "hanko\\-compat"',
        ".SH NAME",
        f"{escaped(name)} \\- {escaped(summary(paragraphs[0]))}",
        ".SH SYNOPSIS",
        f"\\fB{escaped(' '.join(path))}\\fR {escaped(usage)}",
        ".SH DESCRIPTION",
        *description(paragraphs),
        ".SH OPTIONS",
        *options(command, context),
    ]
    if isinstance(command, click.Group):
        lines += [".SH COMMANDS", *subcommands(name, command)]
    lines += [".SH EXIT STATUS"]
    for code, meaning in EXIT_CODES.items():
        lines += [".TP", f"\\fB{code}\\fR", escaped(meaning)]
    if len(path) > 1:
        lines += [".SH SEE ALSO", f"\\fB{escaped('-'.join(path[:-1]))}\\fR(1)"]
    return "\n".join(lines) + "\n"


def summary(paragraph: str) -> str:
    """What stands behind the name: the first sentence, without its end."""
    text = " ".join(paragraph.split())
    return re.split(r"\.(?:\s|$)", text, maxsplit=1)[0]


def description(paragraphs: list[str]) -> Iterator[str]:
    """The help text."""
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ".PP"
        yield escaped(paragraph)


def options(command: click.Command, context: click.Context) -> Iterator[str]:
    """What `--help` has of each option."""
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and isinstance(parameter, click.Option):
            yield from (".TP", f"\\fB{escaped(record[0])}\\fR", escaped(record[1]))


def subcommands(name: str, group: click.Group) -> Iterator[str]:
    """The pages of the commands below, each with what the command does."""
    for below in sorted(group.commands):
        help_ = inspect.cleandoc(group.commands[below].help or "").partition("\n\n")[0]
        yield from (".TP", f"\\fB{escaped(f'{name}-{below}')}\\fR(1)", escaped(f"{summary(help_)}."))


def escaped(text: str) -> str:
    """The text so that groff prints it: `-` and quotes as they are typed, and no line taken for a command."""
    for character, written in (("\\", "\\e"), ("-", "\\-"), ("'", "\\(aq"), ("`", "\\(ga"), ('"', "\\(dq")):
        text = text.replace(character, written)
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.1"):
        old.unlink()
    for file, text in pages().items():
        (FOLDER / file).write_text(text)
