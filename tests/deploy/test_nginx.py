import contextlib
import http.client
import json
import re
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hanko_compat.services.redirects import LONGEST_URL
from tests.backend.server import basic
from tests.databases import SqliteMaker
from tests.servers.hanko_compat import Answer, UnderGunicorn, ask, message, parse
from tests.servers.nginx import BACKEND_NAME, NAME, SITE, SITE_BESIDE_HANKO_3, Nginx
from tests.servers.process import PATIENCE, free_port
from tests.servers.run import Run
from tests.servers.stand_in import standing_in
from tests.settings import settings_on
from tests.third_party import custom_provider, third_party

pytestmark = pytest.mark.servers

PROVIDER = custom_provider("https://provider.example.com")


class Site:
    """nginx, as a rule with a server behind it."""

    def __init__(self, nginx: Nginx, server: UnderGunicorn | None = None) -> None:
        self.nginx = nginx
        if server is not None:
            self.server = server
        self.context = ssl.create_default_context(cafile=nginx.ca)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send a request over TLS; the certificate is checked."""
        return self.send(method, path, **message(body, {"Host": NAME, **headers}))

    def ask_inside(self, method: str, path: str, **request: Any) -> Answer:
        """Send a request to the backend door."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.nginx.backend_port, context=self.context, timeout=PATIENCE
        )
        return self.send(method, path, connection=connection, **request)

    def send(
        self,
        method: str,
        path: str,
        *,
        connection: http.client.HTTPSConnection | None = None,
        **request: Any,
    ) -> Answer:
        connection = connection or self.connect()
        with contextlib.closing(connection):
            connection.request(method, path, **request)
            response = connection.getresponse()
            return Answer(response.status, response.headers, parse(response.read()))

    def flood(self, times: int) -> list[int]:
        """Ask so often on one connection, without the cost of TLS for each request; return the statuses."""
        connection, statuses = self.connect(), []
        with contextlib.closing(connection):
            for _ in range(times):
                connection.request("GET", "/flood", headers={"Host": NAME})
                response = connection.getresponse()
                response.read()
                statuses.append(response.status)
        return statuses

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self.nginx.port, context=self.context, timeout=PATIENCE
        )

    def log(self, path: str) -> list[dict[str, Any]]:
        """The access lines of the server for *path*."""
        lines = [
            json.loads(line) for line in self.server.log.read_text().splitlines() if line.startswith("{")
        ]
        return [line for line in lines if line.get("path") == path]


@pytest.fixture(scope="module")
def site(test_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    backend_port = free_port()
    settings = settings_on(
        SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path_factory.mktemp("database")),
        {
            "email.require_verification": False,
            "log.log_health_and_metrics": True,
            "hanko_compat.public_url": f"https://{NAME}",
            "hanko_compat.trusted_proxies": ["127.0.0.1/32"],
            "hanko_compat.backend_api.bind": f"127.0.0.1:{backend_port}",
            **third_party(stub=PROVIDER),
        },
    )
    server = UnderGunicorn(test_run, settings, workers=1)
    server.start()
    server.create_secret()
    nginx = Nginx(test_run, server.port, backend_upstream_port=backend_port)
    nginx.start()
    yield Site(nginx, server)
    nginx.remove()
    server.remove()


def test_sign_up_over_tls(site: Site) -> None:
    answer = site.ask("POST", "/users", {"email": "alice@example.com"})

    assert answer.status == 200
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert answer.headers["Server"] == "nginx"


def test_a_long_redirect_fits_into_the_headers_of_an_answer(site: Site) -> None:
    start = "https://a.app.example.test/"
    redirect_to = start + "x" * (LONGEST_URL - len(start))
    answer = site.ask("GET", f"/thirdparty/auth?provider=custom_stub&redirect_to={redirect_to}")

    assert answer.status == 307
    assert answer.headers["Location"].startswith("https://provider.example.com/authorize?")
    assert len(str(answer.headers)) > 6000


