"""The package as setuptools builds it."""

import subprocess
import sys

import pytest

from tests.markdown import ROOT

SETUP = "import setuptools; setuptools.setup()"


def test_it_is_built_whole_and_without_a_warning(tmp_path):
    """Who installs it reads no pages of warnings, and has the files that are no modules."""
    steps = ["egg_info", "--egg-base", str(tmp_path), "build_py", "--build-lib", str(tmp_path)]
    command = [sys.executable, "-W", "error", "-c", SETUP, "--quiet", *steps]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert files_of(tmp_path) == files_of(ROOT)


@pytest.mark.slow
def test_man_pages_are_installed(tmp_path):
    steps = ["install_data", "--install-dir", str(tmp_path)]
    command = [sys.executable, "-c", SETUP, "--quiet", *steps]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    installed = {path.name for path in (tmp_path / "share/man/man1").iterdir()}
    assert installed == {path.name for path in (ROOT / "man").iterdir()}


def files_of(folder):
    """What belongs to the package below *folder*."""
    found = (path.relative_to(folder) for path in (folder / "hanko_compat").rglob("*") if path.is_file())
    return sorted(path for path in found if "__pycache__" not in path.parts)
