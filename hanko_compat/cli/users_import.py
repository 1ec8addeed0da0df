"""``hanko-compat users import``: users from a file, of Hanko's format and of ours."""

import gc
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

import click

from hanko_compat.cli.operator import opened
from hanko_compat.cli.output import harmless, print_json
from hanko_compat.cli.settings import Settings
from hanko_compat.cli.transfer_progress import progress
from hanko_compat.services.transfer.accounts import Problem
from hanko_compat.services.transfer.importing import Examination, Importer, OnConflict, Reading
from hanko_compat.services.transfer.reading import fingerprint
from hanko_compat.storage.engine.database import Access
from hanko_compat.wiring.transfer import build_importer

SHOWN_MEMBERS = 20


@click.command("import")
@click.argument("file", metavar="FILE | -", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Check the whole file, and write nothing.")
@click.option(
    "--on-conflict",
    type=click.Choice([each.value for each in OnConflict]),
    default=OnConflict.ERROR.value,
    show_default=True,
    help="What to do with an entry whose id, address or other unique value a user has.",
)
@click.option(
    "--json", "is_json", is_flag=True, help="Write problems and the result as JSON, an object a line."
)
@click.pass_obj
def import_users(settings: Settings, *, file: str, dry_run: bool, on_conflict: str, is_json: bool) -> None:
    """Import users from FILE, or with - from standard input.

    The file is what Hanko's `user import` takes, and what `users export` and `users convert` write: a JSON
    array. It is checked first, against the database, too: every problem is named with the number of its
    entry, from 1, the field and the reason, and nothing is written while there is one.

    With --on-conflict skip, entries that clash with a user are left out and named. With update, what the
    entry has is written to the user whose id, address or username it is, and what it lacks stays.

    Users are written in transactions of a thousand. An import that was interrupted goes on where it was when
    the command is run again with the same content. No mail is sent, no webhook called, and nothing noted in
    the audit log.

    Exit code 1: there were problems, or entries could not be written.
    """
    terminal = Terminal(is_json=is_json)
    with (
        _opened(file) as source,
        opened(settings.load(), Access.READ if dry_run else Access.WRITE) as services,
        _rare_collection_of_garbage(),
    ):
        importer, conflict = services.get(build_importer), OnConflict(on_conflict)
        if dry_run:
            done = importer.find_unfinished(fingerprint(source))
            if done is not None:
                terminal.note(
                    f"an import of this file is unfinished: {done.entries} of {done.total} entries are done,"
                    " and clash with themselves; without --dry-run it goes on behind them"
                )
            size = _size(source)
            with closing(importer.open(source)) as reading:
                found = _examine(importer, reading, size, conflict, terminal, is_kept=False)
            terminal.tell_examined(found, is_dry_run=True)
            is_well = not terminal.problems
        else:
            is_well = _import(importer, source, conflict, terminal)
    if not is_well:
        raise SystemExit(1)


def _import(importer: Importer, source: BinaryIO, conflict: OnConflict, terminal: "Terminal") -> bool:
    """Import the file, or what is left of it; False where something was bad, or refused unasked."""
    content, size = fingerprint(source), _size(source)
    done = importer.find_unfinished(content)
    with closing(importer.open(source)) as reading:
        if done is None:
            found = _examine(importer, reading, size, conflict, terminal, is_kept=True)
            if found.bad:
                terminal.tell_examined(found, is_dry_run=False)
                return False
            terminal.note_unknown(found.unknown)
            done = importer.begin(content, total=found.entries)
        else:
            terminal.note(
                f"{done.entries} of {done.total} entries were imported before: going on behind them"
            )
            with progress("reading", size, has_rate=False) as advance:
                importer.reread(reading, advance)
        try:
            with progress("importing", done.total, done=done.entries) as advance:
                written = importer.write(
                    reading, content, done, on_conflict=conflict, report=terminal.report, advance=advance
                )
        except KeyboardInterrupt:
            terminal.note("interrupted: run the same command again, and it goes on where it was")
            raise
    terminal.tell(created=written.created, updated=written.updated, skipped=written.skipped)
    return conflict is OnConflict.SKIP or not terminal.problems


def _examine(
    importer: Importer,
    reading: Reading,
    size: int,
    conflict: OnConflict,
    terminal: "Terminal",
    *,
    is_kept: bool,
) -> Examination:
    with progress("checking", size, has_rate=False) as advance:
        return importer.examine(
            reading, on_conflict=conflict, report=terminal.report, advance=advance, is_kept=is_kept
        )


def _size(source: BinaryIO) -> int:
    return source.seek(0, 2)


class Terminal:
    """What the operator gets to read: problems and notes on standard error, the result on standard output."""

    def __init__(self, *, is_json: bool) -> None:
        self._is_json = is_json
        self.problems = 0

    def report(self, problem: Problem) -> None:
        """Name a problem."""
        self.problems += 1
        if self._is_json:
            self._tell_json(problem._asdict())
        else:
            place = f"entry {problem.entry}: {problem.field}".rstrip(": ")
            click.echo(harmless(f"{place}: {problem.reason}"), err=True)

    def tell_examined(self, found: Examination, *, is_dry_run: bool) -> None:
        """Say what a look through the file has found."""
        self.note_unknown(found.unknown)
        if self._is_json:
            counts = {"entries": found.entries, "bad": found.bad, "problems": self.problems}
            would = {"created": found.created, "updated": found.updated, "skipped": found.skipped}
            self._tell_json(
                counts | (would if is_dry_run and not found.bad else {}) | {"dry_run": is_dry_run}
            )
        elif found.bad:
            click.echo(
                f"{self.problems} problems in {found.bad} of {found.entries} entries; nothing is written"
            )
        else:
            words = _words(created=found.created, updated=found.updated, skipped=found.skipped)
            click.echo(f"no problem in {found.entries} entries: an import would have {words}")

    def tell(self, *, created: int, updated: int, skipped: int) -> None:
        """Say what has been written."""
        if self._is_json:
            self._tell_json({"created": created, "updated": updated, "skipped": skipped})
        else:
            click.echo(_words(created=created, updated=updated, skipped=skipped))

    def note(self, words: str) -> None:
        """Say something that is no result."""
        click.echo(words, err=True)

    def note_unknown(self, unknown: Counter[str]) -> None:
        """Say which members of entries nobody reads."""
        for name, count in unknown.most_common(SHOWN_MEMBERS):
            self.note(f"note: {harmless(name)} is no member that is imported ({count} entries have it)")

    def _tell_json(self, value: Mapping[str, object]) -> None:
        print_json(value)


def _words(*, created: int, updated: int, skipped: int) -> str:
    words = f"imported {created} users"
    if updated:
        words += f", updated {updated}"
    return words + (f", left out {skipped}" if skipped else "")


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """The file; a pipe is kept in a temporary one, as it is read more than once."""
    with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as file:
        if name != "-" and file.seekable():
            yield file
            return
        # Without a name in its folder: nobody else can open it, and it is gone with the process.
        with tempfile.TemporaryFile() as kept:
            shutil.copyfileobj(file, kept)
            yield kept


@contextmanager
def _rare_collection_of_garbage() -> Iterator[None]:
    """Let Python look for cycles of garbage a hundred times less often: users leave none, and are many."""
    before = gc.get_threshold()
    gc.set_threshold(100 * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
