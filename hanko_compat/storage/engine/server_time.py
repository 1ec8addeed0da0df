"""The clock of the database's host."""

from datetime import UTC, datetime

from hanko_compat.storage.engine.database import Database

NOW = {
    "postgres": "SELECT clock_timestamp() AT TIME ZONE 'UTC'",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
}


def find(database: Database) -> datetime | None:
    """What time it is there; None where the database is a file of this host."""
    question = NOW.get(database.dialect)
    if question is None:
        return None
    moment: datetime = database.peewee.execute_sql(question).fetchone()[0]
    return moment.replace(tzinfo=UTC)
