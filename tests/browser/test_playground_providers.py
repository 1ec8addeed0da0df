"""The playground page, where other providers are configured: nothing but them has to be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.playground import DevelopmentServer, Newcomer
from tests.databases import SqliteMaker
from tests.peers.openid_provider import ACCOUNT, OpenIdProvider
from tests.servers.run import Run
from tests.settings import settings_on


@pytest.fixture
def server(
    test_run: Run,
    openid_provider: OpenIdProvider,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[DevelopmentServer]:
    """A server that knows one provider, and is known to it; it is told no redirect URL."""
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path)
    providers = {"third_party.custom_providers": {"main": openid_provider.settings()}}
    server = DevelopmentServer(test_run, settings_on(url, providers))
    monkeypatch.setenv("SSL_CERT_FILE", str(openid_provider.authority.file))
    server.start()
    openid_provider.register(f"{server.origin}/thirdparty/callback")
    yield server
    server.remove()


def test_log_in_with_another_provider(page: Page, server: DevelopmentServer) -> None:
    newcomer = Newcomer(page, server)
    newcomer.open()
    newcomer.press("provider-custom_main")
    page.get_by_role("button", name="Cancel").click()
    newcomer.expect_text("providers", "access_denied: The user said no.", kind="error")
    newcomer.expect_signed_in(yes=False)
    assert page.url == f"{server.origin}/playground"

    newcomer.press("provider-custom_main")
    page.get_by_label("Account").fill("alice")
    page.get_by_role("button", name="Log in").click()
    newcomer.expect_text("providers", "The one-time token is traded for a session.")
    newcomer.expect_signed_in()
    newcomer.expect_request("POST /token", 200)
    assert page.locator("#who-name").text_content() == ACCOUNT["email"]
    assert page.url == f"{server.origin}/playground"
    assert newcomer.problems == []
