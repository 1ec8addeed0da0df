import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.process import find_program

pytestmark = pytest.mark.servers

UNITS = sorted((Path(__file__).parents[2] / "deploy").glob("*.service"))
MOST_EXPOSED = 25  # tenths of systemd's scale; 100 is a service without any protection


@pytest.fixture(params=UNITS, ids=lambda path: path.stem)
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A unit with the paths of this machine."""
    text = request.param.read_text()
    installed = "/opt/hanko-compat/.venv/bin/hanko-compat"
    assert installed in text
    own = tmp_path / request.param.name
    own.write_text(text.replace(installed, f"{Path(sys.executable).parent}/hanko-compat"))
    return own


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_program("systemd-analyze"), *arguments], capture_output=True, text=True, timeout=60
    )


def test_units_differ_in_what_they_run_alone() -> None:
    """The user, its files and its few rights are the same; only the server hashes passwords."""
    server, worker = (
        set(path.read_text().partition("# SECRETS_KEYS")[2].splitlines()) for path in UNITS[::-1]
    )
    assert worker < server
    assert [line for line in server - worker if not line.startswith("#")] == ["SystemCallFilter=setpriority"]
    assert [path.name for path in UNITS] == ["hanko-compat-worker.service", "hanko-compat.service"]


def test_systemd_understands_the_unit(unit: Path) -> None:
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(unit))

    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr


def test_unit_is_hardened(unit: Path) -> None:
    done = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", str(unit))

    assert done.returncode == 0, done.stdout + done.stderr