def test_plain_http_is_sent_to_tls(site: Site) -> None:
    answer = ask(site.nginx.plain_port, "GET", "/me?x=1", Host="evil.example")

    assert answer.status == 308
    assert answer.headers["Location"] == f"https://{NAME}/me?x=1"


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_forwarding_headers_of_strangers_are_overwritten(site: Site, header: str) -> None:
    path = f"/forged-{header.lower()}"

    site.ask("GET", path, **{header: "for=198.51.100.7" if header == "Forwarded" else "198.51.100.7"})

    assert [line["client"] for line in site.log(path)] == ["127.0.0.1"]


def test_client_address_comes_through(site: Site) -> None:
    ask(site.server.port, "GET", "/from-proxy", X_Forwarded_For="198.51.100.7")

    assert [line["client"] for line in site.log("/from-proxy")] == ["198.51.100.7"]


def test_large_bodies_are_refused_before_they_are_sent_on(site: Site) -> None:
    answer = site.send("POST", "/users", body=b"x" * 1_100_000, headers={"Content-Type": "application/json"})

    assert answer.status == 413
    assert answer.body == {"code": 413, "message": "Request Entity Too Large"}
    assert all(line["status"] != 413 for line in site.log("/users"))


def test_large_headers_are_taken(site: Site) -> None:
    assert site.ask("GET", "/me", Cookie=f"a={'x' * 16_000}").status == 401
    assert site.ask("GET", "/me", Cookie="a=1", **{f"X-{n}": "x" * 1000 for n in range(14)}).status == 401


@pytest.mark.parametrize(("size", "is_readable"), [(20_000, True), (100_000, False)])
def test_larger_ones_are_refused_in_json(site: Site, size: int, is_readable: bool) -> None:
    origin = "http://localhost:8888"
    answer = site.ask("GET", "/me", Cookie=f"a={'x' * size}", Origin=origin)

    assert (answer.status, answer.body) == (431, {"code": 431, "message": "Request Header Fields Too Large"})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == (origin if is_readable else None)

    inside = site.ask_inside("GET", "/v2/users", headers={"Cookie": f"a={'x' * size}"})
    assert (inside.status, inside.body["error"]["type"]) == (431, "validation_error")
    assert re.fullmatch(r"req-\d+", inside.body["requestData"]["requestID"])


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", f"/me?{'x' * 10_000}", 414),
        ("GET", f"/me?{'x' * 100_000}", 414),
        ("GET", "/%00", 400),
        ("GET", "/nginx/400", 404),
    ],
    ids=["long", "longer", "malformed", "inner"],
)
def test_targets_are_refused_in_json(site: Site, method: str, target: str, status: int) -> None:
    public = site.ask(method, target)
    inside = site.ask_inside(method, target.replace("/me", "/v2/users"))

    assert (public.status, public.body["code"]) == (status, status)
    assert inside.status == status
    assert inside.body["httpStatusCode"] == status


@pytest.mark.parametrize(
    "target",
    [
        "//me",
        "/%6De",
        "/./me",
        "/x/../me",
        "/me/",
        "/me;a=1",
        "/.well-known//jwks.json",
        "/%2Ewell-known/config",
    ],
)
def test_another_spelling_of_a_path_is_another_path(site: Site, target: str) -> None:
    assert site.ask("GET", "/me").status == 401
    assert site.ask("GET", target).status == 404


def test_cookies_in_several_lines_count(site: Site) -> None:
    signed_up = site.ask("POST", "/users", {"email": "lines@example.com"})
    cookie = signed_up.headers["Set-Cookie"].partition(";")[0]
    connection = site.connect()
    with contextlib.closing(connection):
        connection.putrequest("GET", "/me", skip_host=True)
        for name, value in (
            ("Host", NAME),
            ("Cookie", "a=1"),
            ("Cookie", cookie),
            ("Authorization", "Basic YTpi"),
        ):
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.getresponse().status == 200


