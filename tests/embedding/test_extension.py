"""``HankoCompat(app)``: what is served below the prefix, and what stays the application's."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, abort, request, url_for

from hanko_compat import HankoCompat, current_session, session_required
from hanko_compat.config import from_mapping
from hanko_compat.web.body import MAX_BODY
from tests.embedding.conftest import FRONTEND, host_app, sign_up
from tests.settings import settings_on

Embed = Callable[..., HankoCompat]
pytestmark = pytest.mark.one_database

OURS = {"X-Request-Id", "X-Content-Type-Options", "Access-Control-Allow-Origin", "Vary"}

CHEAP = {"email.require_verification": False, "hanko_compat.jwk.algorithm": "ES256"}
"""Sign-up logs in, and a key is made in no time."""


def test_the_door_is_served_below_the_prefix(shop: Flask) -> None:
    client = shop.test_client()
    assert client.get("/auth").status_code == 200
    assert client.get("/auth/health/ready").json == {"ready": True}
    assert client.get("/auth/.well-known/jwks.json").json["keys"]
    user_id, _ = sign_up(shop, "alice@example.test")
    assert client.post("/auth/user", json={"email": "nobody@example.test"}).status_code == 404
    assert user_id


def test_views_of_the_application_know_who_has_logged_in(shop: Flask) -> None:
    client = shop.test_client()
    assert client.get("/").json == {"user": None}
    user_id = client.post("/auth/users", json={"email": "alice@example.test"}).json["user_id"]
    assert client.get("/").json == client.get("/orders").json == {"user": user_id}
    assert client.post("/auth/logout").status_code == 204
    assert client.get("/").json == {"user": None}
    assert client.get("/orders").status_code == 401


@pytest.mark.parametrize("path", ["/", "/fails", "/nowhere", "/.well-known/config", "/authors", "/orders"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_all_else_is_answered_as_without_us(shop: Flask, method: str, path: str) -> None:
    """Status, body and headers; the plain application has to be told what ours finds out."""
    plain = host_app()
    plain.view_functions["orders"] = lambda: abort(401)
    plain.view_functions["home"] = lambda: {"user": None}
    headers = {"Origin": FRONTEND, "Access-Control-Request-Method": "POST"}
    ours, without = (each.test_client().open(path, method=method, headers=headers) for each in (shop, plain))
    assert (ours.status_code, ours.data) == (without.status_code, without.data)
    assert sorted(ours.headers) == sorted(without.headers)
    assert not OURS & set(ours.headers.keys())


def test_what_lies_below_has_our_headers_and_errors(shop: Flask) -> None:
    client = shop.test_client()
    answer = client.get("/auth/nowhere", headers={"Origin": FRONTEND})
    assert answer.json == {"code": 404, "message": "Not Found"}
    assert set(answer.headers.keys()) >= OURS
    foreign = client.get("/auth/nowhere", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in foreign.headers
    preflight = client.options("/auth/me", headers={"Origin": FRONTEND})
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, FRONTEND)


def test_each_has_its_own_limit_of_bodies(shop: Flask) -> None:
    client, body = shop.test_client(), b" " * (MAX_BODY + 1)
    assert client.post("/upload", data=body).json == {"length": len(body)}
    assert client.post("/auth/users", data=body, content_type="application/json").status_code == 413


def test_hooks_of_the_application_don_t_reach_us(shop: Flask) -> None:
    """Such as the check of a CSRF token, which frontends of Hanko's API do not send."""

    @shop.before_request
    def check_token() -> None:
        if request.method == "POST":
            abort(400)

    @shop.after_request
    def spoil(response: object) -> None:
        raise AssertionError

    _, token = sign_up(shop, "alice@example.test")
    assert token


def test_the_session_is_the_host_s_and_all_else_stays_below(embed: Embed) -> None:
    app = host_app()
    embed(app, {"rate_limiter.enabled": True})
    user_id, token = sign_up(app, "alice@example.test")
    client, password = app.test_client(), {"user_id": user_id, "password": "correct horse"}
    client.put("/auth/password", json=password, headers={"Authorization": f"Bearer {token}"})
    answer = client.post("/auth/password/login", json=password)
    paths = {
        cookie.partition("=")[0]: cookie.partition("; Path=")[2].partition(";")[0]
        for cookie in answer.headers.getlist("Set-Cookie")
    }
    assert paths == {"hanko": "/", "hanko_compat_device": "/auth"}


