"""``<hanko-profile>``: people change what is known of them, and go."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accounts import PASSWORD, Account, new_address, sign_up
from tests.browser.authenticator import VirtualAuthenticator
from tests.browser.elements import Visitor
from tests.browser.site import RESTRICTED, WITHOUT_PASSWORDS, WITHOUT_VERIFICATION, Site

SiteWith = Callable[..., Site]


@pytest.fixture
def account(site: Site) -> Account:
    return sign_up(site, password=PASSWORD)


@pytest.fixture
def visitor(page: Page, site: Site, account: Account) -> Visitor:
    """Somebody with a session, in front of the profile."""
    return in_front_of_the_profile(page, site, account)


def in_front_of_the_profile(page: Page, site: Site, account: Account, **options: Any) -> Visitor:
    Visitor(page, site, **options, passkeys="off").log_in(account.address, PASSWORD)
    visitor = Visitor(page, site, **options)
    visitor.open("profile")
    visitor.arrives_at("Emails")
    return visitor


def emails(site: Site, account: Account) -> dict[str, tuple[bool, bool]]:
    """The addresses that the server knows: whether each is verified, and the primary one."""
    answer = site.ask("GET", "/emails", token=account.token)
    return {each["address"]: (each["is_verified"], each["is_primary"]) for each in answer.body}


def passkeys(site: Site, account: Account) -> list[str]:
    """The names of the passkeys that the server knows."""
    return [each["name"] for each in site.ask("GET", "/webauthn/credentials", token=account.token).body]


@pytest.mark.parametrize("is_cross_origin", [False, True], ids=["same origin", "another origin"])
def test_addresses(page: Page, site: Site, account: Account, is_cross_origin: bool) -> None:
    first, second = account.address, new_address()
    visitor = in_front_of_the_profile(page, site, account, is_cross_origin=is_cross_origin)
    expect(visitor.entry(f"{first} - primary")).to_have_count(1)

    visitor.unfold("Add email")
    visitor.enter("New email address", second)
    visitor.press_in_form("New email address", "Continue")
    visitor.enter_mailed_passcode(second)
    expect(visitor.entry(second)).to_have_count(1)
    assert emails(site, account) == {first: (True, True), second: (True, False)}

    visitor.unfold(second)
    visitor.press("Set as primary")
    expect(visitor.entry(f"{second} - primary")).to_have_count(1)
    assert emails(site, account) == {first: (True, False), second: (True, True)}

    visitor.unfold(first)
    visitor.confirm("Delete")
    expect(visitor.entry(first)).to_have_count(0)
    assert emails(site, account) == {second: (True, True)}


def test_address_is_verified_later(page: Page, site_with: SiteWith) -> None:
    site, first, second = site_with(WITHOUT_VERIFICATION), new_address(), new_address()
    visitor = Visitor(page, site, passkeys="off")
    visitor.enter_address(first)
    visitor.press("Sign up")
    visitor.happened("onAuthFlowCompleted")
    visitor.open("profile")
    visitor.unfold("Add email")
    visitor.enter("New email address", second)
    visitor.press_in_form("New email address", "Save")
    visitor.unfold(f"{second} - unverified")
    visitor.press_in_entry(second, "Verify")
    visitor.enter_mailed_passcode(second)

    visitor.arrives_at("Emails")
    expect(visitor.entry(f"{second} - unverified")).to_have_count(0)
    answer = site.ask("GET", "/emails", token=visitor.token)
    assert {each["address"]: each["is_verified"] for each in answer.body} == {first: False, second: True}


def test_address_of_somebody_else(visitor: Visitor, site: Site, account: Account) -> None:
    taken = sign_up(site).address
    visitor.unfold("Add email")
    visitor.enter("New email address", taken)
    visitor.press_in_form("New email address", "Continue")

    visitor.sees_error("The email address already exists.")
    assert emails(site, account) == {account.address: (True, True)}


def test_password(visitor: Visitor, site: Site, account: Account) -> None:
    visitor.unfold("Change password")
    visitor.enter("New password", "another battery")
    visitor.press_in_form("New password", "Save")

    expect(visitor.page.get_by_label("New password")).to_have_value("")
    for password, status in {PASSWORD: 401, "another battery": 200}.items():
        login = {"user_id": account.user_id, "password": password}
        assert site.ask("POST", "/password/login", login).status == status


def test_passkeys(
    visitor: Visitor, site: Site, account: Account, authenticator: VirtualAuthenticator
) -> None:
    visitor.unfold("Create a passkey")
    visitor.press("Create a passkey")
    passkey = visitor.entry("Passkey-")
    expect(passkey).to_have_count(1)
    assert len(authenticator.credentials) == 1

    visitor.unfold("Passkey-")
    visitor.press("Rename")
    visitor.arrives_at("Rename passkey")
    visitor.enter("New passkey name", "The blue key")
    visitor.press("Save")
    expect(visitor.entry("The blue key")).to_have_count(1)
    assert passkeys(site, account) == ["The blue key"]

    visitor.unfold("The blue key")
    visitor.confirm("Delete")
    expect(visitor.entry("The blue key")).to_have_count(0)
    assert passkeys(site, account) == []


def test_passwords_are_disabled(page: Page, site_with: SiteWith) -> None:
    site = site_with(WITHOUT_PASSWORDS)
    account = sign_up(site)
    visitor = Visitor(page, site, passkeys="off")
    visitor.enter_address(account.address)
    visitor.enter_mailed_passcode(account.address, number=2)
    visitor.happened("onAuthFlowCompleted")
    visitor.open("profile")

    visitor.arrives_at("Emails")
    expect(visitor.entry(account.address)).to_have_count(1)
    expect(visitor.entry("Change password")).to_have_count(0)


def test_log_out(visitor: Visitor, site: Site, context: BrowserContext) -> None:
    other = Visitor(context.new_page(), site)
    other.open("profile")
    other.arrives_at("Emails")
    token = visitor.token
    visitor.press("Log out")

    visitor.happened("onUserLoggedOut")
    other.happened("onSessionExpired")  # the other tab is told at once
    assert visitor.token == ""
    assert site.ask("GET", "/me", token=token).status == 401
    other.open("profile")
    other.sees_error("Your session has expired. Please log in again.")


def test_session_that_the_server_ended(visitor: Visitor, site: Site) -> None:
    assert site.ask("POST", "/logout", token=visitor.token).status == 204
    visitor.unfold("Add email")
    visitor.enter("New email address", new_address())
    visitor.press_in_form("New email address", "Continue")

    visitor.sees_error("Your session has expired. Please log in again.")
    visitor.happened("onSessionExpired")


def test_session_that_grew_old(page: Page, site: Site, account: Account) -> None:
    """The element counts the seconds that the log-in announced; here the browser's clock runs ahead."""
    page.clock.install()
    Visitor(page, site, passkeys="off").log_in(account.address, PASSWORD)
    visitor = Visitor(page, site)
    visitor.open("profile")
    visitor.arrives_at("Emails")
    page.clock.fast_forward("11:50:00")
    expect(visitor.told("onSessionExpired")).to_have_count(0)
    page.clock.fast_forward("00:10:00")

    visitor.happened("onSessionExpired")


def test_account_is_deleted(visitor: Visitor, site: Site, account: Account) -> None:
    visitor.press("Delete account")
    visitor.arrives_at("Delete account")
    visitor.page.get_by_label("Yes, delete this account.").check()
    visitor.press("Delete")

    visitor.happened("onUserDeleted")
    assert visitor.token == ""
    assert site.ask("GET", "/me", token=account.token).status == 401
    assert site.ask("POST", "/user", {"email": account.address}).status == 404


def test_what_a_site_forbids_is_not_offered(page: Page, site_with: SiteWith) -> None:
    site = site_with(RESTRICTED)
    visitor = in_front_of_the_profile(page, site, sign_up(site, password=PASSWORD))

    expect(visitor.entry("- primary")).to_have_count(1)
    expect(visitor.entry("Change password")).to_have_count(1)
    expect(visitor.entry("Add email")).to_have_count(0)
    expect(page.get_by_role("button", name="Delete account")).to_have_count(0)
