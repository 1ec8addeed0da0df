import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.process import find_program

pytestmark = pytest.mark.servers

UNIT = Path(__file__).parents[2] / "deploy" / "hanko-compat.service"
MOST_EXPOSED = 25  # tenths of systemd's scale; 100 is a service without any protection


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with the paths of this machine."""
    text = UNIT.read_text()
    installed = "/opt/hanko-compat/.venv/bin/hanko-compat"
    assert installed in text
    own = tmp_path / UNIT.name
    own.write_text(text.replace(installed, f"{Path(sys.executable).parent}/hanko-compat"))
    return own


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_program("systemd-analyze"), *arguments], capture_output=True, text=True, timeout=60
    )


def test_systemd_understands_the_unit(unit: Path) -> None:
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(unit))

    assert done.returncode == 0, done.stderr
    assert unit.name not in done.stderr


def test_unit_is_hardened(unit: Path) -> None:
    done = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", str(unit))

    assert done.returncode == 0, done.stdout + done.stderr
