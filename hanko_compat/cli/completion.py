"""``hanko-compat completion``: what shells need to complete commands and options."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "hanko-compat"
VARIABLE = "_HANKO_COMPAT_COMPLETE"
"""The environment variable by which a shell asks the program; click makes its name of the program's."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, *, shell: str) -> None:
    """Print what a shell needs to complete commands, options and files.

    In ~/.bashrc: eval "$(hanko-compat completion bash)"

    In ~/.zshrc: eval "$(hanko-compat completion zsh)"

    For fish: hanko-compat completion fish > ~/.config/fish/completions/hanko-compat.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise AssertionError  # click knows all of `SHELLS`
    click.echo(kind(ctx.find_root().command, {}, PROGRAM, VARIABLE).source())
