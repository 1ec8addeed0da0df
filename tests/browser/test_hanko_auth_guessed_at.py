"""``<hanko-auth>`` while strangers guess at the account: who is let in, and what the others see."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.accounts import PASSWORD, Account, sign_up
from tests.browser.elements import Visitor
from tests.browser.site import GUESSED_AT, Site

SiteWith = Callable[..., Site]
TOO_MANY = "Too many requests have been made. Please wait to repeat the requested operation."


@pytest.fixture
def site(site_with: SiteWith) -> Site:
    return site_with(GUESSED_AT)


@pytest.fixture
def account(site: Site) -> Account:
    return sign_up(site, password=PASSWORD)


def guess(site: Site, account: Account) -> None:
    """Use up what strangers may guess at the account, from the same address as everybody else here."""
    body = {"user_id": account.user_id, "password": "a wrong password"}
    statuses = [site.ask("POST", "/password/login", body).status for _ in range(4)]
    assert statuses == [401, 401, 401, 429]


def forget_session(page: Page) -> None:
    """What closing the browser for some days comes to."""
    page.context.clear_cookies(name="hanko")


@pytest.mark.parametrize("is_cross_origin", [False, True], ids=["same origin", "cross origin"])
def test_a_known_browser_is_let_in(page: Page, site: Site, account: Account, is_cross_origin: bool) -> None:
    visitor = Visitor(page, site, is_cross_origin=is_cross_origin, passkeys="off")
    visitor.log_in(account.address, PASSWORD)
    forget_session(page)
    assert visitor.token == ""
    guess(site, account)

    visitor.log_in(account.address, PASSWORD)
    assert visitor.me().body["id"] == account.user_id


def test_a_known_browser_logs_in_with_a_passcode(page: Page, site: Site, account: Account) -> None:
    visitor = Visitor(page, site, passkeys="off")
    visitor.log_in(account.address, PASSWORD)
    forget_session(page)
    guess(site, account)

    visitor.enter_address(account.address)
    visitor.press("Forgot your password?")
    visitor.enter_mailed_passcode(account.address, number=3)
    expect(page.get_by_label("New password")).to_be_visible()
    assert visitor.me().body["id"] == account.user_id


def test_an_unknown_browser_is_told_to_wait(page: Page, site: Site, account: Account) -> None:
    guess(site, account)
    visitor = Visitor(page, site, passkeys="off")
    visitor.log_in_with_password(account.address, PASSWORD)
    visitor.sees_error(TOO_MANY)

    retry = page.get_by_role("button", name="Retry in")
    expect(retry).to_be_disabled()
    assert 0 < int((retry.text_content() or "").removeprefix("Retry in ")) <= 60
    assert visitor.token == ""


def test_the_mailed_link_lets_a_browser_in(
    context: BrowserContext, page: Page, site: Site, account: Account
) -> None:
    page.clock.install()
    guess(site, account)
    visitor = Visitor(page, site, passkeys="off")
    visitor.log_in_with_password(account.address, PASSWORD)
    visitor.sees_error(TOO_MANY)

    mail = site.mail_server.wait_for_mail(account.address, number=2).message
    (link,) = re.findall(rf"{site.origin}/device-cookie\?token=\S+", mail.get_body(("plain",)).get_content())
    tab, complaints = context.new_page(), []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.goto(link)
    tab.get_by_role("button", name="Let this browser in").press("Enter")
    expect(tab.get_by_text("Done. Go back and log in with this browser.")).to_be_visible()
    tab.close()
    page.clock.fast_forward(61_000)  # the element counts down a minute at most, and remembers it

    visitor.log_in(account.address, PASSWORD)
    assert visitor.me().body["id"] == account.user_id
    assert complaints == []
