"""The playground page, walked by a newcomer."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accounts import PASSWORD, new_address
from tests.browser.authenticator import VirtualAuthenticator
from tests.browser.playground import DevelopmentServer, Newcomer
from tests.databases import SqliteMaker
from tests.servers.run import Run
from tests.settings import settings_on

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 860}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 860}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True},
}
PEOPLE = {"light": "alice@example.com", "dark": "bob@example.com", "phone": "carol@example.com"}


@pytest.fixture
def bare_server(
    test_run: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DevelopmentServer]:
    """A server without passcodes, passwords and passkeys."""
    url = SqliteMaker(tmp_path_factory.mktemp("template")).fresh_url(tmp_path)
    changes = {"email.use_for_authentication": False, "password.enabled": False, "passkey.enabled": False}
    server = DevelopmentServer(test_run, settings_on(url, changes))
    server.start()
    yield server
    server.remove()


def test_steps_say_which_key_switched_them_off(page: Page, bare_server: DevelopmentServer) -> None:
    newcomer = Newcomer(page, bare_server)
    page.goto(f"{bare_server.origin}/playground")
    for step, reason in {
        "passcode": "Passcodes are off on this server (email.enabled or email.use_for_authentication).",
        "password": "Passwords are off on this server (password.enabled).",
        "passkey": "Passkeys are off on this server (passkey.enabled).",
    }.items():
        expect(page.locator(f"#{step}-hint")).to_have_text(reason)
    expect(page.locator("#password-login")).to_have_attribute("title", re.compile("password.enabled"))
    assert newcomer.problems == []


def test_sign_up_and_first_log_in(newcomer: Newcomer, address: str) -> None:
    newcomer.open()
    newcomer.expect_signed_in(yes=False)
    newcomer.sign_up(address)
    newcomer.expect_request("POST /users", 200)
    newcomer.log_in_by_mail(address)
    newcomer.expect_request("POST /passcode/login/finalize", 200)

    expect(newcomer.page.locator("#who-name")).to_have_text(address)
    newcomer.page.reload()
    newcomer.expect_signed_in()
    assert newcomer.server.request("POST", "/user", {"email": address}).body["verified"] is True


def test_address_is_taken(newcomer: Newcomer, address: str) -> None:
    newcomer.join(address)
    newcomer.press("logout-top")
    newcomer.expect_text("leave", "Logged out.")
    newcomer.enter("email", address)
    newcomer.press("signup")
    newcomer.expect_text("signup", "Press “I have an account” to go on with it.", kind="error")
    newcomer.expect_request("POST /users", 409)
    newcomer.press("lookup")
    newcomer.expect_text("signup", "Found.")


def test_password(newcomer: Newcomer, address: str) -> None:
    newcomer.join(address)
    newcomer.set_password(PASSWORD)
    newcomer.expect_request("PUT /password", 201)
    newcomer.press("logout")
    newcomer.expect_text("leave", "Logged out. The session has ended on the server.")
    newcomer.expect_signed_in(yes=False)
    newcomer.enter("password", "a wrong password")
    newcomer.press("password-login")
    newcomer.expect_text("password", "The password is wrong, or this user has none", kind="error")
    newcomer.enter("password", PASSWORD)
    newcomer.press("password-login")

    newcomer.expect_text("password", "Logged in with the password.")
    newcomer.expect_signed_in()


def test_step_3_is_done_once_there_is_a_password(newcomer: Newcomer, address: str) -> None:
    newcomer.join(address)
    newcomer.expect_done("passcode")
    newcomer.expect_done("password", yes=False)
    newcomer.enter("password", "short")
    newcomer.press("password-set")
    newcomer.expect_text("password", "at least 8 characters", kind="error")
    newcomer.enter("password", 37 * "é")
    newcomer.press("password-set")
    newcomer.expect_text("password", "72 bytes", kind="error")
    expect(newcomer.page.locator("#password-hint")).to_contain_text("At least 8 characters, at most 72 bytes")
    newcomer.expect_done("password", yes=False)
    newcomer.set_password(PASSWORD)
    newcomer.expect_done("password")
    newcomer.page.reload()
    newcomer.expect_signed_in()
    newcomer.expect_done("password")

    newcomer.press("logout")
    newcomer.expect_text("leave", "Logged out.")
    newcomer.expect_done("passcode", yes=False)
    newcomer.sign_up(new_address())
    newcomer.expect_done("password", yes=False)
    newcomer.enter("email", address)
    newcomer.press("lookup")
    newcomer.expect_text("signup", "Found.")
    newcomer.enter("password", PASSWORD)
    newcomer.press("password-login")
    newcomer.expect_text("password", "Logged in with the password.")
    newcomer.expect_done("password")


def test_passkey(newcomer: Newcomer, address: str, authenticator: VirtualAuthenticator) -> None:
    newcomer.join(address)
    newcomer.create_passkey()
    assert len(authenticator.credentials) == 1
    newcomer.enter("passkey-name-0", "The blue key")
    newcomer.press("passkey-rename-0")
    newcomer.expect_text("passkey", "It is called The blue key now.")
    newcomer.press("logout")
    newcomer.expect_signed_in(yes=False)
    newcomer.press("passkey-login")
    newcomer.expect_signed_in()
    expect(newcomer.page.locator("#passkey-name-0")).to_have_value("The blue key")

    newcomer.press("passkey-delete-0")
    newcomer.expect_text("passkey", "The server has forgotten the passkey.")
    expect(newcomer.page.locator("#passkey-name-0")).to_have_count(0)
    newcomer.expect_request("GET /webauthn/credentials", 200)


def test_passkey_of_the_autofill(
    newcomer: Newcomer, address: str, authenticator: VirtualAuthenticator
) -> None:
    newcomer.join(address)
    newcomer.create_passkey()
    newcomer.press("logout")
    newcomer.expect_signed_in(yes=False)
    newcomer.open(with_autofill=True)
    newcomer.page.locator("#email").focus()

    newcomer.expect_signed_in()
    assert authenticator.credentials[0]["signCount"] == 2


def test_addresses(newcomer: Newcomer, address: str) -> None:
    second = new_address()
    newcomer.join(address)
    newcomer.add_address(second)
    row = newcomer.page.locator("#addresses li").filter(has_text=second)
    row.get_by_role("button", name="primary").click()
    expect(row.locator(".badge")).to_have_text("primary")
    expect(newcomer.page.locator("#who-name")).to_have_text(second)
    older = f"The session token still carries {address}: the next log-in brings one with {second}."
    newcomer.expect_text("addresses", f"{second} is the primary address. {older}")
    newcomer.press("session-check")
    newcomer.expect_text("session", f"The session is valid. {older}")
    newcomer.press("token-show")
    newcomer.expect_text("session", older, kind="note")
    expect(newcomer.page.locator("#token-decoded")).to_contain_text(address)
    newcomer.log_in_by_mail(second)
    newcomer.press("token-show")
    expect(newcomer.page.locator("#token-decoded")).to_contain_text(second)
    newcomer.press("session-check")
    expect(newcomer.page.locator("#session-result")).to_have_text("Done: The session is valid.")

    first = newcomer.page.locator("#addresses li").filter(has_text=address)
    first.get_by_role("button", name="Delete").click()
    expect(newcomer.page.locator("#addresses li")).to_have_count(1)
    assert newcomer.server.request("POST", "/user", {"email": address}).status == 404


def test_session_and_token(newcomer: Newcomer, address: str) -> None:
    newcomer.join(address)
    newcomer.press("session-check")
    newcomer.expect_text("session", "The session is valid.")
    expect(newcomer.page.locator("#session-facts")).to_contain_text(address)
    newcomer.press("session-me")
    newcomer.expect_request("GET /me", 200)
    newcomer.press("token-show")
    newcomer.expect_text("session", "The cookie hides it from scripts", kind="note")
    newcomer.press("token-verify")
    newcomer.expect_text("session", "Genuine. Signed with RS256")
    newcomer.press("token-ask")
    newcomer.expect_text("session", "The server says: is_valid is true.")

    token = newcomer.page.locator("#token").input_value()
    header, claims, signature = token.split(".")
    forged = f"{signature[:9]}{'A' if signature[9] != 'A' else 'B'}{signature[10:]}"
    newcomer.enter("token", f"{header}.{claims}.{forged}")
    newcomer.press("token-verify")
    newcomer.expect_text("session", "Not genuine. The signature does not fit.", kind="error")
    newcomer.press("token-ask")
    newcomer.expect_text("session", "The server says: is_valid is false.", kind="note")


def expect_sessions(newcomer: Newcomer, number: int) -> None:
    expect(newcomer.page.locator("#sessions li")).to_have_count(number)


def test_sessions_are_listed_and_ended(
    newcomer: Newcomer, address: str, new_context: Callable[..., BrowserContext]
) -> None:
    newcomer.join(address)
    newcomer.press("sessions-list")
    newcomer.expect_text("sessions", "You have 1 session: this one.")
    phone = Newcomer(new_context().new_page(), newcomer.server)
    phone.open()
    phone.enter("email", address)
    phone.press("lookup")
    phone.log_in_by_mail(address)
    newcomer.press("sessions-list")
    newcomer.expect_text("sessions", "You have 2 sessions.")
    newcomer.expect_request("GET /sessions", 200)
    expect(newcomer.page.locator("#sessions .badge")).to_have_text(["this one"])
    expect(newcomer.page.locator("#sessions .hint").first).to_contain_text("Chrome")

    # By keyboard: the button of the other session follows those of the step.
    newcomer.page.locator("#sessions-end-others").focus()
    newcomer.page.keyboard.press("Tab")
    focused = newcomer.page.locator(":focus")
    expect(focused).to_have_attribute("aria-label", re.compile("^End the session of "))
    newcomer.page.keyboard.press("Enter")
    newcomer.expect_text("sessions", "That session has ended: its token is worth nothing now.")
    expect_sessions(newcomer, 1)
    expect(newcomer.page.locator("#sessions-list")).to_be_focused()
    phone.press("session-me")
    phone.expect_signed_in(yes=False)

    phone.log_in_by_mail(address)
    newcomer.press("sessions-end-others")
    newcomer.expect_text("sessions", "All other sessions have ended.")
    newcomer.expect_request("DELETE /sessions", 204)
    phone.press("session-me")
    phone.expect_signed_in(yes=False)

    newcomer.page.get_by_role("button", name="End this session").click()
    newcomer.expect_text("leave", "This session has ended on the server.")
    newcomer.expect_signed_in(yes=False)
    expect_sessions(newcomer, 0)
    assert newcomer.problems == phone.problems == []


def test_account_is_deleted_after_a_question(newcomer: Newcomer, address: str) -> None:
    newcomer.join(address)
    newcomer.press("delete")
    newcomer.press("delete-cancel")
    newcomer.expect_signed_in()
    newcomer.press("delete")
    newcomer.press("delete-confirm")

    newcomer.expect_text("leave", "The account is deleted.")
    newcomer.expect_signed_in(yes=False)
    assert newcomer.server.request("POST", "/user", {"email": address}).status == 404


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_for_the_readme(
    new_context: Callable[..., BrowserContext],
    server: DevelopmentServer,
    pytestconfig: pytest.Config,
    tmp_path: Path,
    look: str,
) -> None:
    """``--screenshots docs/images`` renews them."""
    context = new_context(**LOOKS[look], device_scale_factor=2 if look == "phone" else 1.25)
    page = context.new_page()
    VirtualAuthenticator(context, page)
    newcomer = Newcomer(page, server)
    newcomer.join(PEOPLE[look])
    newcomer.set_password(PASSWORD)
    newcomer.create_passkey()
    newcomer.press("session-check")
    newcomer.expect_text("session", "The session is valid.")
    page.evaluate("scrollTo(0, 0)")
    picture = Path(pytestconfig.getoption("screenshots") or tmp_path) / f"playground-{look}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=picture, animations="disabled")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert picture.stat().st_size < 300_000
