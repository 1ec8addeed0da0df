from datetime import UTC, datetime, timedelta

from hanko_compat.storage import server_time
from hanko_compat.storage.database import open_database


def test_a_server_tells_its_time_in_utc(database_url):
    database = open_database(database_url)
    with database.connection():
        told = server_time.find(database)
    database.close_all()
    if database.dialect == "sqlite":
        assert told is None
    else:
        assert told.tzinfo is UTC
        assert abs(told - datetime.now(UTC)) < timedelta(seconds=10)
