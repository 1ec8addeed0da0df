"""Count the statements that reach the database."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hanko_compat.storage.engine.database import Database

BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "PRAGMA")


class Recorder(logging.Handler):
    """Collect what peewee logs: each statement with its parameters, from every thread."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: list[str] = []
        self.values: list[Any] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the statement of *record*."""
        if isinstance(record.msg, tuple) and not record.msg[0].startswith(BOOKKEEPING):
            self.statements.append(record.msg[0])
            self.values.append(record.msg[1])


@contextmanager
def _recorder() -> Iterator[Recorder]:
    logger, recorder = logging.getLogger("peewee"), Recorder()
    level = logger.level
    logger.addHandler(recorder)
    logger.setLevel(logging.DEBUG)
    try:
        yield recorder
    finally:
        logger.removeHandler(recorder)
        logger.setLevel(level)


@contextmanager
def recorded_queries() -> Iterator[list[str]]:
    """The statements executed in the block, on any database; not those that begin or end transactions."""
    with _recorder() as recorder:
        yield recorder.statements


@contextmanager
def assert_nothing_is_sorted(database: Database) -> Iterator[None]:
    """Fail if SQLite, MySQL or MariaDB sorts what a SELECT of the block finds, which takes reading all of it.

    PostgreSQL sorts tables as small as those of tests.
    """
    with _recorder() as recorder:
        yield
    manner = {"sqlite": "EXPLAIN QUERY PLAN", "mysql": "EXPLAIN"}.get(database.dialect)
    for statement, values in zip(recorder.statements, recorder.values, strict=True):
        if manner is not None and statement.startswith("SELECT"):
            plan = str(database.peewee.execute_sql(f"{manner} {statement}", values).fetchall())
            assert "filesort" not in plan and "TEMP B-TREE" not in plan, f"{plan}\n{statement}"  # noqa: PT018


@contextmanager
def explained_queries(database: Database) -> Iterator[list[str]]:
    """How the database finds the rows of each SELECT of the block: its plans, once the block has ended."""
    plans: list[str] = []
    with _recorder() as recorder:
        yield plans
    manner = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN"
    for statement, values in zip(recorder.statements, recorder.values, strict=True):
        if statement.startswith("SELECT"):
            plan = database.peewee.execute_sql(f"{manner} {statement}", values)
            plans.append("\n".join(map(str, plan.fetchall())))


@contextmanager
def assert_query_count(expected: int) -> Iterator[list[str]]:
    """Fail unless the block executes *expected* statements."""
    with recorded_queries() as statements:
        yield statements
    listing = "\n".join(statements)
    assert len(statements) == expected, f"{len(statements)} queries instead of {expected}:\n{listing}"
