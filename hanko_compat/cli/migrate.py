"""``migrate``: make the tables, say what is missing, add indexes to a database that Hanko owns; copy all."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from hanko_compat.cli.migrate_copy import copy
from hanko_compat.cli.output import Column, json_option, print_rows, shown
from hanko_compat.cli.settings import Settings
from hanko_compat.storage.engine.database import Access, Database, open_database
from hanko_compat.storage.schema import catalogue, indexes, migrate

COLUMNS = (
    Column("applied_at", "applied", text=lambda moment: shown(moment or "missing"), is_coloured=True),
    Column("name", "migration"),
)
HANKOS = "Hanko owns this schema: its tables are left as they are."


@click.group("migrate")
def migrate_group() -> None:
    """Make the tables of a database, see what is missing, or copy all rows.

    On an empty database these are the tables of Hanko 2.7. On a database that Hanko made, nothing of
    Hanko's is ever altered.
    """


@migrate_group.command("up")
@click.pass_obj
def up(settings: Settings) -> None:
    """Apply the migrations that are missing.

    An SQLite database is made when it is missing. Safe to run twice, or from several hosts at once: one
    works, the others wait for it.
    """
    with _database(settings, Access.CREATE) as database:
        applied = migrate.up(database)
        migrate.take_over(database)
        for name in applied:
            click.echo(f"applied  {name}")
        if catalogue.inspect(database).owner == "hanko":
            click.echo(HANKOS + ("" if applied else " No table of our own is missing."))
        elif not applied:
            click.echo(f"{database.name} is up to date.")


@migrate_group.command("status")
@json_option
@click.pass_obj
def status(settings: Settings, *, as_json: bool) -> None:
    """List the migrations and when they were applied (UTC). Exit code 1 when one is missing."""
    with _database(settings, Access.READ) as database:
        entries = migrate.status(database)
        if catalogue.inspect(database).owner == "hanko":
            click.echo(HANKOS, err=True)
    rows = [{"applied_at": entry.applied_at, "name": entry.name} for entry in entries]
    print_rows(COLUMNS, rows, as_json=as_json, nothing="there is no migration")
    if any(entry.applied_at is None for entry in entries):
        raise click.ClickException("run: hanko-compat migrate up")


@migrate_group.command("indexes")
@click.option("--dry-run", is_flag=True, help="Print the statements without running them.")
@click.pass_obj
def add_indexes(settings: Settings, *, dry_run: bool) -> None:
    """Add the indexes that our queries need to a database that Hanko owns.

    Hanko has none on sessions.user_id, for one. It works with them as before. PostgreSQL makes them
    concurrently, so no query has to wait. On a database of our own `migrate up` makes them.
    """
    with _database(settings, Access.READ if dry_run else Access.WRITE) as database:
        migrate.require_current(database)
        statements = indexes.missing(database) if dry_run else indexes.create(database)
    for statement in statements:
        click.echo(f"{statement};")
    if not statements:
        click.echo("No index is missing.")


migrate_group.add_command(copy)


@contextmanager
def _database(settings: Settings, access: Access) -> Iterator[Database]:
    config = settings.load()
    database = open_database(
        config.database.resolved_url,
        access=access,
        prepared_statements=config.hanko_compat.database.prepared_statements,
    )
    try:
        yield database
    finally:
        database.close_all()
