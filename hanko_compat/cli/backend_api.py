"""``hanko-compat backend-api``: the secrets of servers that call the backend door."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import click

from hanko_compat.cli.operator import opened
from hanko_compat.cli.output import Column, json_option, print_rows
from hanko_compat.cli.settings import Settings
from hanko_compat.errors import NotThere
from hanko_compat.services.api_secrets import ApiSecrets
from hanko_compat.storage.engine.database import Access

COLUMNS = (Column("id"), Column("created_at", "created"))


@click.group(name="backend-api")
def backend_api_group() -> None:
    """Make, list and revoke the secrets with which servers call /v2."""


@backend_api_group.command(name="create-secret")
@click.pass_obj
def create_secret(settings: Settings) -> None:
    """Make an API secret and show it. It can't be shown again.

    The first one opens /v2. Several may be valid at once: give the new one to every server before you revoke
    the old one.
    """
    with _api_secrets(settings, Access.WRITE) as api_secrets:
        new = api_secrets.create()
    click.echo(f"project ID  {new.project_id}")
    click.echo(f"API secret  {new.secret}")
    click.echo(f"id          {new.id}  (for `hanko-compat backend-api revoke`)")


@backend_api_group.command(name="list")
@json_option
@click.pass_obj
def list_secrets(settings: Settings, *, as_json: bool) -> None:
    """List the ids of the API secrets, with the time of their creation (UTC)."""
    with _api_secrets(settings, Access.READ) as api_secrets:
        rows = [{"id": info.id, "created_at": info.created_at} for info in api_secrets.list()]
    print_rows(COLUMNS, rows, as_json=as_json, nothing="there is no API secret, so /v2 is closed")


@backend_api_group.command()
@click.argument("secret_id", metavar="ID", type=click.UUID)
@click.pass_obj
def revoke(settings: Settings, *, secret_id: UUID) -> None:
    """Revoke an API secret by its id, which `list` shows.

    Running servers refuse it within two seconds. Without any secret /v2 is closed.
    """
    with _api_secrets(settings, Access.WRITE) as api_secrets:
        was_there = api_secrets.revoke(secret_id)
    if not was_there:
        raise NotThere(f"there is no API secret {secret_id}: see `hanko-compat backend-api list`")
    click.echo("revoked")


@contextmanager
def _api_secrets(settings: Settings, access: Access) -> Iterator[ApiSecrets]:
    with opened(settings.load(), access) as services:
        yield services.api_secrets
