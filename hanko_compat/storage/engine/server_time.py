"""The clock of the database's host."""

from datetime import UTC, datetime

from hanko_compat.storage.engine.database import Database

NOW = {
    "postgres": "SELECT clock_timestamp() AT TIME ZONE 'UTC'",
    # As text: a time would be read in the zone of the columns.
    "mysql": "SELECT CAST(UTC_TIMESTAMP(6) AS CHAR)",
}


def find(database: Database) -> datetime | None:
    """What time it is there; None where the database is a file of this host."""
    question = NOW.get(database.dialect)
    if question is None:
        return None
    moment: datetime | str = database.peewee.execute_sql(question).fetchone()[0]
    return (datetime.fromisoformat(moment) if isinstance(moment, str) else moment).replace(tzinfo=UTC)
