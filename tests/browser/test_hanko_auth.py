"""``<hanko-auth>``: people come in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accounts import PASSWORD, new_address, sign_up
from tests.browser.authenticator import VirtualAuthenticator
from tests.browser.elements import Visitor
from tests.browser.site import WITHOUT_PASSWORDS, WITHOUT_VERIFICATION, Site

SiteWith = Callable[..., Site]

OWN_ORIGIN_OR_NOT = pytest.mark.parametrize(
    "is_cross_origin", [False, True], ids=["same origin", "another origin"]
)


@pytest.fixture
def address() -> str:
    return new_address()


@pytest.fixture
def visitor(page: Page, site: Site) -> Visitor:
    return Visitor(page, site)


@OWN_ORIGIN_OR_NOT
def test_sign_up(page: Page, site: Site, address: str, is_cross_origin: bool) -> None:
    visitor = Visitor(page, site, is_cross_origin=is_cross_origin)
    visitor.enter_address(address)
    visitor.sees(f'No account exists for "{address}". Do you want to create a new account?')
    visitor.press("Sign up")
    visitor.sees(f'Enter the passcode that was sent to "{address}".')
    visitor.enter_mailed_passcode(address)
    visitor.arrives_at("Set new password")
    visitor.enter("New password", PASSWORD)
    visitor.press("Continue")
    visitor.arrives_at("Create a passkey")
    visitor.press("Skip")

    visitor.happened("onAuthFlowCompleted")
    visitor.happened("onSessionCreated")
    me = visitor.me()
    assert me.status == 200
    login = site.ask("POST", "/password/login", {"user_id": me.body["id"], "password": PASSWORD})
    assert login.status == 200
    visitor.open("profile")
    expect(visitor.entry(address)).to_have_count(1)


@OWN_ORIGIN_OR_NOT
def test_log_in_with_a_passcode(page: Page, site_with: SiteWith, is_cross_origin: bool) -> None:
    site = site_with(WITHOUT_PASSWORDS)
    account = sign_up(site)
    visitor = Visitor(page, site, is_cross_origin=is_cross_origin, passkeys="off")
    visitor.enter_address(account.address)
    visitor.enter_mailed_passcode(account.address, number=2)

    visitor.happened("onSessionCreated")
    visitor.happened("onAuthFlowCompleted")
    assert visitor.me().body["id"] == account.user_id


@OWN_ORIGIN_OR_NOT
def test_log_in_with_a_password(page: Page, site: Site, is_cross_origin: bool) -> None:
    account = sign_up(site, password=PASSWORD)
    visitor = Visitor(page, site, is_cross_origin=is_cross_origin, passkeys="off")
    visitor.log_in_with_password(account.address, "a wrong password")
    visitor.sees_error("Wrong email or password.")
    assert visitor.token == ""
    visitor.enter("Password", PASSWORD)
    visitor.press("Sign in")

    visitor.happened("onSessionCreated")
    visitor.happened("onAuthFlowCompleted")
    assert visitor.me().body["id"] == account.user_id


def test_forgotten_password(page: Page, site: Site) -> None:
    account = sign_up(site, password="an old password")
    visitor = Visitor(page, site, passkeys="off")
    visitor.enter_address(account.address)
    visitor.press("Forgot your password?")
    visitor.enter_mailed_passcode(account.address, number=2)
    visitor.arrives_at("Set new password")
    visitor.enter("New password", PASSWORD)
    visitor.press("Continue")

    visitor.happened("onSessionCreated")
    visitor.happened("onAuthFlowCompleted")
    passwords = {"an old password": 401, PASSWORD: 200}
    for password, status in passwords.items():
        login = {"user_id": account.user_id, "password": password}
        assert site.ask("POST", "/password/login", login).status == status


def test_without_verification_a_sign_up_is_a_log_in(page: Page, site_with: SiteWith, address: str) -> None:
    site = site_with(WITHOUT_VERIFICATION)
    visitor = Visitor(page, site, passkeys="off")
    visitor.enter_address(address)
    visitor.press("Sign up")

    visitor.happened("onAuthFlowCompleted")
    assert visitor.me().status == 200
    assert site.mail_server.mails(address) == []


def test_sign_up_is_disabled(page: Page, site_with: SiteWith, address: str) -> None:
    site = site_with({"account.allow_signup": False})
    visitor = Visitor(page, site)
    visitor.enter_address(address)
    visitor.arrives_at("Account not found")
    visitor.sees(f'No account exists for "{address}".')
    visitor.press("Back")
    visitor.arrives_at("Sign in")

    assert site.ask("POST", "/user", {"email": address}).status == 404


def test_frontend_of_another_site_holds_the_token_itself(
    page: Page, site_with: SiteWith, address: str
) -> None:
    """It gets the session by header, where cookies of third parties do not come."""
    site = site_with({"session.enable_auth_token_header": True, "password.enabled": False})
    visitor = Visitor(page, site, is_cross_origin=True, host="127.0.0.1", passkeys="off")
    visitor.enter_address(address)
    visitor.press("Sign up")
    visitor.enter_mailed_passcode(address)

    visitor.happened("onAuthFlowCompleted")
    assert [cookie["domain"] for cookie in page.context.cookies()] == ["127.0.0.1"]
    assert visitor.me().status == 200
    visitor.open("profile")
    expect(visitor.entry(address)).to_have_count(1)


@OWN_ORIGIN_OR_NOT
def test_passkey_at_sign_up_logs_in(
    page: Page, site_with: SiteWith, authenticator: VirtualAuthenticator, address: str, is_cross_origin: bool
) -> None:
    visitor = Visitor(page, site_with(WITHOUT_PASSWORDS), is_cross_origin=is_cross_origin)
    visitor.enter_address(address)
    visitor.press("Sign up")
    visitor.enter_mailed_passcode(address)
    visitor.arrives_at("Create a passkey")
    visitor.press("Create a passkey")
    visitor.happened("onAuthFlowCompleted")
    user_id = visitor.me().body["id"]
    [credential] = authenticator.credentials
    assert (credential["rpId"], credential["isResidentCredential"]) == ("localhost", True)

    visitor.press("Log out")
    visitor.happened("onUserLoggedOut")
    visitor.press("Sign in with a passkey")
    visitor.happened("onAuthFlowCompleted", times=2)
    assert visitor.me().body["id"] == user_id
    assert authenticator.credentials[0]["signCount"] == credential["signCount"] + 1


def test_passkey_is_asked_for_after_the_address(
    page: Page, site: Site, authenticator: VirtualAuthenticator
) -> None:
    """Whoever turns it down is asked for the password instead."""
    account = sign_up(site, password=PASSWORD)
    visitor = Visitor(page, site)
    visitor.log_in_with_password(account.address, PASSWORD)
    visitor.arrives_at("Create a passkey")
    visitor.press("Create a passkey")
    visitor.happened("onAuthFlowCompleted")
    visitor.press("Log out")
    visitor.enter("Email", account.address)
    visitor.press("Continue")
    visitor.happened("onAuthFlowCompleted", times=2)
    assert visitor.me().body["id"] == account.user_id

    visitor.press("Log out")
    authenticator.forget()
    visitor.enter("Email", account.address)
    visitor.press("Continue")
    visitor.arrives_at("Enter password")
    visitor.enter("Password", PASSWORD)
    visitor.press("Sign in")
    visitor.happened("onAuthFlowCompleted", times=3)
    assert visitor.me().body["id"] == account.user_id


def test_passkey_of_the_autofill_logs_in(page: Page, site: Site, authenticator: VirtualAuthenticator) -> None:
    """Conditional mediation: nobody presses anything."""
    account = sign_up(site)
    visitor = Visitor(page, site, experimental="conditionalMediation")
    visitor.register_passkey(account.token)
    visitor.open()

    visitor.happened("onAuthFlowCompleted")
    assert visitor.me().body["id"] == account.user_id
    assert authenticator.credentials[0]["signCount"] == 2


def test_deleted_passkey_is_refused(page: Page, site: Site, authenticator: VirtualAuthenticator) -> None:
    account = sign_up(site)
    visitor = Visitor(page, site)
    visitor.register_passkey(account.token)
    [passkey] = site.ask("GET", "/webauthn/credentials", token=account.token).body
    gone = site.ask("DELETE", f"/webauthn/credentials/{passkey['id']}", token=account.token)
    assert gone.status == 204
    visitor.open()
    visitor.press("Sign in with a passkey")

    visitor.sees_error("This passkey cannot be used anymore.")
    assert visitor.token == ""
