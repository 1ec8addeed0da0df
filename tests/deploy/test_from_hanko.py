"""docs/from-hanko.md is true: an operator who copies its commands gets there, and back."""

import contextlib
import http.client
import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hanko_compat.storage.engine.database import open_database
from tests.markdown import page
from tests.servers.hanko_compat import HankoCompat
from tests.servers.nginx import NAME, NginxBesideHanko3
from tests.servers.postgres import Postgres
from tests.servers.process import PATIENCE, find_program
from tests.servers.run import Run
from tests.servers.stand_in import standing_in
from tests.smtp import MailServer
from tests.storage import restored
from tests.storage.layouts import layout

GUIDE = page("docs/from-hanko.md")
DUMP = restored.DATABASES / "postgres-3.0"
FIXTURE = json.loads((DUMP / "fixture.json").read_text())

pytestmark = pytest.mark.servers


class Operator:
    """Somebody who copies the blocks of the guide into a terminal, on a host with other paths and ports."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.database_url = database_url
        self.places = {
            "/opt/hanko-compat/.venv/bin/hanko-compat": f"{sys.executable} -m hanko_compat",
            "/etc/hanko-compat": str(folder),
            'psql "$DATABASE"': f'{find_program("psql")} "$DATABASE"',
            "sqlite:///var/hanko_compat.sqlite3": f"sqlite:///{folder}/copy.sqlite3",
        }

    def do(self, label: str, **environment: str) -> str:
        """Copy the blocks with this label; return what the terminal shows."""
        script = "\n".join(GUIDE.blocks(label))
        assert script, f"there is no block {label!r}"
        for example, own in self.places.items():
            script = script.replace(example, own)
        inherited = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=inherited | {"DATABASE": self.database_url} | environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def environment(self) -> dict[str, str]:
        lines = (self.folder / "environment").read_text().split()
        return dict(line.split("=", 1) for line in lines)


class FromGuide(HankoCompat):
    """What the unit starts: Hanko 3's file, and the guide's environment."""

    def __init__(self, run: Run, operator: Operator, settings: dict[str, Any]) -> None:
        super().__init__(run, settings, workers=1)
        self.operator = operator

    def command(self) -> list[str]:
        variables = self.operator.environment() | {"SERVER_PUBLIC_ADDRESS": f"127.0.0.1:{self.port}"}
        environment = [f"{name}={value}" for name, value in variables.items()]
        serve = [sys.executable, "-m", "hanko_compat", "serve", "--config", str(self.config)]
        return ["env", *environment, *serve]


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def settings(test_run: Run, mail_server: MailServer) -> dict[str, Any]:
    """Version 3's own file, with the places of this host."""
    postgres = Postgres(test_run)
    postgres.shared()
    url = restored.on_postgres(postgres, "postgres-3.0", name="guide")
    content: dict[str, Any] = yaml.safe_load((DUMP / "config.yaml").read_text())
    content["database"] |= {"port": str(postgres.port), "database": url.rpartition("/")[2]}
    content["email_delivery"]["smtp"] = {"host": "127.0.0.1", "port": str(mail_server.port)}
    return content


@pytest.fixture
def operator(settings: dict[str, Any], tmp_path: Path) -> Operator:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    database = settings["database"]
    url = f"postgres://hanko:hanko@127.0.0.1:{database['port']}/{database['database']}"
    return Operator(folder, url)


def tables(url: str) -> dict[str, set[tuple[object, ...]]]:
    database = open_database(url)
    found = layout(database)
    database.close_all()
    return found


def test_from_a_broken_upgrade_to_a_log_in_and_back(
    operator: Operator, settings: dict[str, Any], test_run: Run
) -> None:
    before = tables(operator.database_url)

    operator.do("sh configure")
    assert operator.environment()["SERVER_PUBLIC_ADDRESS"] == "127.0.0.1:8010"
    checked = operator.do("sh check")
    assert "no problem found" in checked
    assert "Hanko owns this schema" in checked
    assert "FAIL" not in checked

    server = FromGuide(test_run, operator, settings)
    server.start()
    with standing_in("hanko_3") as hanko:
        nginx = NginxBesideHanko3(test_run, server.port, hanko_port=hanko.port)
        nginx.start()
        operator.places["https://auth.example.com"] = f"https://localhost:{nginx.port}"
        shown = operator.do("sh try", CURL_CA_BUNDLE=str(nginx.ca))
        assert [line.split()[0] for line in shown.splitlines()] == ["200", "401", "200"]
        log_in(nginx)
        nginx.remove()
    server.remove()

    assert tables(operator.database_url) != before
    operator.do("sh rollback")
    assert tables(operator.database_url) == before


def log_in(nginx: NginxBesideHanko3) -> None:
    """Log alice in through the proxy, as her frontend does, and use the session."""
    alice = FIXTURE["users"]["alice"]
    _, found, _ = ask(nginx, "POST", "/user", {"email": alice["emails"][0]["address"]})
    assert found["id"] == alice["id"]
    credentials = {"user_id": alice["id"], "password": alice["password"]}
    status, _, headers = ask(nginx, "POST", "/password/login", credentials)
    assert status == 200
    bearer = {"Authorization": f"Bearer {headers['X-Auth-Token']}"}
    status, emails, _ = ask(nginx, "GET", "/emails", **bearer)
    assert (status, emails[0]["address"]) == (200, alice["emails"][0]["address"])
    # A session that Hanko 3 made counts here.
    session = next(each for each in FIXTURE["sessions"] if each["user"] == "alice" and each["valid"])
    assert ask(nginx, "GET", "/emails", Authorization=f"Bearer {session['token']}")[0] == 200


def ask(
    nginx: NginxBesideHanko3, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, Any, http.client.HTTPMessage]:
    context = ssl.create_default_context(cafile=nginx.ca)
    connection = http.client.HTTPSConnection("127.0.0.1", nginx.port, context=context, timeout=PATIENCE)
    with contextlib.closing(connection):
        fields = {"Host": NAME, "Content-Type": "application/json", **headers}
        connection.request(method, path, body=json.dumps(body) if body else None, headers=fields)
        response = connection.getresponse()
        return response.status, json.loads(response.read()), response.headers


def test_everything_moves_with_one_command(operator: Operator) -> None:
    before = tables(operator.database_url)
    assert "Rows and checksums of" in operator.do("sh copy")
    assert (operator.folder / "copy.sqlite3").exists()
    assert tables(operator.database_url) == before


def test_the_built_in_secret_of_hanko_3_is_taken_as_the_guide_says(
    operator: Operator, settings: dict[str, Any]
) -> None:
    secret = "abcedfghijklmnopqrstuvwxyz"
    assert f"`secret_keys: [{secret}]` and `hanko_compat.allow_weak_secrets: true`" in GUIDE.prose
    settings |= {"secret_keys": [secret], "hanko_compat": {"allow_weak_secrets": True}}
    (operator.folder / "config.yaml").write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "hanko_compat", "config", "check"]
    subprocess.run(command, cwd=operator.folder, check=True, capture_output=True)


def test_the_guide_installs_what_deploy_has() -> None:
    (install,), (start,) = GUIDE.blocks("sh install"), GUIDE.blocks("sh start")
    for word in f"{install} {start}".split():
        if word.startswith("deploy/"):
            assert (Path(__file__).parents[2] / word).is_file()
    unit = (Path(__file__).parents[2] / "deploy" / "hanko-compat.service").read_text()
    assert "EnvironmentFile=-/etc/hanko-compat/environment" in unit
    assert "--config /etc/hanko-compat/config.yaml" in unit
