"""How far a copy is: a table in the database that it fills, there from the first row to the last check.

So it is by this table that an unfinished copy is known, to `migrate copy`, which goes on with it, and to
`serve`, which refuses it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import peewee

from hanko_compat.errors.database import CopyRefused
from hanko_compat.storage.copy.tables import Tally
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models.base import Row
from hanko_compat.storage.schema import catalogue


class CopyProgress(Row):
    """A table that is being copied.

    ``source`` identifies the installation that is copied; ``last_key`` is the primary key of the last row,
    NULL before the first one.
    """

    table_name = peewee.CharField(max_length=64, primary_key=True)
    source = peewee.CharField(max_length=64)
    last_key = peewee.CharField(null=True)
    row_count = peewee.BigIntegerField()
    digest = peewee.CharField(max_length=32)

    class Meta:
        """The table's name keeps clear of those that are copied."""

        table_name = catalogue.UNFINISHED_COPY


NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class Progress:
    """What was copied of a table, and the key of the last row; None before the first."""

    last_key: str | None = None
    tally: Tally = NOTHING


def is_unfinished(database: Database) -> bool:
    """Whether *database* holds the beginning of a copy."""
    with database.connection():
        return catalogue.UNFINISHED_COPY in catalogue.columns(database)


def find_source(database: Database) -> str | None:
    """Which installation is being copied into *database*; None when no copy was begun."""
    if not is_unfinished(database):
        return None
    with database.connection():
        first = CopyProgress.select().first()
        return first.source if first else None


def begin(database: Database, *, source: str, tables: Iterable[str]) -> None:
    """Note that a copy of *source* begins; what is noted already stays."""

    def insert_missing() -> None:
        known = {row.table_name for row in CopyProgress.select()}
        for name in tables:
            if name not in known:
                CopyProgress.create(table_name=name, source=source, row_count=0, digest=NOTHING.checksum)

    with database.connection():
        statement = CopyProgress._schema._create_table(safe=True)
        if database.dialect == "mysql":
            statement.literal(" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        database.peewee.execute_sql(*statement.query())
        database.transaction(insert_missing)


def read(database: Database) -> dict[str, Progress]:
    """How far each table is."""
    with database.connection():
        return {
            row.table_name: Progress(row.last_key, Tally(row.row_count, int(row.digest, 16)))
            for row in CopyProgress.select()
        }


def write(database: Database, table: str, before: Progress, after: Progress) -> None:
    """Note, in the transaction that copies the rows, that *table* has got from *before* to *after*.

    Raises:
        CopyRefused: another process has got further meanwhile.
    """
    is_mine = (CopyProgress.table_name == table) & (CopyProgress.row_count == before.tally.rows)
    changes = {"last_key": after.last_key, "row_count": after.tally.rows, "digest": after.tally.checksum}
    if CopyProgress.update(changes).where(is_mine).execute() != 1:
        raise CopyRefused(f"another process copies into {database.name} at this moment")


def end(database: Database) -> None:
    """Forget the copy: from now on *database* is an installation like any other."""
    with database.connection():
        CopyProgress.drop_table()
