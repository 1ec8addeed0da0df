"""Applications of others that ours are embedded in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, abort, request

from hanko_compat import HankoCompat, current_session, session_required
from tests.settings import settings_on

FRONTEND = "http://localhost:8888"
"""The origin that the settings of tests allow."""


def host_app() -> Flask:
    """An application with views of its own, two of which need a session."""
    app = Flask("shop")

    @app.get("/")
    def home() -> dict[str, object]:
        return {"user": str(current_session.user_id) if current_session else None}

    @app.route("/orders", methods=["GET", "POST"])
    @session_required
    def orders() -> dict[str, object]:
        return {"user": str(current_session.user_id)}

    @app.post("/upload")
    def upload() -> dict[str, object]:
        return {"length": len(request.get_data())}

    @app.get("/fails")
    def fails() -> None:
        abort(418)

    @app.errorhandler(401)
    def log_in_first(_: object) -> tuple[str, int]:
        return "please log in", 401

    @app.errorhandler(404)
    def nothing_here(_: object) -> tuple[str, int]:
        return "the shop has no such page", 404

    return app


@pytest.fixture
def embed(database_url: str) -> Iterator[Callable[..., HankoCompat]]:
    """Embed a server: ``embed(app, {"account.allow_signup": False}, url_prefix="/x")``."""
    made: list[HankoCompat] = []

    def make(app: Flask, changes: dict[str, Any] | None = None, **options: Any) -> HankoCompat:
        settings = settings_on(database_url, {"email.require_verification": False, **(changes or {})})
        made.append(HankoCompat(app, config=settings, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def shop(embed: Callable[..., HankoCompat]) -> Flask:
    """An application with the public door at ``/auth``."""
    app = host_app()
    embed(app)
    return app


def sign_up(app: Flask, address: str, *, prefix: str = "/auth") -> tuple[str, str]:
    """The id and the session token of a new user."""
    answer = app.test_client(use_cookies=False).post(f"{prefix}/users", json={"email": address})
    assert answer.status_code == 200, answer.json
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if "email_id" not in each]
    return answer.json["user_id"], cookie.partition(";")[0].partition("=")[2]
