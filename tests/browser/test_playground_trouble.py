"""What the playground page says where something goes wrong, and what is to be done then."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accounts import new_address
from tests.browser.authenticator import VirtualAuthenticator
from tests.browser.playground import DevelopmentServer, Newcomer
from tests.databases import SqliteMaker
from tests.servers.run import Run
from tests.settings import settings_on


@pytest.fixture
def strict_server(
    test_run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DevelopmentServer]:
    """A server on which nobody may delete an account, and passcodes end at once."""
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path)
    server = DevelopmentServer(test_run, settings_on(url, {"email.passcode_ttl": 0}))
    server.start()
    yield server
    server.remove()


def test_wrong_passcode(newcomer: Newcomer, address: str) -> None:
    newcomer.open()
    newcomer.sign_up(address)
    newcomer.press("passcode-send")
    newcomer.enter("passcode", "12345x")
    newcomer.press("passcode-finish")

    newcomer.expect_text(
        "passcode", "401: Unauthorized. The code is wrong. Two tries are left.", kind="error"
    )
    newcomer.expect_request("POST /passcode/login/finalize", 401)
    newcomer.expect_signed_in(yes=False)
    newcomer.page.reload()
    newcomer.press("passcode-finish")
    newcomer.expect_text("passcode", "code is a required field", kind="error")
    newcomer.enter("passcode", "000000x")
    newcomer.press("passcode-finish")
    newcomer.expect_text("passcode", "One try is left.", kind="error")
    newcomer.press("passcode-finish")
    newcomer.expect_text(
        "passcode", "That was the third wrong code, which ends a passcode. Send a new one.", kind="error"
    )
    expect(newcomer.page.locator("#passcode-form")).to_be_hidden()
    expect(newcomer.page.locator("#passcode-send")).to_be_focused()
    newcomer.log_in_by_mail(address)


def test_passcode_that_was_used_already(newcomer: Newcomer, address: str) -> None:
    newcomer.open()
    newcomer.sign_up(address)
    newcomer.press("passcode-send")
    newcomer.expect_text("passcode", f"Sent to {address}.", kind="note")
    newcomer.wait_for_mail(address)
    newcomer.press("passcode-fetch")
    newcomer.expect_text("passcode", "Taken from the newest mail.", kind="note")
    kept = newcomer.page.evaluate("JSON.parse(sessionStorage['hanko_compat.playground'])")
    used = {"id": kept["passcode"]["id"], "code": newcomer.page.locator("#passcode").input_value()}
    assert newcomer.server.request("POST", "/passcode/login/finalize", used).status == 200
    newcomer.press("passcode-finish")
    newcomer.expect_text(
        "passcode", "This passcode was used already, or is gone. Send a new one.", kind="error"
    )
    expect(newcomer.page.locator("#passcode-form")).to_be_hidden()


def test_code_of_an_older_mail_is_not_taken(newcomer: Newcomer, address: str) -> None:
    newcomer.open()
    newcomer.sign_up(address)
    newcomer.press("passcode-send")
    newcomer.expect_text("passcode", f"Sent to {address}.", kind="note")
    newcomer.wait_for_mail(address)
    newcomer.page.evaluate(
        """() => {
          const kept = JSON.parse(sessionStorage["hanko_compat.playground"]);
          kept.passcode.sentAt = "2999-01-01T00:00:00Z";
          sessionStorage["hanko_compat.playground"] = JSON.stringify(kept);
        }"""
    )
    newcomer.page.reload()
    newcomer.press("passcode-fetch")
    newcomer.expect_text("passcode", "The mail is not there yet: try again in a second.", kind="note")
    newcomer.page.context.set_offline(True)
    newcomer.press("passcode-fetch")
    newcomer.expect_text("passcode", "The mailbox can't be reached. Is the server running?", kind="note")


def test_wrong_passcode_of_another_address(newcomer: Newcomer, address: str) -> None:
    newcomer.join(address)
    second = new_address()
    newcomer.enter("address", second)
    newcomer.press("address-add")
    newcomer.expect_text("addresses", f"A passcode is on its way to {second}.", kind="note")
    for told in ("Two tries are left.", "One try is left.", "Add the address again for a new one."):
        newcomer.enter("address-code", "wrong")
        newcomer.press("address-verify")
        newcomer.expect_text("addresses", told, kind="error")
    expect(newcomer.page.locator("#address-verify-form")).to_be_hidden()
    expect(newcomer.page.locator("#address")).to_have_value(second)
    newcomer.expect_signed_in()


def test_what_a_strict_server_leads_to(page: Page, strict_server: DevelopmentServer, address: str) -> None:
    newcomer = Newcomer(page, strict_server)
    newcomer.open()
    expect(page.locator("#leave-hint")).to_contain_text("Deletion is off: set account.allow_deletion")
    expect(page.locator("#leave-hint code")).to_have_text("ACCOUNT_ALLOWDELETION=true make run")
    newcomer.sign_up(address)
    newcomer.press("passcode-send")
    newcomer.expect_text("passcode", f"Sent to {address}.", kind="note")
    newcomer.enter("passcode", "123456")
    newcomer.press("passcode-finish")
    newcomer.expect_text("passcode", "The time of this passcode is over. Send a new one.", kind="error")
    expect(page.locator("#passcode-form")).to_be_hidden()
    assert newcomer.problems == []


def test_nobody_signs_up_while_signed_in(newcomer: Newcomer, address: str) -> None:
    newcomer.join(address)
    for button in ("signup", "lookup"):
        expect(newcomer.page.locator(f"#{button}")).to_be_disabled()
        expect(newcomer.page.locator(f"#{button}")).to_have_attribute("title", "Log out first")
    expect(newcomer.page.locator("#signup-hint")).to_contain_text("You are signed in. Log out first")
    expect(newcomer.page.locator("#who-name")).to_have_text(address)


def test_sign_out_in_another_tab(newcomer: Newcomer, address: str, context: BrowserContext) -> None:
    newcomer.join(address)
    other = Newcomer(context.new_page(), newcomer.server)
    other.open()
    other.expect_signed_in()
    other.press("logout")
    newcomer.expect_signed_in(yes=False)
    newcomer.expect_text("leave", "You are signed out now, by another tab.")
    expect(newcomer.page.locator("#delete")).to_be_disabled()

    other.log_in_by_mail(address)
    newcomer.expect_signed_in()
    expect(newcomer.page.locator("#who-name")).to_have_text(address)
    assert other.problems == []


def test_session_that_was_ended_elsewhere(newcomer: Newcomer, address: str, context: BrowserContext) -> None:
    newcomer.join(address)
    (token,) = [cookie["value"] for cookie in context.cookies() if cookie["name"] == "hanko"]
    assert newcomer.server.request("POST", "/logout", Authorization=f"Bearer {token}").status == 204
    newcomer.press("session-me")
    newcomer.expect_text(
        "session", "Your session has ended, by its time or from elsewhere: log in again.", kind="error"
    )
    newcomer.expect_signed_in(yes=False)


def test_server_that_does_not_answer(newcomer: Newcomer, address: str, context: BrowserContext) -> None:
    newcomer.join(address)
    context.set_offline(True)
    for button, step in {"session-me": "session", "password-set": "password", "logout": "leave"}.items():
        newcomer.press(button)
        newcomer.expect_text(step, "The server can't be reached", kind="error")
    newcomer.page.evaluate("new BroadcastChannel('hanko_compat.playground').postMessage('session')")
    unanswered = newcomer.page.locator('[data-endpoint="GET /sessions/validate"]').first
    expect(unanswered).to_contain_text("The server can't be reached")
    newcomer.expect_signed_in()
    context.set_offline(False)
    newcomer.press("session-check")
    newcomer.expect_text("session", "The session is valid.")


def test_passkey_that_is_cancelled(
    newcomer: Newcomer, address: str, authenticator: VirtualAuthenticator
) -> None:
    newcomer.join(address)
    authenticator.verify_users(is_verified=False)
    newcomer.press("passkey-create")
    newcomer.expect_text("passkey", "You cancelled, no passkey fits, or time ran out.", kind="error")
    newcomer.expect_done("passkey", yes=False)
    authenticator.verify_users(is_verified=True)
    newcomer.create_passkey()
    newcomer.expect_done("passkey")
