"""``migrate copy``: a whole installation into another database."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from hanko_compat.storage.copy import copying
from hanko_compat.storage.copy.copying import Verified
from hanko_compat.storage.engine.database import Access, Database, open_database


@click.command("copy")
@click.option(
    "--from",
    "source_url",
    required=True,
    metavar="URL",
    envvar="HANKO_COMPAT_COPY_FROM",
    show_envvar=True,
    help="The installation: Hanko 2.7's database, Hanko 3's with one tenant, or one of ours.",
)
@click.option(
    "--to",
    "target_url",
    required=True,
    metavar="URL",
    envvar="HANKO_COMPAT_COPY_TO",
    show_envvar=True,
    help="An empty database, or one with the beginning of this copy.",
)
def copy(*, source_url: str, target_url: str) -> None:
    """Copy a whole installation into an empty database.

    Users, credentials, sessions, signing keys: every table that this server reads. Stop every server on the
    source first: what is written meanwhile is missed, and the command says so at its end and fails.

    The target gets the tables of `migrate up`. When all is copied, both databases are read once more, and
    rows and checksums of each table are compared. The source is only read.

    After an interruption run the command again: it goes on where it was. Until it has finished, `serve`
    refuses the target.

    The URLs have the form of database.url. Other users of this host can see a command line, and the passwords
    in it: better put the URLs into the environment variables.
    """
    with _opened(source_url, Access.READ) as source, _opened(target_url, Access.CREATE) as target:
        prepared = copying.prepare(source, target)
        total, done = prepared.count_rows(), prepared.copied_rows
        if done:
            click.echo(f"{done} of {total} rows were copied before.")
        with _progress("copying", total, done) as advance:
            prepared.copy_rows(advance)
        with _progress("verifying", 2 * prepared.copied_rows) as advance:
            verified = prepared.verify(advance)
        left_behind = prepared.left_behind()
        prepared.finish()
        _report(verified, left_behind, target)


def _report(verified: Sequence[Verified], left_behind: Sequence[str], target: Database) -> None:
    """Say what has arrived, and what has not."""
    filled = [each for each in verified if each.tally.rows]
    for each in filled:
        click.echo(f"{each.tally.rows:>10}  {each.tally.checksum}  {each.table}")
    rows = sum(each.tally.rows for each in filled)
    counts = f"{rows} rows in {len(filled)} tables, none in the others"
    click.echo(f"Rows and checksums of {len(verified)} tables agree: {counts}.")
    for table in left_behind:
        click.echo(f"Left behind: {table}, a table of Hanko 3 that nothing here reads.")
    click.echo(f"Now let database.url name {target.name}, keep the secrets, and start the server.")


@contextmanager
def _progress(label: str, total: int, done: int = 0) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal that grows up to *total* rows; where there is no terminal, its label alone."""
    with click.progressbar(length=total, label=f"{label:<9}", show_pos=True, file=sys.stderr) as bar:
        bar.update(done)
        yield bar.update


@contextmanager
def _opened(url: str, access: Access) -> Iterator[Database]:
    # No configuration is read, which could tell of a pooler that takes no prepared statements.
    database = open_database(url, access=access, max_connections=1, prepared_statements=False)
    try:
        yield database
    finally:
        database.close_all()
