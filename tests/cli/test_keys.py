import json
from pathlib import Path

import pytest

from hanko_compat.storage.engine.database import open_database
from hanko_compat.storage.schema import migrate
from tests.cli.terminal import run, write_config
from tests.servers.postgres import Postgres
from tests.servers.process import own_name
from tests.settings import SECRET, settings_on
from tests.signing_keys import private_jwk

KID = private_jwk()["kid"]


@pytest.fixture
def config_file(database_url):
    return write_config(Path("keys.yaml"), settings_on(database_url, {"hanko_compat.jwk.algorithm": "EdDSA"}))


def listed(config_file):
    """What `keys list` shows, without its headings."""
    result = run("keys", "list", "--config", str(config_file))
    assert result.exit_code == 0
    return result.stdout.splitlines()[1:]


def test_list(config_file):
    (line,) = listed(config_file)
    assert line == f"     1  RS256      2026-01-01 00:00:00  {KID}  signs"
    (line,) = run("keys", "list", "--json", "--config", str(config_file)).stdout.splitlines()
    created = {"created_at": "2026-01-01T00:00:00Z"}
    assert json.loads(line) == {"number": 1, "algorithm": "RS256", "kid": KID, "use": "signs"} | created


def test_rotate(config_file):
    rotated = run("keys", "rotate", "--config", str(config_file))
    assert rotated.exit_code == 0
    old, new = listed(config_file)
    assert old.endswith(f"{KID}  verifies")
    assert new.split()[:2] == ["2", "EdDSA"]
    assert new.endswith("signs")
    assert new.split()[-2] in rotated.output


@pytest.mark.slow
def test_revoke(config_file):
    revoked = run("keys", "revoke", KID, "--config", str(config_file))
    assert revoked.exit_code == 0
    old, new = listed(config_file)
    assert old.endswith(f"{KID}  revoked")
    assert new.endswith("signs")
    assert revoked.output == f"tokens of the key {KID} are refused from now on; {new.split()[-2]} signs\n"


def test_revoke_says_what_is_wrong(config_file):
    result = run("keys", "revoke", "unknown", "--config", str(config_file))
    assert result.exit_code == 3
    assert "there is no key unknown" in result.output


def test_rotate_refuses_on_a_database_of_hanko(config_file, database_url):
    database = open_database(database_url)
    with database.connection():
        database.peewee.execute_sql("CREATE TABLE schema_migration (version varchar(14) NOT NULL)")
    database.close_all()
    result = run("keys", "rotate", "--config", str(config_file))
    assert result.exit_code == 1
    assert "belongs to Hanko" in result.output
    assert "put a new secret in front" in result.output
    assert len(listed(config_file)) == 1


@pytest.mark.parametrize("command", ["list", "rotate"])
def test_a_secret_that_does_not_fit(config_file, command):
    other = "another-secret-0123456789"
    result = run("keys", command, "--config", str(config_file), SECRETS_KEYS=other)
    assert result.exit_code == 1
    assert "signing key 1 (table jwks)" in result.output
    assert SECRET not in result.output
    assert other not in result.output


@pytest.mark.parametrize("command", ["list", "rotate"])
def test_a_database_without_tables(empty_database_url, command):
    path = write_config(Path("empty.yaml"), settings_on(empty_database_url))
    result = run("keys", command, "--config", str(path))
    assert result.exit_code == 1
    assert "hanko-compat migrate up" in result.output


@pytest.mark.parametrize(
    "command", [["keys"], ["keys", "list"], ["keys", "rotate"], ["keys", "revoke"]], ids=len
)
def test_help(command):
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "key" in result.output


@pytest.mark.servers
@pytest.mark.parametrize(
    "command", [("keys", "list"), ("backend-api", "list"), ("limits", "show", "--user", "alice@example.com")]
)
def test_an_account_that_may_read_nothing_is_told(command, test_run):
    postgres = Postgres(test_run)
    postgres.shared()
    account = own_name("reader")
    url = postgres.create_database("keys")
    migrate.up(open_database(url))
    postgres.execute(f"DROP ROLE IF EXISTS {account}")
    postgres.execute(f"CREATE ROLE {account} LOGIN")
    changes = {"rate_limiter.enabled": True}
    write_config(Path("config.yaml"), settings_on(url.replace("hanko:hanko@", f"{account}:hanko@"), changes))
    result = run(*command)
    assert result.exit_code == 1
    assert "lacks a right: permission denied for" in result.output
