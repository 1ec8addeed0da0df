"""Make a database's tables, one process at a time, and say whether it is ready to serve."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from hanko_compat import errors
from hanko_compat.errors.database import DatabaseUnavailable, SchemaBehind, SchemaUnsupported
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.schema import catalogue, history

LOCK_NAME = "hanko_compat_migrations"
LOCK_NUMBER = 0x68616E6B6F  # "hanko"; PostgreSQL's advisory locks have numbers
LOCK_WAIT = 120.0
"""Seconds to wait for another process that migrates."""


def up(database: Database) -> list[str]:
    """Apply what is pending and return the names.

    An empty database gets the layout of Hanko 2.7. Of a database that Hanko owns nothing is altered:
    only tables of our own are made, when there are any.

    Raises:
        SchemaUnsupported: a database that can't be shared.
        RightsMissing: the account may not make tables.
        DatabaseUnavailable: no answer, or another process migrates for too long.
    """
    with database.connection(), database.explain_denials(), _alone(database):
        schema = catalogue.inspect(database)
        if not schema.pending:
            return []
        return history.ScopedRunner(database, _scopes(schema)).up()


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


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """Keep other processes from migrating the same database meanwhile."""
    if database.dialect == "sqlite":
        # One transaction around everything; no other process can write.
        with database.peewee.atomic():
            yield
        return
    take, give = {
        "postgres": (
            f"SELECT pg_try_advisory_lock({LOCK_NUMBER})",
            f"SELECT pg_advisory_unlock({LOCK_NUMBER})",
        ),
        "mysql": (f"SELECT GET_LOCK('{LOCK_NAME}', 0)", f"SELECT RELEASE_LOCK('{LOCK_NAME}')"),
    }[database.dialect]
    deadline = time.monotonic() + LOCK_WAIT
    # Polled: a statement that waits holds a snapshot, for which CREATE INDEX CONCURRENTLY
    # waits in turn.
    while not database.peewee.execute_sql(take).fetchone()[0]:
        if time.monotonic() > deadline:
            raise DatabaseUnavailable
        time.sleep(0.1)
    try:
        yield
    finally:
        database.peewee.execute_sql(give)
