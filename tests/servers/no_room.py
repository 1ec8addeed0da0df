"""A database that has no room left: it reads, and writes nothing of a session or a user."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from hanko_compat.storage.engine.database import open_database
from tests.servers.hanko_compat import HankoCompat

TABLES = ("sessions", "users")
# The numbers that the servers themselves report then: disk_full and ER_RECORD_FILE_FULL.
STATEMENTS = {
    "postgres": (
        """CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$""",
        "CREATE TRIGGER no_room_{table} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION no_room()",
        "DROP TRIGGER no_room_{table} ON {table}",
        "DROP FUNCTION no_room()",
    ),
    "mysql": (
        "",
        """CREATE TRIGGER no_room_{table} BEFORE DELETE ON {table} FOR EACH ROW
        SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table is full'""",
        "DROP TRIGGER no_room_{table}",
        "",
    ),
}


@contextmanager
def no_room(server: HankoCompat, database_url: str) -> Iterator[None]:
    """Leave no room in this block."""
    if database_url.startswith("sqlite"):
        with _no_file_grows(server):
            yield
        return
    dialect = "mysql" if urlsplit(database_url).scheme in {"mysql", "mariadb"} else "postgres"
    first, make, remove, last = STATEMENTS[dialect]
    _execute(database_url, [first, *(make.format(table=table) for table in TABLES)])
    try:
        yield
    finally:
        _execute(database_url, [*(remove.format(table=table) for table in TABLES), last])


@contextmanager
def _no_file_grows(server: HankoCompat) -> Iterator[None]:
    """As on a full disk: the system refuses to write to any file."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in server.worker_pids()}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def _execute(url: str, statements: list[str]) -> None:
    database = open_database(url)
    try:
        with database.connection():
            for statement in filter(None, statements):
                database.peewee.execute_sql(statement)
    finally:
        database.close_all()
