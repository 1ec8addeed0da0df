"""``hanko-compat version``."""

import platform

import click

from hanko_compat import __version__
from hanko_compat.cli.output import json_option, print_json


@click.command()
@json_option
def version(*, as_json: bool) -> None:
    """Print the version of hanko-compat and of Python."""
    if as_json:
        print_json({"hanko_compat": __version__, "python": platform.python_version()})
    else:
        click.echo(f"hanko-compat {__version__} (Python {platform.python_version()})")
