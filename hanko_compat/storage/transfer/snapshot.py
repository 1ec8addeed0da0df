"""A transaction that reads: all of its queries see the database as it was at the first of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from hanko_compat.storage.engine.database import Database

BEGIN = {
    "sqlite": ("BEGIN DEFERRED",),
    "postgres": ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",),
    "mysql": (
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ),
}


@contextmanager
def snapshot(database: Database) -> Iterator[None]:
    """Hold a connection, and see nothing of what others write meanwhile. Nobody has to wait for it.

    Raises:
        DatabaseUnavailable: no answer.
    """
    with database.unhurried():
        for statement in BEGIN[database.dialect]:
            database.peewee.execute_sql(statement)
        try:
            yield
        finally:
            # What was only read is the same with COMMIT; a connection that was lost is thrown away.
            if not database.peewee.is_closed():
                database.peewee.execute_sql("ROLLBACK")
