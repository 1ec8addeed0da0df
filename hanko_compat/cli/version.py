"""``hanko-compat version``."""

import platform

import click

from hanko_compat import __version__


@click.command()
def version() -> None:
    """Print the version of hanko-compat and of Python."""
    click.echo(f"hanko-compat {__version__} (Python {platform.python_version()})")
