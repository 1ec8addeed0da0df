"""Texts on the command line: what is no UTF-8 is refused before anybody looks it up or stores it."""

import click

from hanko_compat.storable_text import is_storable


class Text(click.ParamType[str]):
    """A text that databases take. Python turns other bytes into halves of surrogate pairs (PEP 383)."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Let pass what can be stored."""
        if not is_storable(value):
            self.fail(f"{value!a} is no UTF-8", param, ctx)
        return value


TEXT = Text()


def require_utf8(command: click.Command) -> None:
    """Let *command* and its subcommands take texts in UTF-8 only; names of files may be any bytes."""
    for param in command.params:
        if param.type is click.STRING:
            param.type = TEXT
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            require_utf8(subcommand)
