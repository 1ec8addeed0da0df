"""``hanko-compat users export``: all users to a file that an import reads back."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from hanko_compat.cli.operator import opened
from hanko_compat.cli.private_files import whole_or_not
from hanko_compat.cli.settings import Settings
from hanko_compat.cli.transfer_progress import Advance, progress
from hanko_compat.errors.transfer import ExportRefused
from hanko_compat.services.transfer.exporting import Entry, write
from hanko_compat.services.transfer.for_hanko import ForHanko
from hanko_compat.storage.engine.database import Access
from hanko_compat.wiring.transfer import build_exporter

STEP = 100
"""Users after which the bar grows."""


@click.command("export")
@click.argument("file", metavar="FILE | -", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--for",
    "reader",
    type=click.Choice(["hanko"]),
    help="Write what the import of Hanko 2.7 reads, and list what that leaves out.",
)
@click.pass_obj
def export_users(settings: Settings, *, file: str, reader: str | None) -> None:
    """Export all users to FILE, or with - to standard output.

    The file has everything that belongs to a user: addresses, usernames, hashes of passwords, passkeys,
    secrets of apps that make codes, names, metadata, accounts at providers. `users import` makes the same
    users of it, with the same ids. Sessions, signing keys and the audit log are not in it: for a copy of the
    whole installation see `migrate copy` and `backup`.

    Only you can read the file (mode 0600), which appears when it is complete and replaces one of that name.
    Keep it as you keep the database: whoever has it can try to guess passwords, and knows the second factors.
    All users are as they were at one moment, and servers go on meanwhile.
    """
    hanko = ForHanko() if reader else None
    with opened(settings.load(), Access.READ) as services:
        exporter = services.get(build_exporter)
        with _target(file) as line, progress("exporting", exporter.count()) as advance:
            entries = _counted(exporter.entries(), advance)
            number = write(hanko.entries(entries) if hanko else entries, line)
    click.echo(f"exported {number} users", err=True)
    if exporter.unfinished:
        click.echo(
            f"left out: {exporter.unfinished} who have begun to sign up and have no address yet", err=True
        )
    for what, noted in (hanko.left_out if hanko else {}).items():
        more = ", ..." if noted.users > len(noted.examples) else ""
        click.echo(f"left out: {what} (users: {noted.users}; {', '.join(noted.examples)}{more})", err=True)


def _counted(entries: Iterator[Entry], advance: Advance) -> Iterator[Entry]:
    for number, entry in enumerate(entries, start=1):
        yield entry
        if number % STEP == 0:
            advance(STEP)


@contextmanager
def _target(name: str) -> Iterator[Callable[[str], object]]:
    """What writes to the file; under another name, until it is complete."""
    if name == "-":
        if sys.stdout.isatty():
            raise ExportRefused("an export has hashes and secrets, which a terminal shows: name a file")
        # JSON is UTF-8, whatever the terminal's encoding is (RFC 8259 s. 8.1).
        with click.open_file("-", "w", encoding="utf-8") as stream:
            yield stream.write
        return
    try:
        with whole_or_not(Path(name)) as file:
            yield file.write
    except OSError as error:
        raise ExportRefused(f"{name} can't be written: {error.strerror}; name another file") from error
