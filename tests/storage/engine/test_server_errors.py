"""What becomes of work that a server ends with an error, by the error's number."""

from typing import Any

import psycopg
import pymysql
import pytest
from peewee import __exception_wrapper__

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine.database import Database, DatabaseError

AGAIN, LATER, BUG = "run again", "503 at once", "a fault of ours"
# What servers say when they are short of something, are being replaced, or give up on a transaction.
SAID = {
    "postgres": {
        AGAIN: ["40001", "40P01", "55P03", "08006", "25006", "40003", "57P01", "57P02", "57P03"],
        LATER: ["53100", "53200", "53300", "57014", "58030"],
        BUG: ["42703", "22001", "0A000"],
    },
    "mysql": {
        AGAIN: [
            *(1020, 1205, 1213, 1412, 1615, 3101),
            *(1040, 1047, 1053, 1180, 1203, 1290, 1792, 1836, 1927, 2006, 2013, 3100, 3168, 3169, 4031),
        ],
        LATER: [1021, 1026, 1028, 1030, 1041, 1114, 1135, 1317, 1878, 1969, 3024, 3170],
        BUG: [1054, 1064, 1406],
    },
}


def said(dialect: str, code: Any) -> Exception:
    """The driver's error."""
    if dialect == "mysql":
        return pymysql.err.OperationalError(code, "in the server's words")
    return psycopg.errors.lookup(code)("in the server's words")


@pytest.mark.servers
def test_what_a_server_says_is_no_fault_of_ours(server_database: Database) -> None:
    dialect = server_database.dialect
    for expected, codes in SAID[dialect].items():
        for code in codes:
            assert (code, outcome(server_database, dialect, code)) == (code, expected)


def outcome(database: Database, dialect: str, code: Any) -> str:
    """What becomes of a transaction whose first run ends with that error, and of a query outside of one."""
    runs: list[None] = []

    def work() -> None:
        runs.append(None)
        if len(runs) == 1:
            with __exception_wrapper__:
                raise said(dialect, code)

    def ask() -> None:
        with database.connection(), __exception_wrapper__:
            raise said(dialect, code)

    try:
        database.transaction(work)
    except DatabaseUnavailable:
        found = LATER
    except DatabaseError:
        found = BUG
    else:
        found = AGAIN
    with pytest.raises(DatabaseError if found == BUG else DatabaseUnavailable):
        ask()
    return found
