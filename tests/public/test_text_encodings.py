"""Databases whose encoding is not UTF-8: what they can hold is kept, anything else is refused with 400.

What the server itself records is no reason to refuse anything: it is stored in ASCII then.
"""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from hanko_compat.storage.engine import any_text
from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.models import AuditLog, Session
from hanko_compat.storage.schema import migrate
from tests.authenticator import Authenticator
from tests.databases import prepare
from tests.markdown import ROOT
from tests.passkeys import Browser
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


RECORDED = [
    ("sessions", "user_agent"),
    ("audit_logs", "meta_user_agent"),
    ("webauthn_credentials", "name"),
]


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
        for table, column in RECORDED:
            database.peewee.execute_sql(
                f"ALTER TABLE {table} MODIFY {column} VARCHAR(255) CHARACTER SET {charset}"
            )
    database.close_all()
    return url


DATABASES = {
    "SQL_ASCII": lambda run: on_postgres(run, "SQL_ASCII"),
    "LATIN1": lambda run: on_postgres(run, "LATIN1"),
    "KOI8R": lambda run: on_postgres(run, "KOI8R"),
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
    lacks_polish = encoding in ("LATIN1", "KOI8R", "latin1")
    lacks_emoji = encoding != "SQL_ASCII"
    answers = {
        "plain@example.test": 200,
        "josé@example.test": 400 if encoding == "KOI8R" else 200,
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


SESAME = UUID("891494da-2c90-4d31-a9cd-4eab0aed1309")
BROWSER = "Przeglądarka \N{GRINNING FACE}"


def test_what_the_server_records(odd_database: tuple[str, str], make_app: Maker) -> None:
    encoding, url = odd_database
    settings = {**SETTINGS, "database.url": url, "audit_log.storage.enabled": True, "audit_log.mask": False}
    app = make_app({**settings, "password.enabled": True})
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = BROWSER.encode().decode("latin-1")
    made = client.post("/users", json={"email": f"{encoding.lower()}@example.test"})
    assert made.status_code == 200
    password = {"user_id": made.json["user_id"], "password": "correct horse"}  # type: ignore[index]
    assert client.put("/password", json=password).status_code == 201
    assert client.post("/password/login", json=password).status_code == 200
    wrong = password | {"password": f"wrong {BROWSER}"}
    assert client.post("/password/login", json=wrong).status_code == 401
    browser, device = Browser(client), Authenticator(aaguid=SESAME.bytes)
    assert browser.register(device.create(browser.creation_options())).status_code == 200
    assert browser.log_in(device.get(browser.request_options())).status_code == 200
    (credential,) = client.get("/webauthn/credentials").json  # type: ignore[union-attr]
    assert credential["name"] == ("Sésame" if encoding == "SQL_ASCII" else "Sesame")
    with app.extensions["hanko_compat"].database.connection():
        user = UUID(password["user_id"])
        recorded = {row.user_agent for row in Session.select().where(Session.user == user)}
        recorded |= {row.meta_user_agent for row in AuditLog.select().where(AuditLog.actor_user_id == user)}
    assert recorded == {BROWSER if encoding == "SQL_ASCII" else "Przegladarka ?"}


def test_a_name_with_characters_that_are_lacking_is_refused(
    odd_database: tuple[str, str], make_app: Maker
) -> None:
    encoding, url = odd_database
    app = make_app({**SETTINGS, "database.url": url})
    client = app.test_client()
    assert client.post("/users", json={"email": f"{encoding.lower()}2@example.test"}).status_code == 200
    browser, device = Browser(client), Authenticator()
    made = browser.register(device.create(browser.creation_options()))
    path = f"/webauthn/credentials/{made.json['credential_id']}"  # type: ignore[index]
    renamed = client.patch(path, json={"name": BROWSER})
    assert renamed.status_code == (200 if encoding == "SQL_ASCII" else 400)


@pytest.mark.parametrize("odd_database", ["SQL_ASCII"], indirect=True)
def test_text_that_is_no_utf_8_is_read(
    odd_database: tuple[str, str], make_app: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    _, url = odd_database
    app = make_app({**SETTINGS, "database.url": url})
    client = app.test_client()
    address = "l\N{LATIN SMALL LETTER E WITH ACUTE}on@example.test"
    assert client.post("/users", json={"email": address}).status_code == 200
    database = app.extensions["hanko_compat"].database
    with database.connection():
        database.peewee.execute_sql(
            r"UPDATE emails SET address = E'l\xe9on@example.test' WHERE address = %s", (address,)
        )
    any_text._warn.cache_clear()
    token = {"Authorization": f"Bearer {client.get_cookie('hanko').value}"}  # type: ignore[union-attr]
    for _ in range(2):
        emails: Any = app.test_client().get("/emails", headers=token).json
        assert isinstance(emails, list), emails
        assert [each["address"] for each in emails] == ["l\N{REPLACEMENT CHARACTER}on@example.test"]
    warnings = [record for record in caplog.records if record.message == "text_not_utf8"]
    assert "emails" in {vars(record)["table"] for record in warnings}
    assert len(warnings) == len({vars(record)["table"] for record in warnings})
    assert app.test_client().post("/user", json={"email": address}).status_code == 404
    (remedy,) = re.findall("^UPDATE emails .*$", (ROOT / "docs/deployment.md").read_text(), re.MULTILINE)
    with database.connection():
        database.peewee.execute_sql(remedy.replace("...", emails[0]["id"]))
    assert app.test_client().post("/user", json={"email": address}).status_code == 200
