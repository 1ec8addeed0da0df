"""``hanko-compat backup``: a copy of the SQLite database while servers use it."""

from pathlib import Path

import click

from hanko_compat import wiring
from hanko_compat.cli.settings import Settings
from hanko_compat.storage.copy import backup as backups
from hanko_compat.storage.engine.database import Access


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE, if it is there.")
@click.pass_obj
def backup(settings: Settings, *, file: Path, force: bool) -> None:
    """Copy the SQLite database to FILE, while servers go on using it.

    The copy is one file that only its owner can read. It is opened and checked before it gets its name, so a
    backup that is interrupted, or killed, leaves no FILE, and an older one as it was.

    The signing keys in it are encrypted with secrets.keys, which are not in it: keep the configuration, too,
    and elsewhere. For PostgreSQL and MariaDB use pg_dump and mariadb-dump; docs/operations.md says how, and
    how to restore each.
    """
    services = wiring.build(settings.load(), access=Access.READ)
    try:
        size = backups.write(services.database, file.absolute(), replaces=force)
    finally:
        services.database.close_all()
    click.echo(f"{file}: {size:,} bytes, checked")
