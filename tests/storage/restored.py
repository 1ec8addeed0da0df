"""Databases that Hanko itself wrote, restored on a server of the tests."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from pymysql.constants import CLIENT

from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres

DATABASES = Path(__file__).parents[1] / "data" / "databases"
FOLDERS = ("postgres-2.7", "mariadb-2.7", "postgres-3.0")


def on_postgres(server: Postgres, folder: str, *, name: str, data: bool = True) -> str:
    """Make the database *name* from the dump in *folder* and return its URL."""
    url = server.create_database(name)
    with psycopg.connect(url, autocommit=True) as connection:
        for file in ("schema.sql", "data.sql") if data else ("schema.sql",):
            connection.execute((DATABASES / folder / file).read_text())  # type: ignore[arg-type]
    return url


def on_mariadb(server: MariaDB, folder: str, *, name: str, data: bool = True) -> str:
    """Make the database *name* from the dump in *folder* and return its URL."""
    url = server.create_database(name)
    connection = pymysql.connect(
        host="127.0.0.1",
        port=server.port,
        user="hanko",
        password="hanko",
        database=url.rpartition("/")[2],
        autocommit=True,
        client_flag=CLIENT.MULTI_STATEMENTS,
    )
    with closing(connection), connection.cursor() as cursor:
        for file in ("schema.sql", "data.sql") if data else ("schema.sql",):
            cursor.execute((DATABASES / folder / file).read_text())
            while cursor.nextset():
                pass
    return url


def fixture_of(folder: str) -> dict[str, Any]:
    """What is known of the users in *folder*: ids, passwords, tokens."""
    content: dict[str, Any] = json.loads((DATABASES / folder / "fixture.json").read_text())
    return content
