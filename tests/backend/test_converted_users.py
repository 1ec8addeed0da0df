"""Users of other systems, converted and imported, log in at the public door with the password of there."""

import json
from pathlib import Path

import pytest

from hanko_compat.services.convert.firebase_hashes import read_hash_config
from hanko_compat.services.convert.systems import SYSTEMS
from tests.cli.terminal import run, write_config
from tests.services.convert.converting import BCRYPT, DATA, PASSWORD, of_file
from tests.services.transfer.runs import import_into
from tests.settings import settings_on

HASH_CONFIG = read_hash_config((DATA / "firebase-hash-config.txt").read_text())
EXPORTS = {
    "firebase": "firebase.json",
    "auth0": "auth0-hashes.ndjson",
    "keycloak": "keycloak.json",
    "supabase": "supabase.csv",
    "kratos": "kratos.json",
    "cognito": "cognito.csv",
    "clerk": "clerk.csv",
    "django": "django.json",
    "csv": "users.csv",
}


def converted(system):
    options = {"hash_config": HASH_CONFIG, "takes_otp_secrets": False, "assumes_verified": True}
    return of_file(system, EXPORTS[system], **options).entries


@pytest.mark.parametrize("system", sorted(SYSTEMS.keys() - {"cognito", "csv"}))
def test_the_password_of_there_logs_in_here(client, services, system):
    assert import_into(services.database, *converted(system)) == []
    user_id = client.post("/user", json={"email": "alice@example.com"}).json["id"]
    answers = [
        client.post("/password/login", json={"user_id": user_id, "password": password}).status_code
        for password in ("another password", PASSWORD, PASSWORD)
    ]
    assert answers == [401, 200, 200]


@pytest.mark.parametrize("system", SYSTEMS)
def test_an_import_finds_nothing_wrong(database_url, tmp_path, monkeypatch, system):
    monkeypatch.chdir(tmp_path)
    write_config(Path("config.yaml"), settings_on(database_url))
    Path("users.json").write_text(json.dumps(converted(system)))
    result = run("users", "import", "--dry-run", "users.json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert BCRYPT not in result.output
