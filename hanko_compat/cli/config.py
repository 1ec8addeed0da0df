"""``hanko-compat config``: check the configuration, show what is in force, and what could be."""

from pathlib import Path

import click
import yaml

import hanko_compat
from hanko_compat.cli.checks import claim_problems
from hanko_compat.cli.settings import Settings
from hanko_compat.config import Config

EXAMPLE = Path(hanko_compat.__file__).with_name("config.example.yaml")


@click.group("config")
def config_group() -> None:
    """Check the configuration, or show what is in force or could be."""


@config_group.command()
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings, too.")
@click.pass_obj
def check(settings: Settings, *, strict: bool) -> None:
    """Check the configuration and name every problem.

    Each problem is a line that begins with its place: the key, as in session.cookie.same_site, or file and
    line where the YAML itself is broken. These are warnings only: unknown keys that resemble no known one, as
    the file may be meant for another version of Hanko; old keys that do nothing; claims in
    session.jwt_template that can't be read, which tokens will lack.

    The exit code is 1 if `serve` would refuse the configuration.
    """
    config = settings.load()
    warnings = [*config.warnings, *claim_problems(config)]
    for warning in warnings:
        click.echo(f"{'' if strict else 'warning: '}{warning}", err=True)
    if strict and warnings:
        raise SystemExit(1)
    for key in config.without_effect:
        click.echo(f"no effect here: {key}")
    click.echo(f"{named(config)}: no problem found.")


@config_group.command()
@click.pass_obj
def show(settings: Settings) -> None:
    """Print the settings in force as YAML, secrets masked.

    Defaults and environment variables are in it.
    """
    click.echo(yaml.safe_dump(settings.load().masked(), sort_keys=False, allow_unicode=True), nl=False)


@config_group.command()
def example() -> None:
    """Print an example: every key that has an effect, with its default and what it is for.

    Copy what you change into config.yaml.
    """
    click.echo(EXAMPLE.read_text(encoding="utf-8"), nl=False)


def named(config: Config) -> str:
    """Where the configuration came from, for a message."""
    return str(config.source) if config.source else "Built-in defaults and environment"
