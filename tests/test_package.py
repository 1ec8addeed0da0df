"""The package as setuptools builds it, and as it serves where there is no checkout."""

import subprocess
import sys

import pytest

from tests.databases import SqliteMaker
from tests.installation import SETUP, install
from tests.markdown import ROOT
from tests.servers.hanko_compat import HankoCompat, wait_until
from tests.settings import settings_on


@pytest.mark.slow
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


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of an environment."""
    return install(tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("wheels"))


class Installed(HankoCompat):
    """The server as plain gunicorn runs it from the wheel."""

    environment = None

    def command(self):
        gunicorn = [self.environment / "bin/python", "-m", "gunicorn"]
        return [
            *gunicorn,
            "-c",
            "python:hanko_compat.gunicorn_conf",
            *self.options(),
            "hanko_compat.wsgi:app",
        ]


@pytest.mark.servers
def test_the_wheel_serves_where_there_is_no_checkout(installed, test_run, tmp_path):
    server = Installed(test_run, settings_on(SqliteMaker(tmp_path).fresh_url(tmp_path)), workers=1)
    server.environment = installed
    server.start()
    try:
        assert server.request("POST", "/users", {"email": "alice@example.test"}).status == 200
        before = server.worker_pids()
        server.configure(server.settings | {"account": {"allow_signup": False}})
        server.hang_up()
        wait_until(lambda: server.is_ready() and server.worker_pids() != before, why=lambda: "no new worker")
        assert server.request("POST", "/users", {"email": "bob@example.test"}).status == 403
    finally:
        server.remove()


@pytest.mark.servers
def test_the_wheel_has_the_example(installed, tmp_path):
    def shown_by(*command):
        run = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
        return run.stdout

    example = shown_by(installed / "bin/hanko-compat", "config", "example")
    assert example == (ROOT / "config.example.yaml").read_bytes()
    where = shown_by(installed / "bin/python", "-c", "import hanko_compat; print(hanko_compat.__file__)")
    assert where.startswith(bytes(installed))
