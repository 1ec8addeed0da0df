from datetime import UTC, datetime, timedelta

from hanko_compat.storage.engine import server_time
from hanko_compat.storage.engine.database import open_database


def test_clock_of_the_database_is_in_utc(database_url: str) -> None:
    database = open_database(database_url)
    with database.connection():
        there = server_time.find(database)
    database.close_all()

    if database.dialect == "sqlite":
        assert there is None
    else:
        assert there is not None
        assert abs(there - datetime.now(UTC)) < timedelta(minutes=1)
