import re

import pytest

from hanko_compat import __version__
from hanko_compat.app import create_app

# Nothing can be made below /proc, so this database never answers.
NO_DATABASE = {"database.url": "sqlite:////proc/nowhere/database.sqlite3"}


@pytest.fixture
def broken(make_app):
    """A caller of a server whose database does not answer."""
    return make_app(NO_DATABASE).test_client()


def test_the_page_names_server_and_version(client):
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert "Conformance" in response.text
    assert f"hanko_compat {__version__}" in response.text
    assert "Everything works" in response.text


def test_the_page_says_that_the_database_is_down(broken):
    response = broken.get("/")
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "text/html; charset=UTF-8"
    assert "does not answer" in response.text


def test_the_page_loads_nothing_and_escapes_the_name(make_app):
    response = make_app({"service.name": "<script>alert(1)</script>"}).test_client().get("/")
    assert "<script" not in response.text
    assert "&lt;script&gt;" in response.text
    assert not any(word in response.text for word in ("http:", "https:", "src=", "@import", "url("))
    assert re.findall('href="([^"]*)"', response.text) == ["data:,", "#content"]
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("path", "body"), [("/health/alive", {"alive": True}), ("/health/ready", {"ready": True})]
)
def test_a_healthy_server_says_so(client, path, body):
    response = client.get(path)
    assert (response.status_code, response.json) == (200, body)


def test_without_its_database_a_server_is_alive_but_not_ready(broken):
    assert broken.get("/health/alive").json == {"alive": True}
    response = broken.get("/health/ready")
    assert (response.status_code, response.json["code"]) == (503, 503)
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("path", ["/users", "/user"])
def test_without_its_database_a_server_asks_to_come_back(broken, path):
    response = broken.post(path, json={"email": "alice@example.test"})
    assert (response.status_code, response.json) == (503, {"code": 503, "message": "Service Unavailable"})
    assert int(response.headers["Retry-After"]) >= 1


def test_the_page_leads_developers_on(make_config, client):
    page = create_app(make_config(dev=True)).test_client().get("/").text
    assert 'href="./playground"' in page
    assert 'href="./docs"' in page
    assert "playground" not in client.get("/").text


def test_the_page_leads_to_what_there_is(make_config):
    page = create_app(make_config({"hanko_compat.openapi": False}, dev=True)).test_client().get("/").text
    assert 'href="./playground"' in page
    assert 'href="./docs"' not in page
