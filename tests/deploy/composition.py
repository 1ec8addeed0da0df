"""compose.yaml as podman-compose reads it, with what its `.env` says put in."""

import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.servers.process import find_program

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
FILLED_IN = {"SECRETS_KEYS": "a secret for the quickstart", "POSTGRES_PASSWORD": "hanko"}
"""What an operator writes into `.env`."""


class Answer(NamedTuple):
    """What `podman-compose config` had to say."""

    code: int
    output: str
    errors: str


def ask_compose(folder: Path, variables: dict[str, str]) -> Answer:
    """Have the file read beside an `.env` with *variables*."""
    find_program("podman")  # podman-compose asks it for its version
    environment = folder / "env"
    environment.write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
    done = subprocess.run(
        [
            Path(sys.executable).parent / "podman-compose",
            f"--env-file={environment}",
            f"--file={COMPOSE}",
            "config",
        ],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def composed(folder: Path) -> dict[str, Any]:
    """The services, by name, as they are for an operator who has filled in `.env`."""
    answer = ask_compose(folder, FILLED_IN)
    assert answer.code == 0, answer.errors
    services: dict[str, Any] = yaml.safe_load(answer.output)["services"]
    return services
