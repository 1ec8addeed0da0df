"""The package as an operator installs it: from a wheel, into an environment without a checkout of ours."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.markdown import ROOT

SETUP = "import setuptools; setuptools.setup()"
PATIENCE = 120  # seconds


def install(folder: Path, wheels: Path) -> Path:
    """Make an environment in *folder* with the wheel, built in *wheels*, and the libraries of this one."""
    steps = ["egg_info", "--egg-base", wheels, "build", "--build-base", wheels, "bdist_wheel", "-d", wheels]
    subprocess.run([sys.executable, "-c", SETUP, "--quiet", *steps], cwd=ROOT, check=True, timeout=PATIENCE)
    venv.create(folder, symlinks=True)
    (wheel,) = wheels.glob("*.whl")
    options = ["--disable-pip-version-check", "--quiet", "--python", folder / "bin/python"]
    command = [sys.executable, "-m", "pip", *options, "install", "--no-deps", "--no-index", wheel]
    subprocess.run(command, check=True, timeout=PATIENCE)
    # A line in a file of this kind leads to the libraries, but not to what such files in there lead to.
    (place,) = folder.glob("lib/python*/site-packages")
    (place / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return folder
