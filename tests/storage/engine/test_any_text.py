"""What a PostgreSQL database of encoding SQL_ASCII stores, read where it is no UTF-8."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from hanko_compat.storage.engine import any_text
from tests.servers.postgres import Postgres
from tests.storage.conftest import OpenDatabase

pytestmark = pytest.mark.servers


@pytest.fixture
def peewee_database(open_database: OpenDatabase, postgres: Postgres) -> Iterator[Any]:
    postgres.execute('DROP DATABASE IF EXISTS "any_text" WITH (FORCE)')
    postgres.execute("CREATE DATABASE \"any_text\" ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
    database = open_database(postgres.url("any_text"))
    with database.connection():
        database.peewee.execute_sql('CREATE TABLE "texts" (id int, a text, b varchar(9), c jsonb, d uuid)')
        yield database.peewee
    any_text._warn.cache_clear()


def test_the_rest_of_the_rows_is_as_it_was(peewee_database: Any, caplog: pytest.LogCaptureFixture) -> None:
    any_text._warn.cache_clear()
    for row in (
        r"""(1, 'łódź', 'ok', '{"a": "ł"}', '00000000-0000-0000-0000-000000000001')""",
        r"""(2, E'caf\xe9', E'\xff', E'{"a": "\xe9"}', NULL)""",
        r"(3, NULL, NULL, NULL, NULL)",
    ):
        peewee_database.execute_sql(f'INSERT INTO "texts" VALUES {row}')
    with caplog.at_level(logging.WARNING):
        for parameters in ((0,), None, (0,)):
            condition = "id > %s" if parameters else "id > 0"
            rows = peewee_database.execute_sql(
                f'SELECT id, a, b, c, d::text FROM "texts" WHERE {condition} ORDER BY id',
                parameters,
            ).fetchall()
            assert rows == [
                (1, "łódź", "ok", {"a": "ł"}, "00000000-0000-0000-0000-000000000001"),
                (2, "caf\ufffd", "\ufffd", {"a": "\ufffd"}, None),
                (3, None, None, None, None),
            ]
    assert [(record.message, vars(record)["table"]) for record in caplog.records] == [
        ("text_not_utf8", "texts")
    ]


def test_names_of_the_catalogue_are_text(peewee_database: Any) -> None:
    rows = peewee_database.execute_sql("SELECT typname, typtype, typinput FROM pg_type WHERE oid = 25")
    assert rows.fetchall() == [("text", "b", "textin")]
    assert "texts" in peewee_database.get_tables()


def test_a_value_goes_there_and_back(peewee_database: Any) -> None:
    text = "łódź \N{GRINNING FACE}"
    assert peewee_database.execute_sql("SELECT %s::text", (text,)).fetchall() == [(text,)]
