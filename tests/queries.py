"""Count the statements that reach the database."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT", "PRAGMA")


class Recorder(logging.Handler):
    """Collect what peewee logs: each statement, from every thread."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the statement of *record*, without its parameters."""
        if isinstance(record.msg, tuple) and not record.msg[0].startswith(BOOKKEEPING):
            self.statements.append(record.msg[0])


@contextmanager
def recorded_queries() -> Iterator[list[str]]:
    """The statements executed in the block, on any database; not those that begin or end transactions."""
    logger, recorder = logging.getLogger("peewee"), Recorder()
    level = logger.level
    logger.addHandler(recorder)
    logger.setLevel(logging.DEBUG)
    try:
        yield recorder.statements
    finally:
        logger.removeHandler(recorder)
        logger.setLevel(level)


@contextmanager
def assert_query_count(expected: int) -> Iterator[list[str]]:
    """Fail unless the block executes *expected* statements."""
    with recorded_queries() as statements:
        yield statements
    listing = "\n".join(statements)
    assert len(statements) == expected, f"{len(statements)} queries instead of {expected}:\n{listing}"
