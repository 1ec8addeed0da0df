"""``<hanko-auth>``: who is not let in, and what the element says then."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accounts import PASSWORD, Account, sign_up
from tests.browser.elements import Visitor
from tests.browser.site import RESTRICTED, WITHOUT_PASSWORDS, Site

SiteWith = Callable[..., Site]


@pytest.fixture
def account(site_with: SiteWith) -> Account:
    return sign_up(site_with(WITHOUT_PASSWORDS))


@pytest.fixture
def visitor(page: Page, site_with: SiteWith, account: Account) -> Visitor:
    """Somebody who is asked for the passcode in the second mail to the account."""
    visitor = Visitor(page, site_with(WITHOUT_PASSWORDS), passkeys="off")
    visitor.enter_address(account.address)
    visitor.arrives_at("Enter passcode")
    return visitor


def wrong(code: str) -> str:
    """A code that is not *code*."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_wrong_passcode(visitor: Visitor, site_with: SiteWith, account: Account) -> None:
    code = visitor.site.passcode(account.address, number=2)
    visitor.enter_passcode(wrong(code))
    visitor.sees_error("The passcode provided was not correct.")
    assert visitor.token == ""
    visitor.enter_passcode(code)

    visitor.happened("onAuthFlowCompleted")
    assert visitor.me().body["id"] == account.user_id


def test_third_wrong_passcode_ends_the_code(visitor: Visitor, account: Account) -> None:
    code = visitor.site.passcode(account.address, number=2)
    for _ in range(2):
        visitor.enter_passcode(wrong(code))
        visitor.sees_error("The passcode provided was not correct.")
        expect(visitor.page.get_by_label("passcode-digit-1")).to_have_value("")
    visitor.enter_passcode(wrong(code))
    visitor.sees_error("The passcode was entered incorrectly too many times. Please request a new code.")
    expect(visitor.page.get_by_label("passcode-digit-1")).to_be_disabled()
    assert visitor.token == ""

    visitor.press("Send new code")
    visitor.enter_passcode(visitor.site.passcode(account.address, number=3))
    visitor.happened("onAuthFlowCompleted")
    assert visitor.me().body["id"] == account.user_id


def test_passcodes_of_an_address_are_limited(page: Page, site_with: SiteWith) -> None:
    account = sign_up(site_with(RESTRICTED), password=PASSWORD)
    visitor = Visitor(page, site_with(RESTRICTED), passkeys="off")
    visitor.enter_address(account.address)
    visitor.press("Forgot your password?")
    visitor.sees_error("Too many requests have been made. Please wait to repeat the requested operation.")

    resend = page.get_by_role("button", name="Request a new code in")
    expect(resend).to_be_disabled()
    seconds = int((resend.text_content() or "").removeprefix("Request a new code in "))
    assert 0 < seconds <= 3600
    assert len(visitor.site.mail_server.mails(account.address)) == 1


def test_tries_of_a_password_are_limited(page: Page, site_with: SiteWith) -> None:
    account = sign_up(site_with(RESTRICTED), password=PASSWORD)
    visitor = Visitor(page, site_with(RESTRICTED), passkeys="off")
    visitor.log_in_with_password(account.address, "a wrong password")
    visitor.sees_error("Wrong email or password.")
    visitor.enter("Password", PASSWORD)
    visitor.press("Sign in")
    visitor.sees_error("Too many requests have been made. Please wait to repeat the requested operation.")

    expect(page.get_by_role("button", name="Retry in")).to_be_disabled()
    assert visitor.token == ""
