"""Which migrations there are, where each belongs, and which of them were applied to a database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import peewee
from playhouse.migrations import Migration, Runner

from hanko_compat.clock import utc_now
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.engine.fields import UtcDateTimeField

TABLE = "hanko_compat_migrations"
DIRECTORY = Path(__file__).parent / "migrations"

ON_OURS = frozenset({"layout", "indexes", "own"})
"""The scopes of migrations that make a database of our own."""

ON_HANKOS = frozenset({"own"})
"""The scopes that may touch a database that Hanko owns: our own tables, named ``hanko_compat_...``."""


@cache
def _module(path: str) -> Any:
    """The migration in the file *path*, which is read once, as that takes milliseconds."""
    return Migration(0, Path(path).stem, path, None).load()


def scope_of(migration: Migration) -> str:
    """Where *migration* belongs."""
    scope: str = _module(migration.path).scope
    return scope


@dataclass(frozen=True, slots=True)
class Entry:
    """A migration, and when it was applied; None: not yet."""

    name: str
    applied_at: datetime | None


class ScopedRunner(Runner):
    """peewee's runner, limited to migrations whose ``scope`` is one of *scopes*."""

    def __init__(self, database: Database, scopes: Collection[str]) -> None:
        super().__init__(database.peewee, directory=str(DIRECTORY), table_name=TABLE)
        self._scopes = scopes

        class History(database.peewee.Model):  # type: ignore[name-defined]
            """A migration that was applied."""

            name = peewee.CharField(unique=True)
            applied = UtcDateTimeField(default=utc_now)

            class Meta:
                """The table's name differs from that of Hanko's own history."""

                legacy_table_names = False
                table_name = TABLE

        self.History = History

    def migrations(self) -> list[Any]:
        """The migrations of these scopes, in order."""
        return [migration for migration in super().migrations() if scope_of(migration) in self._scopes]

    def entries(self) -> list[Entry]:
        """The migrations of these scopes, applied or not, in order."""
        return [Entry(entry.name, entry.applied) for entry in self.status() if entry.path]


def entries(database: Database, scopes: Collection[str]) -> list[Entry]:
    """Every migration of *scopes* and when it was applied to *database*. Needs a connection."""
    return ScopedRunner(database, scopes).entries()


def repeat(database: Database, scopes: Collection[str]) -> None:
    """Run what migrations of *scopes* that were applied have to do again. Needs a connection."""
    for migration in ScopedRunner(database, scopes).migrations():
        again = getattr(_module(migration.path), "again", None)
        if again is not None:
            again(database.peewee)


def pending(database: Database, scopes: Collection[str]) -> tuple[str, ...]:
    """The names of the migrations of *scopes* to apply to *database*. Needs a connection."""
    return tuple(entry.name for entry in entries(database, scopes) if entry.applied_at is None)
