import json
import platform
import subprocess
import sys

import pytest

from hanko_compat import __version__
from tests.cli.terminal import run


@pytest.mark.parametrize("argument", ["version", "--version"])
def test_version(argument: str) -> None:
    result = run(argument)

    assert result.exit_code == 0
    assert __version__ in result.stdout


def test_versions_for_programs() -> None:
    told = json.loads(run("version", "--json").stdout)
    assert told == {"hanko_compat": __version__, "python": platform.python_version()}


@pytest.mark.slow
def test_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "hanko_compat", "version"], capture_output=True, text=True)

    assert done.stdout.startswith(f"hanko-compat {__version__} ")
