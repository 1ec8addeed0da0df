"""The database of the present unit of work.

Models are bound to whichever that is, so that one process may have several databases, even at the same time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import peewee

_database: ContextVar[peewee.Database | None] = ContextVar("database", default=None)


class CurrentDatabase(peewee.DatabaseProxy):
    """Stands in a model for the database whose unit of work the thread is in."""

    @property
    def obj(self) -> peewee.Database | None:
        """The database; None outside of any unit of work, which peewee takes for "not yet known"."""
        return _database.get()

    def initialize(self, obj: object) -> None:
        """Do nothing: a unit of work says which database it is, each time."""

    def resolve(self) -> peewee.Database:
        """The database.

        Raises:
            InterfaceError: outside of any unit of work.
        """
        database = _database.get()
        if database is None:
            raise peewee.InterfaceError("a query outside of Database.connection(): there is no unit of work")
        return database

    def __getattr__(self, name: str) -> Any:
        return getattr(self.resolve(), name)


CURRENT_DATABASE = CurrentDatabase()


@contextmanager
def using(database: peewee.Database) -> Iterator[None]:
    """Let models be those of *database* in this block, on this thread."""
    before = _database.set(database)
    try:
        yield
    finally:
        _database.reset(before)
