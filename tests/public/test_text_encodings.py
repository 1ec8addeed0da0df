"""Databases whose encoding is not UTF-8: what they can hold is kept, anything else is refused with 400."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.schema import migrate
from tests.databases import prepare
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.process import own_name
from tests.servers.run import Run

pytestmark = [pytest.mark.servers, pytest.mark.one_database]

Maker = Callable[..., Flask]
SETTINGS = {"email.require_verification": False, "rate_limiter.enabled": False}
NOT_STORABLE = {"code": 400, "message": "Bad Request"}


def on_postgres(run: Run, encoding: str) -> str:
    server, name = Postgres(run), own_name(encoding.lower())
    server.shared()
    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    server.execute(f"CREATE DATABASE \"{name}\" ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'")
    prepare(server.url(name))
    return server.url(name)


def on_mariadb(run: Run, charset: str) -> str:
    server = MariaDB(run)
    server.shared()
    url = server.create_database(charset)
    prepare(url)
    database = open_database(url)
    with database.connection():
        migrate.require_current(database)
        database.peewee.execute_sql(
            f"ALTER TABLE emails MODIFY address VARCHAR(255) CHARACTER SET {charset} NOT NULL"
        )
    database.close_all()
    return url


DATABASES = {
    "SQL_ASCII": lambda run: on_postgres(run, "SQL_ASCII"),
    "LATIN1": lambda run: on_postgres(run, "LATIN1"),
    "latin1": lambda run: on_mariadb(run, "latin1"),
    "utf8mb3": lambda run: on_mariadb(run, "utf8mb3"),
}


@pytest.fixture(scope="module", params=DATABASES)
def odd_database(request: pytest.FixtureRequest, test_run: Run) -> tuple[str, str]:
    return request.param, DATABASES[request.param](test_run)


def sign_up(app: Flask, address: str) -> TestResponse:
    return app.test_client().post("/users", json={"email": address})


def test_sign_up_and_look_up(odd_database: tuple[str, str], make_app: Maker) -> None:
    encoding, url = odd_database
    app = make_app({**SETTINGS, "database.url": url})
    lacks_polish = encoding in ("LATIN1", "latin1")
    lacks_emoji = encoding != "SQL_ASCII"
    answers = {
        "plain@example.test": 200,
        "josé@example.test": 200,
        "łukasz@example.test": 400 if lacks_polish else 200,
        "a\N{GRINNING FACE}@example.test": 400 if lacks_emoji else 200,
    }
    for address, status in answers.items():
        made = sign_up(app, address)
        assert (address, made.status_code) == (address, status)
        found = app.test_client().post("/user", json={"email": address})
        assert (address, found.status_code) == (address, status)
        if status == 200:
            assert found.json is not None
            assert made.json is not None
            assert found.json["id"] == made.json["user_id"]
        else:
            assert made.json == found.json == NOT_STORABLE


def test_the_backend_door(odd_database: tuple[str, str], make_app: Maker) -> None:
    encoding, url = odd_database
    if encoding != "LATIN1":
        return
    app = make_app({**SETTINGS, "database.url": url})
    secret = app.extensions["hanko_compat"].api_secrets.create()
    answer = app.test_client().post(
        "/v2/users",
        json={"status": "active", "fullName": "Łukasz \N{GRINNING FACE}"},
        auth=(secret.project_id, secret.secret),
    )
    body: Any = answer.json
    assert (answer.status_code, body["error"]["type"]) == (400, "validation_error")
