"""Make a database's tables, one process at a time, and say whether it is ready to serve."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from hanko_compat import errors
from hanko_compat.errors.database import (
    DatabaseUnavailable,
    MigrationUnderWay,
    SchemaBehind,
    SchemaUnsupported,
)
from hanko_compat.storage.engine.database import Database, DatabaseError
from hanko_compat.storage.schema import catalogue, history

# Names are the server's, which may have several databases of ours; 64 characters at most.
LOCK_NAME = "CONCAT('hanko_compat_migrations.', MD5(DATABASE()))"
LOCK_NUMBER = 0x68616E6B6F  # "hanko"; PostgreSQL's advisory locks have numbers
# A limit of time that the operator has set is meant for requests.
TAKE = f"SELECT set_config('statement_timeout', '0', true), pg_try_advisory_xact_lock({LOCK_NUMBER})"
LOCK_WAIT = 120.0
"""Seconds to wait for another process that migrates."""
PAUSE = 0.1
"""Seconds between two attempts at the lock."""


def up(database: Database) -> list[str]:
    """Apply what is pending and return the names.

    An empty database gets the layout of Hanko 2.7. Of a database that Hanko owns nothing is altered:
    only tables of our own are made, when there are any.

    Raises:
        SchemaUnsupported: a database that can't be shared.
        RightsMissing: the account may not make tables.
        MigrationUnderWay: another process migrates for too long.
        DatabaseUnavailable: no answer.
    """
    deadline = time.monotonic() + LOCK_WAIT
    # Polled, so that the wait is bounded in the same way everywhere.
    while (applied := _try_up(database)) is None:
        if time.monotonic() > deadline:
            raise MigrationUnderWay(
                f"another process has kept {database.name} busy for more than {LOCK_WAIT:.0f} seconds,"
                " probably by migrating it: wait until it has ended, then run `hanko-compat migrate up` again"
            )
        time.sleep(PAUSE)
    return applied


def take_over(database: Database) -> None:
    """Move what a server of an earlier release has written since `up` to where it belongs now.

    The database has a current schema. An unfinished copy is left as it is: its rows are compared in the end.

    Raises:
        DatabaseUnavailable: no answer.
    """
    with database.connection():
        if catalogue.UNFINISHED_COPY not in catalogue.columns(database):
            history.repeat(database, history.ON_HANKOS)


def status(database: Database) -> list[history.Entry]:
    """Every migration that concerns this database.

    Raises:
        SchemaUnsupported: a database that can't be shared.
    """
    with database.connection():
        return history.entries(database, _scopes(catalogue.inspect(database)))


def require_current(database: Database) -> catalogue.Layout:
    """The schema, when it is ready to serve.

    Raises:
        SchemaBehind: migrations are missing, or rows, as a copy into it is not finished.
        SchemaUnsupported: a database that can't be shared.
        RightsMissing: the account may not read the catalogue.
    """
    schema = catalogue.inspect(database)
    for fault in faults(database, schema):
        raise fault
    return schema


def faults(database: Database, schema: catalogue.Layout) -> Iterator[errors.OperatorError]:
    """Why a schema that was recognised is not ready to serve."""
    if schema.tenants > 1:
        yield SchemaUnsupported(
            f"{database.name} holds {schema.tenants} tenants of Hanko 3, which may share an address;"
            " only a database with a single tenant can be served"
        )
    if schema.pending:
        yield SchemaBehind(
            f"the schema of {database.name} lacks {', '.join(schema.pending)}; run: hanko-compat migrate up"
        )
    if catalogue.UNFINISHED_COPY in schema.tables:
        yield SchemaBehind(
            f"{database.name} holds an unfinished copy; run the same `hanko-compat migrate copy` again"
        )


def _scopes(schema: catalogue.Layout) -> frozenset[str]:
    return history.ON_HANKOS if schema.owner == "hanko" else history.ON_OURS


def _try_up(database: Database) -> list[str] | None:
    """Apply what is pending; None, to try again, if another process is or was in the way."""
    try:
        with database.unhurried(), database.explain_denials(), ExitStack() as held:
            if not _take_lock(database, held):
                return None
            schema = catalogue.inspect(database)
            if not schema.pending:
                return []
            return history.ScopedRunner(database, _scopes(schema)).up()
    except (DatabaseError, DatabaseUnavailable) as error:
        if database.is_refused(error):
            return None
        raise


def _take_lock(database: Database, held: ExitStack) -> bool:
    """Keep other processes from migrating until *held* is closed; False when another one is at it."""
    if database.dialect == "mysql":
        # Every change of a table commits, so a transaction would not hold it.
        if not database.peewee.execute_sql(f"SELECT GET_LOCK({LOCK_NAME}, 0)").fetchone()[0]:
            return False
        held.callback(_release_lock, database)
        return True
    # One transaction around everything. A lock of the session would stay behind in a pooler's connection.
    held.enter_context(database.peewee.atomic())
    if database.dialect == "sqlite":
        return True  # no other process can write
    return bool(database.peewee.execute_sql(TAKE).fetchone()[1])


def _release_lock(database: Database) -> None:
    with suppress(DatabaseError):  # a connection that broke took it along
        database.peewee.execute_sql(f"SELECT RELEASE_LOCK({LOCK_NAME})")
