"""Whole imports and exports, as the commands run them."""

from contextlib import closing
from typing import Any

from hanko_compat.clock import utc_now
from hanko_compat.services.transfer.accounts import Problem
from hanko_compat.services.transfer.exporting import Exporter
from hanko_compat.services.transfer.importing import Examination, Importer, OnConflict
from hanko_compat.services.transfer.reading import fingerprint
from hanko_compat.storage.engine.database import Database
from tests.services.transfer.samples import Entry, file_of

BATCH = 2


def import_into(
    database: Database, *entries: Any, on_conflict: OnConflict = OnConflict.ERROR
) -> list[tuple[int, str, str]]:
    """Import *entries*; return the problems."""
    file, problems = file_of(*entries), list[Problem]()
    found = examine(database, file, on_conflict=on_conflict, problems=problems)
    if not found.bad:
        problems.clear()  # those who are left out are named again
        write(database, file, total=found.entries, on_conflict=on_conflict, problems=problems)
    return [tuple(problem) for problem in problems]


def examine(
    database: Database, file: Any, *, on_conflict: OnConflict = OnConflict.ERROR, problems: list[Problem]
) -> Examination:
    """Look through a file."""
    importer = Importer(database, now=utc_now, batch=BATCH)
    with closing(importer.open(file)) as reading:
        return importer.examine(
            reading, on_conflict=on_conflict, report=problems.append, advance=lambda _: None, is_kept=False
        )


def write(
    database: Database, file: Any, *, total: int, on_conflict: OnConflict, problems: list[Problem]
) -> Any:
    """Write a file, or the rest of it."""
    importer, content = Importer(database, now=utc_now, batch=BATCH), fingerprint(file)
    done = importer.find_unfinished(content) or importer.begin(content, total=total)
    with closing(importer.open(file)) as reading:
        importer.reread(reading, advance=lambda _: None)
        return importer.write(
            reading, content, done, on_conflict=on_conflict, report=problems.append, advance=lambda _: None
        )


def export(database: Database) -> list[Entry]:
    """All users, as an export has them."""
    return list(Exporter(database).entries())
