import json
from pathlib import Path

import pytest

from tests.cli.terminal import run, write_config
from tests.settings import settings_on


@pytest.fixture
def config(database_url):
    return ("--config", str(write_config(Path("backend.yaml"), settings_on(database_url))))


def created(config):
    result = run("backend-api", "create-secret", *config)
    assert result.exit_code == 0
    return {line[:10].strip(): line[12:].split()[0] for line in result.output.splitlines()}


def test_a_secret_is_shown_once(config, make_services):
    new = created(config)
    assert new["project ID"].startswith("pro-")
    make_services().api_secrets.check(new["project ID"], new["API secret"])
    listed = run("backend-api", "list", *config)
    assert listed.stdout.splitlines()[1].startswith(new["id"])
    (line,) = run("backend-api", "list", "--json", *config).stdout.splitlines()
    assert json.loads(line).keys() == {"id", "created_at"}
    assert new["API secret"] not in listed.output


def test_revoke(config, make_services):
    new = created(config)
    assert run("backend-api", "revoke", new["id"], *config).exit_code == 0
    listed = run("backend-api", "list", *config)
    assert (listed.stdout, listed.stderr) == ("", "there is no API secret, so /v2 is closed\n")
    again = run("backend-api", "revoke", new["id"], *config)
    assert (again.exit_code, "there is no API secret" in again.output) == (3, True)
    assert not make_services().api_secrets.exist()


def test_a_database_without_tables(empty_database_url):
    path = write_config(Path("empty.yaml"), settings_on(empty_database_url))
    result = run("backend-api", "create-secret", "--config", str(path))
    assert result.exit_code == 1
    assert "hanko-compat migrate up" in result.output


def test_doctor_tells_whether_servers_may_call(config):
    assert "/v2 is closed" in run("doctor", *config).output
    created(config)
    assert "/v2 is served at the public address" in run("doctor", *config).output
