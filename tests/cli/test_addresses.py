"""``:8000`` is every address of the host, of IPv4 and of IPv6, wherever an address can be configured."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.servers.hanko_compat import HankoCompat, UnderGunicorn, wait_until
from tests.servers.process import free_port
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = [pytest.mark.servers, pytest.mark.one_database]

BOTH = ("127.0.0.1", "::1")
PROXIES = ["127.0.0.1/32", "::1/128"]


def status(host: str, port: int, path: str, **headers: str) -> int:
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.request(
            "GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        return connection.getresponse().status
    finally:
        connection.close()


class Everywhere(HankoCompat):
    """``serve`` with the addresses of its configuration."""

    def options(self) -> Sequence[str]:
        return ["--workers", str(self.workers)]

    def install(self) -> None:
        addresses = {
            "server.public.address": f":{self.port}",
            "hanko_compat.backend_api.bind": f":{free_port()}",
            "hanko_compat.metrics.bind": f":{free_port()}",
            "hanko_compat.trusted_proxies": PROXIES,
        }
        self.settings = settings_on(self.settings["database"]["url"], addresses)
        super().install()

    def clients(self) -> list[str]:
        """The clients of the requests so far."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line["client"] for line in lines if "client" in line]


class EverywhereUnderGunicorn(Everywhere, UnderGunicorn):
    """The same from plain gunicorn."""

    def command(self) -> Sequence[str]:
        return [
            sys.executable,
            "-m",
            "gunicorn",
            "-c",
            "gunicorn.conf.py",
            *self.options(),
            "wsgi:application",
        ]


@pytest.fixture(params=[Everywhere, EverywhereUnderGunicorn])
def server(request: pytest.FixtureRequest, test_run: Run, database_url: str) -> Iterator[Everywhere]:
    server = request.param(test_run, settings_on(database_url), workers=1)
    server.start()
    yield server
    server.remove()


def test_each_door_answers_at_every_address(server: Everywhere) -> None:
    server.create_secret()
    own = server.settings["hanko_compat"]
    backend, metrics = (int(own[name]["bind"].removeprefix(":")) for name in ("backend_api", "metrics"))
    for host in BOTH:
        assert status(host, server.port, "/health/alive") == 200
        assert status(host, server.port, "/v2/users") == 404
        assert status(host, backend, "/v2/users") == 401
        assert status(host, backend, "/health/alive") == 404
        assert status(host, metrics, "/metrics") == 200


def test_a_client_of_ipv4_has_an_address_of_ipv4(server: Everywhere) -> None:
    for host in BOTH:
        status(host, server.port, "/me")
        status(host, server.port, "/me", X_Forwarded_For="::ffff:203.0.113.9")
    seen = ["127.0.0.1", "203.0.113.9", "::1", "203.0.113.9"]
    wait_until(lambda: len(server.clients()) == len(seen), why=lambda: str(server.clients()))
    assert server.clients() == seen


def test_development_is_at_localhost_by_either_family(tmp_path: Path) -> None:
    port, output = free_port(), tmp_path / "output"
    environ = os.environ | {"HANKO_COMPAT_JWK_ALGORITHM": "ES256", "SERVER_PUBLIC_ADDRESS": f":{port}"}
    command = [sys.executable, "-m", "hanko_compat", "serve", "--dev"]
    with output.open("wb") as file:
        running = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=file, stderr=file)
    try:
        wait_until(lambda: answers(port), why=output.read_text)
        assert [status(host, port, "/health/alive") for host in BOTH] == [200, 200]
        assert f"http://localhost:{port}\n" in output.read_text()
    finally:
        running.terminate()
        running.wait(60)


def answers(port: int) -> bool:
    try:
        return status("127.0.0.1", port, "/health/alive") == 200
    except OSError:
        return False
