"""nginx and the server on one host, with a Unix socket between them."""

import http.client
import json
import socket
import stat
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.backend.server import basic
from tests.databases import SqliteMaker
from tests.deploy.test_nginx import Site
from tests.servers.hanko_compat import ApiSecret, HankoCompat, UnderGunicorn
from tests.servers.nginx import Nginx
from tests.servers.run import Run
from tests.settings import settings_on

pytestmark = pytest.mark.servers


class OnSocket(HankoCompat):
    """``serve`` at a Unix socket. The path of one may have no more than a hundred characters."""

    def __init__(self, run: Run, settings: dict[str, Any]) -> None:
        super().__init__(run, settings, workers=1)
        self.socket = Path(tempfile.mkdtemp()) / "socket"
        self.known = ApiSecret("", "")

    def options(self) -> Sequence[str]:
        return ["--bind", f"unix:{self.socket}", "--workers", str(self.workers)]

    def is_ready(self) -> bool:
        return len(self.worker_pids()) >= self.workers and self.send(b"GET /health/ready")[0] == 200

    def send(self, request: bytes, *lines: bytes, name: str = "") -> tuple[int, Any]:
        """Send a request from a socket of that *name*; return status and JSON."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            if name:
                connection.bind(name)
            connection.connect(str(self.socket))
            head = [request + b" HTTP/1.1", b"Host: x", b"Connection: close", *lines, b"", b""]
            connection.sendall(b"\r\n".join(head))
            response = http.client.HTTPResponse(connection)
            response.begin()
            return response.status, json.loads(response.read() or b"null")

    def clients(self, path: str) -> list[str]:
        """Whom the access log names."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line["client"] for line in lines if line.get("path") == path]


class OnSocketUnderGunicorn(OnSocket, UnderGunicorn):
    """The same from plain gunicorn."""


class NginxAtSocket(Nginx):
    """The site with a Unix socket for an upstream."""

    def __init__(self, run: Run, path: Path) -> None:
        super().__init__(run, upstream_port=1)
        self.path = path

    def examples(self) -> dict[str, str]:
        return super().examples() | {"127.0.0.1:8000": f"unix:{self.path}"}


@pytest.fixture(scope="module", params=[OnSocket, OnSocketUnderGunicorn])
def server(
    request: pytest.FixtureRequest, test_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OnSocket]:
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path_factory.mktemp("database"))
    changes = {"hanko_compat.trusted_proxies": ["127.0.0.1/32"], "log.log_health_and_metrics": True}
    server: OnSocket = request.param(test_run, settings_on(url, changes))
    server.start()
    server.known = server.create_secret()
    yield server
    server.remove()


def test_only_user_and_group_may_connect(server: OnSocket) -> None:
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o660


def test_nginx_tells_who_asks(server: OnSocket, test_run: Run) -> None:
    nginx = NginxAtSocket(test_run, server.socket)
    nginx.start()
    try:
        answer = Site(nginx).ask("GET", "/through-nginx", X_Forwarded_For="198.51.100.7")
    finally:
        nginx.remove()
    assert answer.status == 404
    assert server.clients("/through-nginx") == ["127.0.0.1"]


def test_a_trusted_peer_at_the_socket_is_believed(server: OnSocket) -> None:
    server.send(b"GET /believed", b"X-Forwarded-For: 198.51.100.7")
    assert server.clients("/believed") == ["198.51.100.7"]


def test_a_peer_is_no_other_for_the_name_of_its_socket(
    server: OnSocket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    server.send(b"GET /named", name="203.0.113.5")
    assert server.clients("/named") == ["127.0.0.1"]


@pytest.mark.parametrize(
    "line", [b"SCRIPT_NAME: /open", b"PATH_INFO: /v2/users", b"Script-Name: /open"], ids=repr
)
def test_no_header_changes_the_path(server: OnSocket, line: bytes) -> None:
    known = basic(server.known.project_id, server.known.secret)
    credentials = b"Authorization: " + known["Authorization"].encode()
    assert server.send(b"GET /v2/users", credentials)[0] == 200
    assert server.send(b"GET /open/v2/users", credentials, line)[0] == 404


def test_a_peer_that_is_not_trusted_is_not_believed(
    test_run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path_factory.mktemp("database"))
    server = OnSocket(test_run, settings_on(url))
    server.start()
    try:
        server.send(b"GET /forged", b"X-Forwarded-For: 198.51.100.7")
        assert server.clients("/forged") == ["127.0.0.1"]
        assert "forwarding_headers_ignored" in server.log.read_text()
    finally:
        server.remove()
