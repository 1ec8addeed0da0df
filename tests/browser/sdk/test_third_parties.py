"""Log-in with other providers."""

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.browser.accounts import new_address
from tests.browser.elements import press
from tests.browser.sdk.client import OpenSdk, Sdk
from tests.browser.site import COMPANY, Site
from tests.peers.played_hosts import REGISTRATIONS, Person, PlayedHosts
from tests.saml.identity_provider import EMAIL, Answer, IdentityProvider

NOT_ASKED_RIGHT = {"name": "ThirdPartyError", "code": "somethingWentWrong", "cause": "Error"}


@pytest.fixture
def site(site_with: Callable[..., Site], played_hosts: PlayedHosts) -> Site:
    played_hosts.person = Person(str(secrets.randbelow(10**9)), new_address())
    return site_with(REGISTRATIONS)


def told(sdk: Sdk, method: str) -> Any:
    """The code of the error that a ``getError`` finds in the address."""
    script = "([client, method]) => harness.hanko[client][method]()?.code"
    return sdk.page.evaluate(script, method.split("."))


def test_log_in(open_sdk: OpenSdk, site: Site, played_hosts: PlayedHosts) -> None:
    sdk = open_sdk(site)
    assert sdk.call("config.get")["providers"] == ["Apple", "GitHub", "Google"]
    sdk.leave("thirdParty.auth", "Google", sdk.url)
    press(sdk.page.get_by_role("button", name="Yes, it is me"))
    sdk.come_back()
    assert sdk.call("token.validate") is None
    session = sdk.wait_for_event("onSessionCreated")
    me = sdk.call("user.getCurrent")
    assert me["id"] == session["userID"]
    [email] = sdk.call("email.list")
    assert (email["address"], email["is_verified"]) == (played_hosts.person.email, True)


def test_log_in_by_saml(open_sdk: OpenSdk, company_site: Site, company: IdentityProvider) -> None:
    name = secrets.token_hex(8)
    address = f"{name}@{COMPANY}"
    attributes = ((EMAIL, (address,)), ("email_verified", ("true",)))
    company.answer_with = Answer(subject=name, audience=company_site.origin, attributes=attributes)
    sdk = open_sdk(company_site)
    assert sdk.call("config.get")["use_enterprise"] is True
    assert sdk.call("enterprise.getDomain", address) == COMPANY
    assert sdk.call("enterprise.hasProvider", address) is True
    assert sdk.failure("enterprise.hasProvider", new_address())["name"] == "NotFoundError"
    sdk.leave("enterprise.auth", address, sdk.url)
    press(sdk.page.get_by_role("button", name="Yes, it is me"))
    sdk.come_back()
    assert sdk.call("token.validate") is None
    assert sdk.call("email.list")[0]["address"] == address


def test_a_token_that_is_worth_nothing(open_sdk: OpenSdk, site: Site) -> None:
    sdk = open_sdk(site)
    sdk.page.goto(f"{sdk.url}&hanko_token=nonsense")
    sdk.come_back()
    assert sdk.failure("token.validate")["name"] == "TechnicalError"
    assert sdk.events() == []


@pytest.mark.parametrize(
    ("method", "error", "code"),
    [
        ("thirdParty.getError", "", None),
        ("thirdParty.getError", "access_denied", "thirdPartyAccessDenied"),
        ("thirdParty.getError", "user_conflict", "emailAddressAlreadyExistsError"),
        ("thirdParty.getError", "unverified_email", "thirdPartyUnverifiedEmail"),
        ("thirdParty.getError", "email_maxnum", "maxNumOfEmailAddressesReached"),
        ("thirdParty.getError", "signup_disabled", "signupDisabled"),
        ("thirdParty.getError", "invalid_request", "somethingWentWrong"),
        ("enterprise.getError", "", None),
        ("enterprise.getError", "access_denied", "enterpriseAccessDenied"),
        ("enterprise.getError", "unverified_email", "enterpriseUnverifiedEmail"),
    ],
)
def test_errors_in_the_address(
    open_sdk: OpenSdk, site: Site, method: str, error: str, code: str | None
) -> None:
    """What the SDK makes of the codes that we send."""
    sdk = open_sdk(site)
    sdk.page.goto(f"{sdk.url}&{urlencode({'error': error})}")
    sdk.come_back()
    assert told(sdk, method) == code


def test_calls_that_lack_something(open_sdk: OpenSdk, site: Site) -> None:
    sdk = open_sdk(site)
    assert sdk.failure("thirdParty.auth", "", sdk.url) == NOT_ASKED_RIGHT
    assert sdk.failure("thirdParty.auth", "Google", "") == NOT_ASKED_RIGHT
