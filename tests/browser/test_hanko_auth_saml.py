"""``<hanko-auth>``: people of a company come in through its SAML server."""

from dataclasses import replace
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from tests.browser.accounts import new_address
from tests.browser.elements import Visitor
from tests.browser.site import COMPANY, Site
from tests.saml.identity_provider import EMAIL, Answer, IdentityProvider

YES = "Yes, it is me"


@pytest.fixture
def address(company_site: Site, company: IdentityProvider) -> str:
    """The address of somebody whom nobody has seen yet, and who is at the company's server."""
    name = uuid4().hex
    address = f"{name}@{COMPANY}"
    attributes = ((EMAIL, (address,)), ("email_verified", ("true",)))
    certificate = company_site.ask("GET", f"/saml/metadata?domain={COMPANY}&cert_only=true").body.decode()
    company.answer_with = Answer(
        subject=name, audience=company_site.origin, attributes=attributes, encrypt_for=certificate
    )
    return address


def test_sign_up_and_sign_in(page: Page, company_site: Site, address: str) -> None:
    """The assertion is encrypted."""
    visitor = Visitor(page, company_site, passkeys="off")
    visitor.enter_address(address)
    visitor.press(YES)
    visitor.goes_on()
    visitor.happened("onSessionCreated")
    me = visitor.me().body
    [email] = company_site.ask("GET", "/emails", token=visitor.token).body
    assert (email["address"], email["is_verified"]) == (address, True)
    assert page.url == f"{company_site.origin}/frontend/"

    visitor.press("Log out")
    visitor.happened("onUserLoggedOut")
    visitor.enter_address(address)
    visitor.press(YES)
    visitor.goes_on()
    assert visitor.me().body["id"] == me["id"]


def test_an_address_that_the_company_has_not_verified(
    page: Page, company_site: Site, company: IdentityProvider, address: str
) -> None:
    company.answer_with = replace(company.answer_with, attributes=((EMAIL, (address,)),))
    visitor = Visitor(page, company_site, passkeys="off")
    visitor.enter_address(address)
    visitor.press(YES)
    visitor.sees_error(
        "Email verification required. Please verify the used email address with your provider."
    )
    assert visitor.token == ""
    assert company_site.ask("POST", "/user", {"email": address}).status == 404


def test_addresses_elsewhere_log_in_as_usual(page: Page, company_site: Site) -> None:
    visitor = Visitor(page, company_site, passkeys="off")
    address = new_address()
    visitor.enter_address(address)
    visitor.sees(f'No account exists for "{address}". Do you want to create a new account?')
    assert page.url.startswith(f"{company_site.origin}/frontend/")