def test_keys_are_cached_for_as_long_as_they_say(site: Site) -> None:
    path = "/.well-known/jwks.json"

    answers = [site.ask("GET", path) for _ in range(3)]

    assert [answer.headers["X-Cache-Status"] for answer in answers] == ["MISS", "HIT", "HIT"]
    assert all(answer.body == answers[0].body and answer.headers["Cache-Control"] for answer in answers)
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 3
    assert len(site.log(path)) == 1


def test_origins_do_not_share_cached_answers(site: Site) -> None:
    path = "/.well-known/jwks.json"
    allowed = "http://localhost:8888"

    first = site.ask("GET", path, Origin="http://evil.example")
    second = site.ask("GET", path, Origin=allowed)

    assert first.headers["Access-Control-Allow-Origin"] is None
    assert second.headers["Access-Control-Allow-Origin"] == allowed


def test_without_cache_control_nothing_is_cached(site: Site) -> None:
    answers = [site.ask("GET", "/.well-known/config") for _ in range(2)]

    assert all(answer.headers["Cache-Control"] is None for answer in answers)
    assert "HIT" not in [answer.headers["X-Cache-Status"] for answer in answers]


def test_metrics_are_not_public(site: Site) -> None:
    answer = site.ask("GET", "/metrics")
    assert (answer.status, answer.body) == (404, {"code": 404, "message": "Not Found"})
    assert site.log("/metrics") == []


@pytest.mark.parametrize("path", ["/v2", "/v2/users", "//v2/users", "/v2/../v2/users", "/%76%32/users"])
def test_the_door_for_servers_is_not_public(site: Site, path: str) -> None:
    assert site.ask("GET", path).status == 404
    assert site.ask_inside("GET", "/v2/users").status == 401
    assert site.ask_inside("GET", "/me").status == 404


