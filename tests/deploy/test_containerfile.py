"""The Containerfile: its files exist, its commands are what they seem, and the image that it makes serves."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from hanko_compat.cli import main
from tests.databases import SqliteMaker
from tests.deploy.image import Container, built
from tests.servers.hanko_compat import HankoCompat, ask
from tests.servers.run import Run
from tests.settings import SECRET, settings_on

ROOT = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "deploy" / "Containerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def test_copied_files_exist() -> None:
    copied = [shlex.split(arguments) for name, arguments in instructions() if name == "COPY"]
    sources = [source for words in copied if not words[0].startswith("--from") for source in words[:-1]]

    assert "requirements.lock" in sources
    assert all((ROOT / source).exists() for source in sources)


def test_what_is_served_is_not_root() -> None:
    names = [name for name, _ in instructions()]
    users = [arguments for name, arguments in instructions() if name == "USER"]

    assert users == ["10001"]
    assert names.index("USER") < names.index("ENTRYPOINT")


def test_command_exists() -> None:
    given = dict(instructions())

    assert json.loads(given["ENTRYPOINT"]) == ["hanko-compat"]
    assert json.loads(given["CMD"])[0] in main.commands


@pytest.mark.servers
def test_health_check_tells_a_live_server_from_a_dead_one(test_run: Run, tmp_path: Path) -> None:
    server = HankoCompat(test_run, settings_on(SqliteMaker(tmp_path).fresh_url(tmp_path)), workers=1)
    server.start()
    alive = health_check(server.port)
    server.remove()

    assert alive == 0
    assert health_check(1) != 0


def health_check(port: int) -> int:
    """Run the check against another port, and return its exit code."""
    given = dict(instructions())["HEALTHCHECK"]
    python, *arguments = json.loads(given[given.index("[") :])
    assert python == "python"
    own = [argument.replace(":8000/", f":{port}/") for argument in arguments]
    return subprocess.run([sys.executable, *own], capture_output=True, timeout=30).returncode


@pytest.mark.servers
@pytest.mark.slow
def test_image_serves_without_rights_on_a_read_only_file_system(test_run: Run) -> None:
    image = built(test_run)
    container = Container(
        test_run, image, {"SECRETS_KEYS": SECRET}, writable=["/tmp", image.config["WorkingDir"]]
    )
    container.start()
    try:
        user = ask(container.port, "POST", "/users", {"email": "somebody@example.test"})
        status = container.status()
    finally:
        container.remove()

    assert user.status == 200
    assert set(status["Uid"].split()) == set(status["Gid"].split()) == {"10001"}
    assert status["NoNewPrivs"] == "1"
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {0}


@pytest.mark.servers
@pytest.mark.slow
def test_image_has_what_it_serves_with_and_no_more(test_run: Run) -> None:
    image = built(test_run)
    programs = {file.name for file in (image.root / "opt/hanko-compat/bin").iterdir()}

    assert "hanko-compat" in programs
    assert "pip" not in programs
    assert (image.root / "usr/bin/xmlsec1").exists()
    assert (image.root / "opt/hanko-compat/share/man/man1/hanko-compat.1").exists()
    assert (image.root / "var/lib/hanko-compat").stat().st_uid == int(image.config["User"])
    assert image.config["Healthcheck"]["Test"][:2] == ["CMD", "python"]
