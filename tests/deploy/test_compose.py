"""compose.yaml: it fits the schema of its specification, keeps to itself, and names only what there is."""

import json
import re
import shlex
import stat
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema.validators import validator_for

from hanko_compat.cli import main
from hanko_compat.config import Config
from hanko_compat.config.settings import leaves
from tests.databases import SqliteMaker
from tests.deploy.composition import COMPOSE, DEPLOY, FILLED_IN, ask_compose, composed
from tests.markdown import page
from tests.servers.hanko_compat import HankoCompat
from tests.servers.postgres import FOLDERS, Postgres
from tests.servers.process import find_program
from tests.servers.run import Run
from tests.settings import settings_on

PAGE = DEPLOY / "page"
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


def instructions(path: Path) -> list[list[str]]:
    """The instructions of a Containerfile, each in two parts."""
    lines = path.read_text().replace("\\\n", " ").splitlines()
    return [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]


def containerfile(service: dict[str, Any]) -> Path:
    """What builds the image of *service*."""
    return DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]


def test_it_fits_the_schema_of_the_specification() -> None:
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(vendored.read_text())
    validator = validator_for(schema)(schema)

    assert [error.message for error in validator.iter_errors(yaml.safe_load(COMPOSE.read_text()))] == []
    assert not validator.is_valid({"services": {"server": {"imgae": "x"}}})


@pytest.mark.servers
@pytest.mark.parametrize("missing", FILLED_IN)
@pytest.mark.parametrize("variables", [{}, dict.fromkeys(FILLED_IN, "")], ids=["none", "empty"])
def test_nothing_starts_without_secrets(tmp_path: Path, missing: str, variables: dict[str, str]) -> None:
    others = {name: value for name, value in FILLED_IN.items() if name != missing}
    answer = ask_compose(tmp_path, variables | others)

    assert answer.code != 0
    assert f"{missing} is missing a value" in answer.errors
    assert ".env" in answer.errors


def test_the_example_names_the_secrets_and_has_none() -> None:
    lines = (DEPLOY / "example.env").read_text().splitlines()
    given = [line for line in lines if line and not line.startswith("#")]
    assert given == [f"{name}=" for name in FILLED_IN]


@pytest.mark.servers
def test_the_manual_makes_the_secrets(tmp_path: Path) -> None:
    (block,) = page("deploy/README.md").blocks("sh secrets")
    (tmp_path / "deploy").mkdir()
    subprocess.run(["bash", "-euc", block], cwd=tmp_path, check=True, timeout=60)
    file = tmp_path / "deploy" / ".env"
    variables = dict(line.split("=", 1) for line in file.read_text().splitlines())

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert variables.keys() == FILLED_IN.keys()
    answer = ask_compose(tmp_path, variables)
    assert all(len(secret) >= 32 and secret in answer.output for secret in variables.values())


@EVERY_SERVICE
def test_services_are_confined(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@EVERY_SERVICE
def test_nobody_is_root(service: dict[str, Any]) -> None:
    user = service.get("user")
    if user is None:
        (user,) = [given for name, given in instructions(containerfile(service)) if name == "USER"]
    assert user.partition(":")[0] not in ("", "0", "root")


@EVERY_SERVICE
def test_only_this_machine_connects(service: dict[str, Any]) -> None:
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []


@EVERY_SERVICE
def test_images_are_of_one_version(service: dict[str, Any]) -> None:
    if "build" not in service:
        images = [service["image"]]
    else:
        images = [given.split()[0] for name, given in instructions(containerfile(service)) if name == "FROM"]
    assert [image for image in images if not re.search(r":v?\d+[\w.-]*$", image)] == []


@pytest.mark.servers
def test_variables_are_those_of_settings(tmp_path: Path) -> None:
    services = composed(tmp_path)
    known = {leaf.environment for leaf in leaves(Config)}

    assert services["server"]["environment"].keys() <= known
    assert services["server"]["environment"] == services["migration"]["environment"]


@pytest.mark.servers
def test_the_configuration_is_accepted(tmp_path: Path) -> None:
    variables = composed(tmp_path)["server"]["environment"]
    empty = tmp_path / "config.yaml"
    empty.touch()
    done = CliRunner().invoke(main, ["config", "check", "--strict", "--config", str(empty)], env=variables)
    assert done.exit_code == 0, done.output


@pytest.mark.servers
def test_the_server_counts_as_healthy_once_it_serves(test_run: Run, tmp_path: Path) -> None:
    server = HankoCompat(test_run, settings_on(SqliteMaker(tmp_path).fresh_url(tmp_path)), workers=1)
    server.start()
    healthy = run_health_check("server", f":{server.port}/")
    server.remove()

    assert healthy == 0
    assert run_health_check("server", ":1/") != 0


def run_health_check(name: str, port: str) -> int:
    """Run the check at another port; return its exit code."""
    kind, python, *arguments = SERVICES[name]["healthcheck"]["test"]
    assert (kind, python) == ("CMD", "python")
    own = [argument.replace(":8000/", port) for argument in arguments]
    return subprocess.run([sys.executable, *own], capture_output=True, timeout=60).returncode


@pytest.mark.servers
def test_the_database_counts_as_healthy_once_it_answers(test_run: Run) -> None:
    server = Postgres(test_run)
    server.shared()
    kind, program, *arguments = SERVICES["database"]["healthcheck"]["test"]
    command = [find_program(program, *FOLDERS), *arguments]

    assert kind == "CMD"
    assert subprocess.run([*command, f"--port={server.port}"], capture_output=True).returncode == 0
    assert subprocess.run([*command, "--port=1"], capture_output=True).returncode != 0


def test_files_of_the_page_exist() -> None:
    copied = [shlex.split(given) for name, given in instructions(PAGE / "Containerfile") if name == "COPY"]
    sources = [source for words in copied if not words[0].startswith("--from") for source in words[:-1]]
    assert {*sources, "Containerfile"} == {file.name for file in PAGE.iterdir()}


@pytest.mark.servers
def test_the_page_fetches_what_is_tried_in_a_browser(tmp_path: Path) -> None:
    (tmp_path / "elements.sha512").write_bytes((PAGE / "elements.sha512").read_bytes())
    (step,) = [given for name, given in instructions(PAGE / "Containerfile") if name == "RUN"]
    done = subprocess.run(["sh", "-euc", step], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr

    tried = DEPLOY.parent / "var" / "frontends" / "hanko-elements-0.12.0" / "dist" / "elements.js"
    assert (tmp_path / "package" / "dist" / "elements.js").read_bytes() == tried.read_bytes()


@pytest.mark.servers
def test_the_page_is_not_built_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "elements.sha512").write_text(f"{'0' * 128}  teamhanko-hanko-elements-0.12.0.tgz\n")
    (step,) = [given for name, given in instructions(PAGE / "Containerfile") if name == "RUN"]
    done = subprocess.run(["sh", "-euc", step], cwd=tmp_path, capture_output=True, text=True, timeout=300)

    assert done.returncode != 0
    assert not (tmp_path / "package").exists()
