"""Which paths are ours, however the request comes to the application."""

import pytest
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from hanko_compat.embedding.mount import is_at

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [("/auth", True), ("/auth/", True), ("/auth/me", True), ("/authors", False), ("/", False), ("", False)],
)
def test_what_lies_below(path: str, is_ours: bool) -> None:
    assert is_at(path, "/auth") is is_ours


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/auth/health/alive", 200),
        ("/auth/health%2Falive", 404),
        ("/%61uth/health/alive", 404),
        ("/auth//health/alive", 404),
        ("/auth/../auth/health/alive", 404),
    ],
)
def test_a_path_has_one_spelling(shop: Flask, path: str, status: int) -> None:
    answer = shop.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")


def test_a_server_may_mount_the_application_itself(shop: Flask) -> None:
    """As gunicorn does with SCRIPT_NAME in its environment: the path is that of the browser."""
    for mount, path, status in (("/app", "/auth/health/alive", 200), ("/app/auth", "/health/alive", 404)):
        environ = {"SCRIPT_NAME": mount, "RAW_URI": mount + path}
        assert shop.test_client().get(path, environ_overrides=environ).status_code == status


def test_a_proxy_may_take_the_outer_part_away(shop: Flask) -> None:
    shop.wsgi_app = ProxyFix(shop.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    headers = {"X-Forwarded-Prefix": "/app"}
    answer = shop.test_client().get("/auth/health/alive", headers=headers)
    assert answer.json == {"alive": True}
    assert shop.test_client().get("/auth/nowhere", headers=headers).status_code == 404
