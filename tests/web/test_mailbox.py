"""The mailbox page of ``serve --dev``."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hanko_compat import wiring
from hanko_compat.app import create_app, services_of
from hanko_compat.wiring import Services


@pytest.fixture
def app(make_config: Callable, clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.chdir(tmp_path)
    config = make_config(dev=True)
    services = wiring.build(config, now=clock)
    yield create_app(config, now=clock, services=services)
    services.database.close_all()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def send(services: Services, code: str = "123456", to: str = "alice@example.test") -> None:
    def work() -> None:
        services.delivery.mails.send_passcode(
            to=to,
            code=code,
            ttl=timedelta(minutes=5),
            language="en",
            passcode_expires_at=services.now() + timedelta(minutes=5),
        )

    services.database.transaction(work)
    services.delivery.threads.deliver_due()


def test_an_empty_mailbox_says_so(client: FlaskClient) -> None:
    response = client.get("/dev/mailbox")
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=UTF-8"
    assert "No mail yet" in response.text


def test_the_passcode_is_there(app: Flask, client: FlaskClient, capsys) -> None:
    send(services_of(app))
    page = client.get("/dev/mailbox").text
    assert "<h2>123456 is your passcode for Conformance</h2>" in page
    assert "To alice@example.test" in page
    assert "\n123456\n" in page.replace("\r", "")
    assert capsys.readouterr().err == "mail to alice@example.test: 123456 is your passcode for Conformance\n"


def test_the_html_part_is_a_page_that_can_do_nothing(app: Flask, client: FlaskClient) -> None:
    send(services_of(app))
    (link,) = re.findall(r'href="(/dev/mailbox/[^"]+)"', client.get("/dev/mailbox").text)
    response = client.get(link)
    assert "<!doctype html>" in response.text
    assert "123456" in response.text
    assert response.headers["Content-Security-Policy"].endswith("sandbox")


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e%2fsecret", "*"])
def test_what_is_no_mail_is_not_found(app: Flask, client: FlaskClient, name: str) -> None:
    send(services_of(app))
    assert client.get(f"/dev/mailbox/{name}").status_code == 404


def test_the_page_refreshes_itself_until_it_is_told_not_to(client: FlaskClient) -> None:
    moving, still = client.get("/dev/mailbox").text, client.get("/dev/mailbox?still").text
    assert '<meta http-equiv="refresh"' in moving
    assert 'href="?still"' in moving
    assert 'data-refresh="2"' in moving
    assert "http-equiv" not in still
    assert 'data-refresh="0"' in still


def test_what_users_wrote_is_escaped(app: Flask, client: FlaskClient) -> None:
    send(services_of(app), to='"<img/src=x>"@example.test')
    page = client.get("/dev/mailbox").text
    assert "<img" not in page
    assert "&lt;img/src=x&gt;" in page


def test_nothing_is_kept_by_browsers(client: FlaskClient) -> None:
    assert client.get("/dev/mailbox").headers["Cache-Control"] == "no-store"


def test_other_servers_have_none(make_app: Callable[..., Flask]) -> None:
    assert make_app().test_client().get("/dev/mailbox").status_code == 404


def test_the_public_document_does_not_name_it(client: FlaskClient) -> None:
    assert not [path for path in client.get("/openapi.json").json["paths"] if path.startswith("/dev")]


def test_a_real_server_is_used_only_where_one_is_named(make_config: Callable) -> None:
    named = make_config({"email_delivery.smtp.host": "mail.example.test"}, dev=True)
    assert named.email_delivery.has_smtp
    assert not make_config(dev=True).email_delivery.has_smtp


def test_the_list_leads_to_its_mails_where_the_server_is_mounted_below_a_path(
    app: Flask, client: FlaskClient
) -> None:
    send(services_of(app))
    services_of(app).delivery.threads.deliver_due()
    mount = {"SCRIPT_NAME": "/auth"}
    page = client.get("/dev/mailbox", environ_overrides={**mount, "RAW_URI": "/auth/dev/mailbox"}).text
    (path,) = re.findall(r'href="(/auth/dev/mailbox/[^"]+)"', page)
    mail = client.get(path.removeprefix("/auth"), environ_overrides={**mount, "RAW_URI": path})
    assert mail.status_code == 200
