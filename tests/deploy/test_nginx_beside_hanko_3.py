"""One name for two servers: what Hanko 3 removed goes to one, all else to the other."""

import contextlib
import http.client
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hanko_compat.app import create_app
from hanko_compat.config import from_mapping
from hanko_compat.public.openapi import document
from tests.servers.nginx import NAME, SITE_BESIDE_HANKO_3, NginxBesideHanko3
from tests.servers.process import PATIENCE
from tests.servers.run import Run
from tests.servers.stand_in import standing_in
from tests.settings import settings_on

ID = "c60ac3d7-a3ee-4e16-acc8-83ca2a0fb75a"

# The table of what a server beside Hanko 3 has to serve, row by row.
REMOVED = {
    "/users": ["POST"],
    "/users/{id}": ["GET"],
    "/user": ["POST", "DELETE"],
    "/password": ["PUT"],
    "/password/login": ["POST"],
    "/passcode/login/initialize": ["POST"],
    "/passcode/login/finalize": ["POST"],
    "/webauthn/registration/initialize": ["POST"],
    "/webauthn/registration/finalize": ["POST"],
    "/webauthn/login/initialize": ["POST"],
    "/webauthn/login/finalize": ["POST"],
    "/webauthn/credentials": ["GET"],
    "/webauthn/credentials/{id}": ["PATCH", "DELETE"],
    "/emails": ["GET", "POST"],
    "/emails/{id}": ["DELETE"],
    "/emails/{id}/set_primary": ["POST"],
    "/thirdparty/auth": ["GET"],
    "/token": ["POST"],
    "/.well-known/config": ["GET"],
    "/saml/provider": ["GET"],
}
# New here: a page that mails link to, and users' own sessions.
ADDED = {"/device-cookie": ["GET", "POST"], "/sessions": ["GET", "DELETE"], "/sessions/{id}": ["DELETE"]}
KEPT = {
    "/": ["GET"],
    "/me": ["GET"],
    "/logout": ["POST"],
    "/sessions/validate": ["GET", "POST"],
    "/.well-known/jwks.json": ["GET"],
    "/health/alive": ["GET"],
    "/health/ready": ["GET"],
    "/registration": ["POST"],
    "/login": ["POST"],
    "/profile": ["POST"],
    "/token_exchange": ["POST"],
    "/thirdparty/callback": ["GET", "POST"],
    "/saml/metadata": ["GET"],
    "/saml/auth": ["GET"],
    "/saml/callback": ["POST"],
}
# Paths that look like removed ones, and are none.
SIMILAR = [
    "/users/{id}/more",
    "/userss",
    "/Users",
    "/tokens",
    "/token/more",
    "/passwords",
    "/password/login/more",
    "/passcode",
    "/passcode/login/other",
    "/webauthn",
    "/webauthn/login",
    "/emails/{id}/other",
    "/thirdparty/auth/more",
    "/.well-known/configuration",
    "/x.well-known/config",
    "/saml/providers",
    "/device-cookie/more",
    "/device-cookies",
    "/sessions/",
    "/sessions/validate/",
    "/sessions/{id}/more",
    "/{id}/users",
    "/metrics",
]
# New here: no version of Hanko has them, and a site of its own decides who shall serve them.
NEW = {
    "/.well-known/jwks",
    "/.well-known/apple-app-site-association",
    "/.well-known/assetlinks.json",
    "/.well-known/webauthn",
}


