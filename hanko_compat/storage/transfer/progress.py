"""How far an import is: a table in the database that it fills, there while one is unfinished.

The note is written in the transaction that writes the users. So an import that was killed goes on behind the
last of them, and nobody is there twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import peewee

from hanko_compat.errors.transfer import ImportStopped
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.fields import UtcDateTimeField
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.schema import catalogue

TABLE = "hanko_compat_unfinished_imports"


class UnfinishedImport(Row):
    """A file that is being imported, known by the SHA-256 of its content, in hexadecimal."""

    fingerprint = peewee.CharField(max_length=64, primary_key=True)
    started_at = UtcDateTimeField()
    entries = peewee.BigIntegerField()
    total = peewee.BigIntegerField()
    created = peewee.BigIntegerField()
    updated = peewee.BigIntegerField()
    skipped = peewee.BigIntegerField()

    class Meta:
        """The table is made for an import, and dropped when none is unfinished."""

        table_name = TABLE


@dataclass(frozen=True, slots=True)
class Progress:
    """How many ``entries`` of a file are done, of how many, and what has become of them."""

    entries: int = 0
    total: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0

    def plus(self, *, created: int, updated: int, skipped: int) -> "Progress":
        """The progress after some more entries."""
        return replace(
            self,
            entries=self.entries + created + updated + skipped,
            created=self.created + created,
            updated=self.updated + updated,
            skipped=self.skipped + skipped,
        )


def find(database: Database, fingerprint: str) -> Progress | None:
    """How far the import of a file is; None when it was not begun, or is finished."""
    with database.connection():
        if TABLE not in catalogue.columns(database):
            return None
        row = UnfinishedImport.select().where(UnfinishedImport.fingerprint == fingerprint).first()
    if row is None:
        return None
    return Progress(row.entries, row.total, row.created, row.updated, row.skipped)


def begin(database: Database, fingerprint: str, *, total: int, now: datetime) -> Progress:
    """Note that the import of a file begins, whose entries are *total*.

    Raises:
        ImportStopped: another process has begun with it at this moment.
    """
    with database.connection():
        statement = UnfinishedImport._schema._create_table(safe=True)
        database.peewee.execute_sql(*statement.query())
        new = UnfinishedImport.insert(
            fingerprint=fingerprint, started_at=now, entries=0, total=total, created=0, updated=0, skipped=0
        )
        try:
            database.write(new.execute)
        except peewee.IntegrityError as error:
            raise _is_elsewhere(database) from error
    return Progress(total=total)


def write(database: Database, fingerprint: str, before: Progress, after: Progress) -> None:
    """Note, in the transaction that writes the users, how far the import has got.

    Raises:
        ImportStopped: another process has got further meanwhile.
    """
    changes = {
        "entries": after.entries,
        "created": after.created,
        "updated": after.updated,
        "skipped": after.skipped,
    }
    is_mine = (UnfinishedImport.fingerprint == fingerprint) & (UnfinishedImport.entries == before.entries)
    if UnfinishedImport.update(changes).where(is_mine).execute() != 1:
        raise _is_elsewhere(database)


def end(database: Database, fingerprint: str) -> None:
    """Forget the import: it is finished."""
    with database.connection():
        UnfinishedImport.delete().where(UnfinishedImport.fingerprint == fingerprint).execute()
        if not UnfinishedImport.select().exists():
            UnfinishedImport.drop_table(safe=True)


def _is_elsewhere(database: Database) -> ImportStopped:
    return ImportStopped(
        f"another process imports the same file into {database.name} at this moment: let it finish"
    )
