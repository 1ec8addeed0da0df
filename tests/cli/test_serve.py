import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanko_compat.cli.development import PACKAGE
from tests.cli.terminal import run, write_config
from tests.faults.rows import count_emails
from tests.servers.hanko_compat import (
    MOST_MEMORY,
    HankoCompat,
    UnderGunicorn,
    ask,
    children,
    resident,
    wait_until,
)
from tests.servers.process import free_port
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = pytest.mark.servers


@pytest.fixture
def server(test_run: Run, database_url: str) -> Iterator[HankoCompat]:
    """A server that is made but not started."""
    server = HankoCompat(
        test_run, settings_on(database_url, {"email.require_verification": False}), workers=2
    )
    yield server
    server.remove()


def test_a_port_in_use_is_one_line(server: HankoCompat, tmp_path: Path) -> None:
    """Nothing is done before: no database is made."""
    server.start()
    write_config(tmp_path / "config.yaml", settings_on(f"sqlite:///{tmp_path}/other.sqlite3"))
    command = [sys.executable, "-m", "hanko_compat", "serve", "--bind", f"127.0.0.1:{server.port}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (1, "")
    assert f"127.0.0.1:{server.port}: Address already in use; stop what listens there" in line
    assert not (tmp_path / "other.sqlite3").exists()


class Development:
    """``serve --dev`` in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.output = folder / "output"

    def start(self) -> None:
        command = [sys.executable, "-m", "hanko_compat", "serve", "--dev", "--bind", f"127.0.0.1:{self.port}"]
        environ = os.environ | {"HANKO_COMPAT_JWK_ALGORITHM": "ES256"}  # made in no time
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=environ, stdout=output, stderr=output
            )
        self.wait_until_it_serves()

    def wait_until_it_serves(self) -> None:
        wait_until(self.serves, why=self.said)

    def serves(self) -> bool:
        try:
            return ask(self.port, "GET", "/health/ready").status == 200
        except OSError:
            return False

    def said(self) -> str:
        return self.output.read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@pytest.fixture
def development(empty_folder: Path) -> Iterator[Development]:
    """A server for development that is made but not started."""
    server = Development(empty_folder)
    yield server
    server.stop()


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_development_needs_no_configuration(development: Development) -> None:
    development.start()

    answer = ask(development.port, "POST", "/users", {"email": "you@example.com"})
    said = development.said()
    var = development.folder / "var"
    assert answer.status == 200
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert [mode(path) for path in (var, var / "secret", var / "hanko_compat.sqlite3")] == [
        "0o700",
        "0o600",
        "0o600",
    ]
    for text in (
        f"http://localhost:{development.port}/.well-known/jwks.json",
        "var/hanko_compat.sqlite3",
        "mails",
    ):
        assert text in said
    assert f"curl -i http://localhost:{development.port}/users" in said


def test_second_start_keeps_secret_and_users(development: Development) -> None:
    development.start()
    keys = ask(development.port, "GET", "/.well-known/jwks.json").body
    secret = (development.folder / "var/secret").read_text()
    assert ask(development.port, "POST", "/users", {"email": "you@example.com"}).status == 200
    assert development.stop() == 0

    development.start()

    assert ask(development.port, "GET", "/.well-known/jwks.json").body == keys
    assert (development.folder / "var/secret").read_text() == secret
    assert count_emails(f"sqlite:///{development.folder}/var/hanko_compat.sqlite3") == 1


def test_development_takes_requests_of_its_own_pages(development: Development) -> None:
    development.start()

    def sign_up(origin: str) -> int:
        fields = {"Origin": origin, "Cookie": "hanko=token"}
        return ask(development.port, "POST", "/users", {"email": "you@example.com"}, **fields).status

    assert sign_up("http://evil.example") == 403
    assert sign_up(f"http://localhost:{development.port}") == 200


def test_development_starts_again_after_a_change(development: Development) -> None:
    config = write_config(development.folder / "config.yaml", {"account": {"allow_signup": True}})
    development.start()
    first = children(development.process.pid)

    write_config(config, {"account": {"allow_signup": False}})
    wait_until(lambda: children(development.process.pid) not in ([], first), why=development.said)
    development.wait_until_it_serves()

    assert ask(development.port, "POST", "/users", {"email": "you@example.com"}).status == 403


def test_development_survives_a_mistake(development: Development) -> None:
    config = write_config(development.folder / "config.yaml", {"account": {"allow_signup": True}})
    development.start()

    write_config(config, {"account": {"allow_singup": True}})
    wait_until(lambda: "account.allow_singup" in development.said(), why=development.said)
    write_config(config, {"account": {"allow_signup": False}})
    wait_until(lambda: development.said().count("for development") == 2, why=development.said)
    development.wait_until_it_serves()

    assert ask(development.port, "POST", "/users", {"email": "you@example.com"}).status == 403


def test_development_may_be_told_to_end_twice(development: Development) -> None:
    """As ``make`` does: it passes on a TERM that its whole process group has got already."""
    development.start()

    development.process.send_signal(signal.SIGTERM)
    wait_until(lambda: "Handling signal: term" in development.said(), why=development.said)

    assert development.stop() == 0
    assert "Abort" not in development.said()


def test_development_starts_again_after_a_change_of_code(development: Development) -> None:
    package = development.folder / "hanko_compat"
    shutil.copytree(PACKAGE, package)
    development.start()

    status = package / "public" / "status.py"
    status.write_text(status.read_text().replace('{"alive": True}', '{"alive": False}'))
    wait_until(lambda: development.said().count("for development") == 2, why=development.said)
    development.wait_until_it_serves()

    assert ask(development.port, "GET", "/health/alive").body == {"alive": False}


def test_broken_configuration_ends_the_start_of_development(empty_folder: Path) -> None:
    write_config(empty_folder / "config.yaml", {"account": {"allow_singup": True}})
    command = [sys.executable, "-m", "hanko_compat", "serve", "--dev"]

    done = subprocess.run(command, cwd=empty_folder, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert "account.allow_singup" in done.stderr


def test_server_says_what_it_serves(server: HankoCompat, database_url: str) -> None:
    server.start()

    said = next(line for line in server.log.read_text().splitlines() if '"serving"' in line)
    for text in (
        f"127.0.0.1:{server.port}",
        '"workers": 2',
        "client_address",
        database_url.rpartition("/")[2],
    ):
        assert text in said
    assert "hanko:hanko" not in server.log.read_text()


def test_server_logs_each_warning_of_its_configuration(test_run: Run, database_url: str) -> None:
    odd = {
        "webauthn.relying_party.origin": "http://localhost:8888",
        "server.public.cors.allow_origins": ["http://localhost:8888/login", "tauri://localhost"],
        "password.min_length": "12",
    }
    server = HankoCompat(test_run, settings_on(database_url, odd), workers=1)
    try:
        server.start()
        lines = [json.loads(line) for line in server.log.read_text().splitlines() if "config_warning" in line]
    finally:
        server.remove()

    assert [line["key"] for line in lines] == [
        "webauthn.relying_party.origin",
        "server.public.cors.allow_origins[0]",
    ]
    assert lines[1]["advice"].endswith("browsers send http://localhost:8888 for it: write that.")


def test_address_of_the_configuration(test_run: Run, database_url: str) -> None:
    class WithoutBind(HankoCompat):
        def options(self) -> list[str]:
            return ["--workers", "1"]

        def install(self) -> None:
            self.configure(settings_on(database_url, {"server.public.address": f"127.0.0.1:{self.port}"}))

    server = WithoutBind(test_run, {}, workers=1)
    try:
        server.start()
        assert server.request("GET", "/health/ready").status == 200
    finally:
        server.remove()


def test_memory_of_a_worker(server: HankoCompat) -> None:
    server.start()
    for number in range(100):
        assert server.request("POST", "/users", {"email": f"user{number}@example.com"}).status == 200

    assert max(resident(pid) for pid in server.worker_pids()) < MOST_MEMORY


@pytest.mark.parametrize("kind", [HankoCompat, UnderGunicorn])
def test_metrics_of_all_workers(kind: type[HankoCompat], test_run: Run, database_url: str) -> None:
    port = free_port()
    settings = settings_on(database_url, {"hanko_compat.metrics.bind": f"127.0.0.1:{port}"})
    server = kind(test_run, settings, workers=2)
    try:
        server.start()
        for _ in range(10):
            server.request("GET", "/.well-known/jwks.json")
        before = server.worker_pids()
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: len(set(server.worker_pids()) - {before[0]}) == 2, why=server.log.read_text)
        text = ask(port, "GET", "/metrics").body.decode()
    finally:
        server.remove()

    counts = [line for line in text.splitlines() if line.startswith("hanko_compat_requests_total{")]
    jwks = [line for line in counts if "jwks.json" in line]
    assert sum(float(line.rpartition(" ")[2]) for line in jwks) == 10
    with pytest.raises(OSError, match="refused"):
        ask(port, "GET", "/metrics")


def test_schema_that_is_behind_is_refused(empty_database_url: str, tmp_path: Path) -> None:
    if empty_database_url.startswith("sqlite:"):
        return
    config = write_config(tmp_path / "config.yaml", settings_on(empty_database_url))

    result = run("serve", "--config", str(config), "--bind", "127.0.0.1:0")

    assert result.exit_code == 1
    assert "hanko-compat migrate up" in result.stderr
    assert "hanko:hanko" not in result.stderr


def test_secret_that_fits_no_key_is_refused(database_url: str, tmp_path: Path) -> None:
    settings = settings_on(database_url, {"secrets.keys": ["a secret that is not the one"]})
    config = write_config(tmp_path / "config.yaml", settings)

    result = run("serve", "--config", str(config), "--bind", "127.0.0.1:0")

    assert result.exit_code == 1
    assert "signing key 1" in result.stderr
