"""``Session``, the listeners, and how a session comes: in a cookie or in a header, by each way to log in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.accounts import PASSWORD, Account, new_address, sign_up
from tests.browser.authenticator import VirtualAuthenticator
from tests.browser.sdk.client import UNAUTHORIZED, OpenSdk, Sdk
from tests.browser.site import Site

LIFETIME = 12 * 60 * 60  # seconds


def by_passcode(sdk: Sdk, site: Site, account: Account) -> None:
    before = len(site.mail_server.mails(account.address))
    sdk.call("passcode.initialize", account.user_id)
    sdk.call("passcode.finalize", account.user_id, site.passcode(account.address, number=before + 1))


def by_password(sdk: Sdk, site: Site, account: Account) -> None:
    sdk.call("password.login", account.user_id, PASSWORD)


def by_passkey(sdk: Sdk, site: Site, account: Account) -> None:
    sdk.call("webauthn.login", account.user_id)


def check_session(sdk: Sdk, account: Account, *, is_readable: bool) -> None:
    """Check what the SDK knows after a log-in; the token *is_readable* where a header brought it."""
    session, [cookie] = sdk.call("session.get"), sdk.page.context.cookies()
    token = cookie["value"] if is_readable else None
    detail = {"userID": account.user_id, "expirationSeconds": LIFETIME, "jwt": token or ""}
    assert ("onSessionCreated", detail) in sdk.heard()
    assert (session["userID"], session.get("jwt")) == (account.user_id, token)
    assert 0 < session["expirationSeconds"] <= LIFETIME
    assert sdk.call("session.isValid") is True
    assert (cookie["name"], cookie["httpOnly"]) == ("hanko", not is_readable)
    assert sdk.call("user.getCurrent")["id"] == account.user_id


@pytest.mark.parametrize("in_header", [False, True], ids=["cookie", "header"])
def test_log_in_and_out(
    in_header: bool, request: pytest.FixtureRequest, open_sdk: OpenSdk, authenticator: VirtualAuthenticator
) -> None:
    site: Site = request.getfixturevalue("header_site" if in_header else "site")
    account = sign_up(site, password=PASSWORD)
    sdk = open_sdk(site, account)
    sdk.call("webauthn.register")
    sdk.call("user.logout")

    # The passcode last: where it is the first proof of the address, password and passkey are gone after it.
    ways: list[Callable[[Sdk, Site, Account], None]] = [by_password, by_passkey, by_passcode]
    for log_in in ways:
        sdk.load()
        log_in(sdk, site, account)
        check_session(sdk, account, is_readable=in_header)

        sdk.load()
        assert sdk.call("session.get")["userID"] == account.user_id

        sdk.call("user.logout")
        assert sdk.call("session.get") is None
        assert sdk.page.context.cookies() == []


def test_names_of_cookie_and_storage(open_sdk: OpenSdk, header_site: Site) -> None:
    sdk = open_sdk(header_site, cookieName="sid", cookieSameSite="strict", localStorageKey="shop")

    user_id = sdk.call("user.create", new_address())["user_id"]

    [cookie] = sdk.page.context.cookies()
    assert (cookie["name"], cookie["sameSite"]) == ("sid", "Strict")
    assert sdk.stored("shop_session")["session"]["userID"] == user_id
    assert sdk.call("user.getCurrent")["id"] == user_id


def test_expiry(open_sdk: OpenSdk, header_site: Site, page: Page) -> None:
    page.clock.install()
    sdk = open_sdk(header_site)
    sdk.call("user.create", new_address())
    sdk.load()

    page.clock.fast_forward(LIFETIME * 1000)

    sdk.wait_for_event("onSessionExpired")
    assert sdk.call("session.isValid") is False
    assert sdk.call("session.get") is None


def test_session_that_was_ended_elsewhere(open_sdk: OpenSdk, site: Site) -> None:
    account = sign_up(site, password=PASSWORD)
    sdk = open_sdk(site)
    sdk.call("password.login", account.user_id, PASSWORD)

    changed = {"user_id": account.user_id, "password": "another one"}
    assert site.ask("PUT", "/password", changed, token=account.token).status == 200

    assert sdk.failure("user.getCurrent") == UNAUTHORIZED
    assert sdk.events() == ["onSessionCreated", "onSessionExpired"]


def test_two_windows(open_sdk: OpenSdk, header_site: Site, context: BrowserContext) -> None:
    sdk = open_sdk(header_site)
    other = open_sdk(header_site, page=context.new_page())

    user_id = sdk.call("user.create", new_address())["user_id"]
    created = other.wait_for_event("onSessionCreated")
    sdk.call("relay.dispatchAuthFlowCompletedEvent", {"userID": user_id})
    completed = other.wait_for_event("onAuthFlowCompleted")
    is_completed = other.call("session.isAuthFlowCompleted")
    sdk.call("user.logout")
    other.wait_for_event("onSessionExpired")

    assert created["userID"] == completed["userID"] == user_id
    assert is_completed is True
    assert sdk.events() == ["onSessionCreated", "onAuthFlowCompleted", "onUserLoggedOut"]
    assert other.events() == ["onSessionCreated", "onAuthFlowCompleted", "onSessionExpired"]


def test_events_of_a_frontend(open_sdk: OpenSdk, site: Site) -> None:
    sdk, detail = open_sdk(site), {"userID": "somebody", "expirationSeconds": 60}

    sdk.call("relay.dispatchSessionCreatedEvent", detail)
    sdk.call("relay.dispatchSessionExpiredEvent")
    sdk.call("relay.dispatchUserLoggedOutEvent")
    sdk.call("relay.dispatchUserDeletedEvent")

    assert sdk.heard() == [
        ("onSessionCreated", detail),
        ("onSessionExpired", None),
        ("onUserLoggedOut", None),
        ("onUserDeleted", None),
    ]
