"""``<hanko-auth>``: people come in with an account that they have elsewhere."""

import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accounts import new_address, sign_up
from tests.browser.elements import Visitor
from tests.browser.site import Site
from tests.peers.played_hosts import NAMES, REGISTRATIONS, Person, PlayedHosts

NO = "Cancel"
ACCESS_DENIED = (
    "Access denied. The request was cancelled by the user or the provider has denied access "
    "for other reasons."
)


@pytest.fixture
def site(site_with: Callable[..., Site]) -> Site:
    return site_with(REGISTRATIONS)


@pytest.fixture
def person(played_hosts: PlayedHosts) -> Person:
    """Somebody whom nobody has seen yet: who comes to the provider's page."""
    played_hosts.person = Person(str(secrets.randbelow(10**9)), new_address())
    return played_hosts.person


@pytest.fixture
def visitor(page: Page, site: Site, person: Person) -> Visitor:
    return Visitor(page, site, passkeys="off")


@pytest.mark.parametrize("provider", NAMES)
def test_sign_up_and_sign_in(visitor: Visitor, person: Person, provider: str) -> None:
    visitor.come_from(provider)
    visitor.goes_on()
    visitor.happened("onSessionCreated")
    me = visitor.me().body
    [email] = visitor.site.ask("GET", "/emails", token=visitor.token).body
    assert (email["address"], email["is_verified"]) == (person.email, True)
    assert (
        visitor.page.url == f"{visitor.site.origin}/frontend/"
    )  # the one-time token is gone from the address

    visitor.press("Log out")
    visitor.happened("onUserLoggedOut")
    visitor.come_from(provider)
    visitor.goes_on()
    assert visitor.me().body["id"] == me["id"]


def test_another_origin(page: Page, site: Site, person: Person) -> None:
    visitor = Visitor(page, site, is_cross_origin=True, passkeys="off")
    visitor.come_from("Google")
    visitor.goes_on()
    assert page.url == f"{site.other_origin}/frontend/"
    [email] = site.ask("GET", "/emails", token=visitor.token).body
    assert email["address"] == person.email


def test_an_account_at_the_same_address_is_linked(
    page: Page, site: Site, played_hosts: PlayedHosts, visitor: Visitor
) -> None:
    account = sign_up(site)
    played_hosts.person = Person(str(secrets.randbelow(10**9)), account.address)
    visitor.come_from("GitHub")
    visitor.goes_on()
    assert visitor.me().body["id"] == account.user_id
    visitor.open("profile")
    visitor.unfold(account.address)
    expect(page.locator("p").filter(has_text="Connected accounts").last).to_contain_text("GitHub")


# Apple's word for it, user_cancelled_authorize, is passed on as it is, and the elements do not know it.
@pytest.mark.parametrize(
    ("provider", "text"),
    [("Google", ACCESS_DENIED), ("Apple", "A technical error has occurred. Please try again later.")],
)
def test_who_changes_their_mind(visitor: Visitor, provider: str, text: str) -> None:
    visitor.come_from(provider, answer=NO)
    visitor.sees_error(text)
    assert visitor.token == ""
    visitor.press("Continue")
    visitor.arrives_at("Sign in or sign up")


def test_an_address_that_the_provider_has_not_verified(
    visitor: Visitor, person: Person, played_hosts: PlayedHosts
) -> None:
    played_hosts.person = Person(person.subject, person.email, is_verified=False)
    visitor.come_from("Google")
    visitor.sees_error(
        "Email verification required. Please verify the used email address with your provider."
    )
    assert visitor.token == ""
    assert visitor.site.ask("POST", "/user", {"email": person.email}).status == 404


def test_sign_up_is_disabled(page: Page, site_with: Callable[..., Site], person: Person) -> None:
    site = site_with({**REGISTRATIONS, "account.allow_signup": False})
    visitor = Visitor(page, site, passkeys="off")
    visitor.come_from("GitHub")
    visitor.sees_error("Account registration is disabled.")
    assert site.ask("POST", "/user", {"email": person.email}).status == 404