def test_the_backend_door_is_there_where_it_is_wanted(embed: Embed) -> None:
    without, with_it = host_app(), host_app()
    embed(without)
    secret = (
        embed(with_it, backend_door=True)._embedded[0].app.extensions["hanko_compat"].api_secrets.create()
    )
    for app, status in ((without, 404), (with_it, 200)):
        answer = app.test_client().get("/auth/v2/users", auth=(secret.project_id, secret.secret))
        assert answer.status_code == status


def test_an_application_may_have_several(embed: Embed, tmp_path: Path) -> None:
    app = Flask("shop")
    customers = embed(app, url_prefix="/auth")
    staff = HankoCompat(
        url_prefix="/staff/auth",
        config=settings_on(
            f"sqlite:///{tmp_path}/staff.sqlite3",
            {"session.cookie.name": "staff", **CHEAP},
        ),
    )
    staff.init_app(app)

    @app.get("/who")
    def who() -> dict[str, bool]:
        return {"customer": bool(customers.current_session), "staff": bool(staff.current_session)}

    @app.get("/admin")
    @staff.session_required
    def admin() -> str:
        return "admin"

    client = app.test_client()
    try:
        client.post("/auth/users", json={"email": "alice@example.test"})
        assert client.get("/who").json == {"customer": True, "staff": False}
        assert client.get("/admin").status_code == 401
        client.post("/staff/auth/users", json={"email": "bob@example.test"})
        assert client.get("/who").json == {"customer": True, "staff": True}
        assert client.get("/admin").status_code == 200
        with app.test_request_context(), pytest.raises(LookupError, match="name one"):
            bool(current_session)
    finally:
        staff.close()


def test_one_extension_serves_several_applications(database_url: str, tmp_path: Path) -> None:
    hanko = HankoCompat()
    apps = [host_app(), host_app()]
    urls = [database_url, f"sqlite:///{tmp_path}/second.sqlite3"]
    for app, url in zip(apps, urls, strict=True):
        app.config["HANKO_COMPAT_CONFIG"] = settings_on(url, CHEAP)
        hanko.init_app(app)
    try:
        (_, token), _ = (sign_up(app, "alice@example.test") for app in apps)
        headers = {"Authorization": f"Bearer {token}"}
        statuses = [app.test_client().get("/orders", headers=headers).status_code for app in apps]
        assert statuses == [200, 401]
    finally:
        hanko.close()


def test_urls_can_be_built_and_routes_listed(shop: Flask) -> None:
    with shop.test_request_context(environ_overrides={"SCRIPT_NAME": "/app"}):
        assert url_for("hanko_compat.public.users.me") == "/app/auth/me"
    assert "/auth/users/<id>" in {rule.rule for rule in shop.url_map.iter_rules()}


@pytest.mark.parametrize(
    "prefix", ["", "/", "auth", "/auth/", "//auth", "/a b", "/%61uth", "/a/../b", "/auth?"]
)
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="url_prefix"):
        HankoCompat(url_prefix=prefix)


@pytest.mark.parametrize("prefix", ["/auth", "/auth/staff"])
def test_prefixes_that_overlap_are_refused(shop: Flask, embed: Embed, prefix: str) -> None:
    with pytest.raises(ValueError, match="overlap"):
        embed(shop, url_prefix=prefix)


def test_who_forgets_to_initialize_it_is_told() -> None:
    app = Flask("shop")
    app.add_url_rule("/", view_func=session_required(lambda: ""))
    app.testing = True
    with pytest.raises(LookupError, match="HankoCompat"):
        app.test_client().get("/")
    with app.app_context(), pytest.raises(LookupError, match="init_app"):
        HankoCompat().session_required(lambda: "")()


def test_a_settings_object_is_taken_as_it_is(database_url: str) -> None:
    shop = Flask("shop")
    hanko = HankoCompat(shop, config=from_mapping(settings_on(database_url)))
    assert shop.test_client().get("/auth/health/alive").status_code == 200
    hanko.close()


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, hanko_compat; print({'flask', 'peewee', 'hanko_compat.embedding'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
