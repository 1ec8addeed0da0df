"""The page of docs/hanko-elements.md, in an application in which the server is embedded."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from hanko_compat import HankoCompat, current_session
from tests.browser.accounts import new_address
from tests.browser.elements import press
from tests.browser.site import PACKAGES
from tests.markdown import page as manual
from tests.settings import settings_on
from tests.smtp import MailServer


@pytest.fixture
def shop(tmp_path: Path, mail_server: MailServer) -> Iterator[str]:
    """The URL of the application."""
    (tmp_path / "static").mkdir()
    shutil.copy(PACKAGES / "hanko-elements-0.12.0/dist/elements.js", tmp_path / "static")
    app = Flask("shop", root_path=str(tmp_path))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    origin = f"http://localhost:{server.port}"
    settings = {
        "email_delivery.smtp": {"host": "127.0.0.1", "port": str(mail_server.port)},
        "password.enabled": False,
        "webauthn.relying_party.origins": [origin],
        "hanko_compat.public_url": f"{origin}/auth",
        "hanko_compat.jwk.algorithm": "ES256",
    }
    hanko = HankoCompat(app, config=settings_on(f"sqlite:///{tmp_path}/shop.sqlite3", settings))
    app.add_url_rule("/", "home", lambda: manual("docs/hanko-elements.md").blocks("html")[0])
    app.add_url_rule("/whoami", "whoami", lambda: str(current_session.email["address"]))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield origin
    server.shutdown()
    thread.join()
    server.server_close()
    hanko.close()


def test_a_visitor_of_the_shop_logs_in(page: Page, shop: str, mail_server: MailServer) -> None:
    address = new_address()
    page.goto(shop)
    page.get_by_label("Email", exact=True).fill(address)
    press(page.get_by_role("button", name="Continue", exact=True))
    press(page.get_by_role("button", name="Sign up", exact=True))
    subject = mail_server.wait_for_mail(address).message["Subject"]
    first = page.get_by_label("passcode-digit-1")
    expect(first).to_be_enabled()
    first.press_sequentially(re.search(r"\b[0-9]{6}\b", subject)[0])
    press(page.get_by_role("button", name="Skip", exact=True))
    expect(page.locator("hanko-profile")).to_be_visible()
    page.goto(f"{shop}/whoami")
    expect(page.get_by_text(address)).to_be_visible()