def requests(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Each method of each path, preflights too."""
    return [
        (method, path.replace("{id}", ID))
        for path, methods in table.items()
        for method in [*methods, "OPTIONS"]
    ]


class Site:
    """nginx with both servers behind it."""

    def __init__(self, nginx: NginxBesideHanko3) -> None:
        self.nginx = nginx
        self.context = ssl.create_default_context(cafile=nginx.ca)

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.nginx.port, context=self.context, timeout=PATIENCE
        )
        with contextlib.closing(connection):
            body = b"{}" if method in ("POST", "PUT", "PATCH") else None
            connection.request(method, path, body=body, headers={"Host": NAME, **headers})
            response = connection.getresponse()
            content = response.read()
        return response.status, json.loads(content) if content.startswith(b"{") else {}

    def server_of(self, method: str, path: str) -> str:
        status, told = self.ask(method, path)
        assert (status, told["method"], told["path"]) == (200, method, path)
        return str(told["server"])


@pytest.fixture(scope="module")
def site(test_run: Run) -> Iterator[Site]:
    with standing_in("hanko_compat") as ours, standing_in("hanko_3") as hanko:
        nginx = NginxBesideHanko3(test_run, ours.port, hanko_port=hanko.port, rate="100000r/s")
        nginx.start()
        yield Site(nginx)
        nginx.remove()


@pytest.mark.servers
@pytest.mark.parametrize(("method", "path"), requests(REMOVED | ADDED))
def test_what_version_3_lacks_is_served_here(site: Site, method: str, path: str) -> None:
    assert site.server_of(method, path) == "hanko_compat"
    assert site.server_of(method, f"{path}?a=/me") == "hanko_compat"


@pytest.mark.servers
@pytest.mark.parametrize(("method", "path"), requests(KEPT))
def test_what_version_3_serves_stays_there(site: Site, method: str, path: str) -> None:
    assert site.server_of(method, path) == "hanko_3"
    assert site.server_of(method, f"{path}?a=/users") == "hanko_3"


@pytest.mark.servers
@pytest.mark.parametrize("path", SIMILAR)
def test_nothing_else_is_taken_from_version_3(site: Site, path: str) -> None:
    assert site.server_of("GET", path.replace("{id}", ID)) == "hanko_3"


@pytest.mark.servers
@pytest.mark.parametrize(
    "path",
    [
        "/v2",
        "/v2/users",
        "//v2/users",
        "/v2/../v2/users",
        "/%76%32/users",
        "/users/../v2/users",
        "/users/..%2fv2/users",
        "/emails/%2e%2e/v2/users",
        "/webauthn/credentials/../../v2/users",
    ],
)
def test_the_door_for_servers_is_not_reached(site: Site, path: str) -> None:
    assert site.ask("GET", path) == (404, {"code": 404, "message": "Not Found"})


@pytest.mark.servers
@pytest.mark.parametrize("path", ["/user", "/me"])
def test_neither_server_hears_what_strangers_forward(site: Site, path: str) -> None:
    forged = dict.fromkeys(("X-Forwarded-For", "X-Real-IP", "X-Forwarded-Host", "Forwarded"), "evil.example")
    _, told = site.ask("GET", path, **forged)
    assert "evil.example" not in told["headers"].values()
    assert told["headers"]["Host"] == told["headers"]["X-Forwarded-Host"] == NAME
    assert told["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert told["headers"]["X-Forwarded-Proto"] == "https"


@pytest.mark.servers
def test_a_server_that_is_down_does_not_take_the_other_along(test_run: Run) -> None:
    with standing_in("hanko_3") as hanko:
        nginx = NginxBesideHanko3(test_run, 1, hanko_port=hanko.port)
        nginx.start()
        answers = Site(nginx).ask("POST", "/users"), Site(nginx).ask("GET", "/me")
        nginx.remove()
    assert [(status, told.get("code"), told.get("server")) for status, told in answers] == [
        (503, 503, None),
        (200, None, "hanko_3"),
    ]


@pytest.mark.servers
def test_floods_are_slowed_down_at_our_paths_alone(test_run: Run) -> None:
    with standing_in("hanko_compat") as ours, standing_in("hanko_3") as hanko:
        nginx = NginxBesideHanko3(test_run, ours.port, hanko_port=hanko.port, rate="1r/m")
        nginx.start()
        statuses = {path: [Site(nginx).ask("GET", path)[0] for _ in range(65)] for path in ("/me", "/user")}
        nginx.remove()
    assert statuses == {"/me": [200] * 65, "/user": [200] * 61 + [429] * 4}


def test_the_table_has_every_path_that_is_served_here(tmp_path: Path) -> None:
    config = from_mapping(settings_on(f"sqlite:///{tmp_path}/unused.sqlite3"), environ={})
    paths = {path.replace("{credential}", "{id}") for path in document(create_app(config), config)["paths"]}
    assert paths <= REMOVED.keys() | ADDED.keys() | KEPT.keys() | NEW


def test_site_says_what_to_replace() -> None:
    comments = [line for line in SITE_BESIDE_HANKO_3.read_text().splitlines() if line.startswith("#")]
    for example in (NAME, "/etc/ssl/auth.example.com/", "127.0.0.1:8000", "127.0.0.1:8010"):
        assert any(example in line for line in comments)