@pytest.fixture(scope="module")
def one_address(test_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site in front of a server that serves both doors at one address."""
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path_factory.mktemp("database"))
    server = UnderGunicorn(test_run, settings_on(url), workers=1)
    server.start()
    nginx = Nginx(test_run, server.port, backend_upstream_port=server.port)
    nginx.start()
    yield Site(nginx, server)
    nginx.remove()
    server.remove()


@pytest.mark.parametrize(
    "path",
    [
        "/v2/../x",
        "/v2/./../x",
        "/v2/%2e%2e/x",
        "/v2/.%2E/x",
        "/v2/..%2fx",
        "/v2/%252e%252e/x",
        "/v2/users/../../x",
        "/v2//../../x",
        "/v2/..\\x",
        "/v2/..;/x",
        "/v2/..#x",
        "/v2/..?x",
        "/x/../v2/users",
        "/v2/users",
    ],
)
def test_no_spelling_of_a_path_tells_a_right_secret_from_a_wrong_one(one_address: Site, path: str) -> None:
    known = one_address.server.create_secret()
    nothing = 400 if "//../.." in path else 404  # nginx refuses what leads above the root
    for secret in (known.secret, "corbado1_x"):
        headers = basic(known.project_id, secret)
        public = one_address.send("GET", path, headers={"Host": NAME, **headers})
        assert (public.status, public.body["code"]) == (nothing, nothing)
        if path != "/v2/users":
            inside = one_address.ask_inside("GET", path, headers=headers)
            direct = ask(one_address.server.port, "GET", path, **headers)
            assert (inside.status, inside.body["httpStatusCode"]) == (nothing, nothing)
            assert direct.status == 404


def test_bodies_are_refused_at_the_door_for_servers_in_its_own_words(site: Site) -> None:
    json = {"Content-Type": "application/json"}
    answer = site.ask_inside("POST", "/v2/users", body=b"x" * 1_100_000, headers=json)

    assert (answer.status, answer.body["httpStatusCode"], answer.body["error"]["type"]) == (
        413,
        413,
        "validation_error",
    )
    assert isinstance(answer.body["runtime"], float)
    assert re.fullmatch(r"req-\d+", answer.body["requestData"]["requestID"])


def test_other_networks_are_kept_from_the_door_for_servers(site: Site) -> None:
    connection = http.client.HTTPSConnection(
        "127.0.0.1",
        site.nginx.backend_port,
        context=site.context,
        timeout=PATIENCE,
        source_address=("127.0.0.2", 0),
    )
    answer = site.send("GET", "/v2/users", connection=connection)

    assert (answer.status, answer.body["httpStatusCode"], answer.body["error"]["type"]) == (
        403,
        403,
        "login_error",
    )
    assert re.fullmatch(r"req-\d+", answer.body["requestData"]["requestID"])


def test_floods_are_slowed_down(site: Site) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = [status for answered in pool.map(site.flood, [60] * 8) for status in answered]

    assert set(statuses) == {404, 429}
    assert len(site.log("/flood")) == statuses.count(404)


def test_dead_server_is_unavailable(test_run: Run) -> None:
    nginx = Nginx(test_run, upstream_port=1)
    nginx.start()
    try:
        answer = Site(nginx).ask("GET", "/me")
        inside = Site(nginx).ask_inside("GET", "/v2/users")
    finally:
        nginx.remove()

    assert (answer.status, answer.body["code"], answer.headers["Retry-After"]) == (503, 503, "1")
    assert (inside.status, inside.body["error"]["type"]) == (503, "internal_error")


def test_site_says_what_to_replace() -> None:
    comments = [line for line in SITE.read_text().splitlines() if line.startswith("#")]

    for example in (
        NAME,
        BACKEND_NAME,
        "/etc/ssl/auth.example.com/",
        "127.0.0.1:8000",
        "127.0.0.1:8001",
        "127.0.0.1:8443",
        "/var/cache/nginx/hanko-compat",
    ):
        assert any(example in line for line in comments)


class NginxWithLog(Nginx):
    """The site where all that it does not forbid is logged."""

    @property
    def access_log(self) -> Path:
        return self.folder / "access.log"

    def install(self) -> None:
        super().install()
        main = self.folder / "nginx.conf"
        text = main.read_text()
        assert "    access_log off;" in text
        main.write_text(text.replace("    access_log off;", f"    access_log {self.access_log};"))


@pytest.mark.parametrize(
    "path", ["/device-cookie?token=secret", "/thirdparty/callback?state=secret&code=secret"]
)
@pytest.mark.parametrize("site_file", [SITE, SITE_BESIDE_HANKO_3], ids=lambda path: path.name)
def test_no_log_keeps_the_secrets_in_a_query(test_run: Run, site_file: Path, path: str) -> None:
    """Whether the server behind answers, is down, or the visitor too fast."""

    class ThisSite(NginxWithLog):
        site = site_file

        def examples(self) -> dict[str, str]:
            if site_file == SITE:
                return super().examples()
            upstream = f"127.0.0.1:{self.upstream_port}"
            return self.outside() | {"127.0.0.1:8010": upstream, "127.0.0.1:8000": upstream}

    with standing_in("hanko_compat") as server:
        nginx = ThisSite(test_run, server.port)
        nginx.start()
        site = Site(nginx)
        first = site.ask("GET", path)
    answers = [site.ask("GET", path) for _ in range(3)]
    site.ask("GET", "/user?token=visible")
    too_fast = 429 in [site.ask("POST", "/user").status for _ in range(150)]
    answers += [site.ask("POST", path) for _ in range(3)]
    nginx.stop()
    logged = nginx.access_log.read_text() + nginx.log.read_text()
    nginx.remove()

    assert first.body["server"] == "hanko_compat"
    assert {answer.status for answer in answers} == {503}
    assert {answer.headers["Retry-After"] for answer in answers} == {"1"}
    assert too_fast
    assert "token=visible" in logged
    assert "limiting requests" in logged
    assert "secret" not in logged
