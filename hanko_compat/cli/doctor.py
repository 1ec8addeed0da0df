"""``hanko-compat doctor``."""

import click

from hanko_compat.cli.settings import Settings


@click.command()
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Check configuration, database and keys; say what is wrong and what to change."""
    settings.load()
