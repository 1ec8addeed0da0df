"""The models on databases that Hanko itself wrote."""

import json
from collections import Counter

import pytest

from hanko_compat.clock import utc_now
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import HANKO_TABLES, Email, PrimaryEmail, Session, User
from tests.storage import restored
from tests.storage.conftest import OpenDatabase

pytestmark = pytest.mark.servers


@pytest.fixture(params=restored.FOLDERS)
def folder(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def hankos(request: pytest.FixtureRequest, open_database: OpenDatabase, folder: str) -> Database:
    if folder.startswith("mariadb"):
        return open_database(restored.on_mariadb(request.getfixturevalue("mariadb"), folder, name="models"))
    return open_database(restored.on_postgres(request.getfixturevalue("postgres"), folder, name="models"))


def test_every_row_that_hanko_wrote_is_read(hankos: Database, folder: str) -> None:
    dump = (restored.DATABASES / folder / "data.sql").read_text().replace("`", "").replace("public.", "")
    lines = [line.split()[2] for line in dump.splitlines() if line.startswith("INSERT INTO ")]
    with hankos.connection():
        found = {model._meta.table_name: len(list(model.select())) for model in HANKO_TABLES}
    if folder.startswith("postgres"):  # a line per row
        written = Counter(lines)
        assert found == {table: written[table] for table in found}
    assert {table for table, count in found.items() if count} >= {
        "users", "emails", "sessions", "jwks", "webauthn_credentials", "identities", "passcodes",
    }  # fmt: skip


def test_the_users_are_those_of_the_fixture(hankos: Database, folder: str) -> None:
    fixture = json.loads((restored.DATABASES / folder / "fixture.json").read_text())
    expected = {
        (user["id"], email["address"], email["verified"], email["primary"])
        for user in fixture["users"].values()
        for email in user["emails"]
        if not email.get("unassigned")
    }
    with hankos.connection():
        primary = {row.email_id for row in PrimaryEmail.select()}
        emails = [row for row in Email.select() if row.user_id is not None]
    assert {(str(row.user_id), row.address, row.verified, row.id in primary) for row in emails} == expected


def test_new_rows_name_no_column_that_only_one_version_has(hankos: Database) -> None:
    now = utc_now().replace(microsecond=0)
    with hankos.connection():
        user = User.create(created_at=now, updated_at=now)
        Email.create(user=user, address="new@example.test", verified=True, created_at=now, updated_at=now)
        session = Session.create(user=user, last_used=now, created_at=now, updated_at=now)
        assert Session.get_by_id(session.id).last_used == now
        assert Email.get(Email.address == "new@example.test").user_id == user.id
        User.delete().where(User.id == user.id).execute()
        assert Session.select().where(Session.id == session.id).count() == 0
