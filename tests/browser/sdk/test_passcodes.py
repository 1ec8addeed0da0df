"""``PasscodeClient``, and what it keeps in the browser's storage."""

from playwright.sync_api import Page

from tests.browser.accounts import new_address, sign_up
from tests.browser.sdk.client import OpenSdk
from tests.browser.site import Site

TTL = 300  # seconds
EXPIRED = {"name": "PasscodeExpiredError", "code": "passcodeExpired"}
INVALID = {"name": "InvalidPasscodeError", "code": "invalidPasscode"}
NO_MORE_TRIES = {"name": "MaxNumOfPasscodeAttemptsReachedError", "code": "passcodeAttemptsReached"}


def wrong(code: str) -> str:
    """Another code than *code*."""
    return f"{(int(code) + 1) % 10**6:06}"


def test_verification_of_a_new_user(open_sdk: OpenSdk, site: Site) -> None:
    sdk, address = open_sdk(site), new_address()
    user = sdk.call("user.create", address)

    passcode = sdk.call("passcode.initialize", user["user_id"], user["email_id"])
    sdk.call("passcode.finalize", user["user_id"], site.passcode(address))

    assert passcode.keys() == {"id", "ttl", "created_at"}
    assert passcode["ttl"] == TTL
    assert sdk.call("user.getInfo", address)["verified"] is True
    assert sdk.call("user.getCurrent")["email"] == address


def test_log_in(open_sdk: OpenSdk, site: Site) -> None:
    sdk, account = open_sdk(site), sign_up(site)

    sdk.call("passcode.initialize", account.user_id)
    code = site.passcode(account.address, number=2)
    error = sdk.failure("passcode.finalize", account.user_id, wrong(code))
    sdk.call("passcode.finalize", account.user_id, code)

    assert error == INVALID
    assert sdk.events() == ["onSessionCreated"]
    assert sdk.call("user.getCurrent")["id"] == account.user_id
    # The passcode that was used is forgotten.
    assert sdk.stored()["users"][account.user_id]["passcode"] == {}


def test_passcode_is_remembered(open_sdk: OpenSdk, site: Site) -> None:
    sdk, account = open_sdk(site), sign_up(site)
    passcode = sdk.call("passcode.initialize", account.user_id, account.email_id)
    site.passcode(account.address, number=2)

    sdk.load()
    left = sdk.call("passcode.getTTL", account.user_id)
    same = sdk.call("passcode.initialize", account.user_id, account.email_id)
    other = sdk.call("passcode.initialize", account.user_id, account.email_id, True)  # by force
    sdk.call("passcode.finalize", account.user_id, site.passcode(account.address, number=3))

    assert 0 < left <= TTL
    assert same["id"] == passcode["id"]
    assert other["id"] != passcode["id"]
    assert sdk.call("session.isValid") is True


def test_wrong_codes(open_sdk: OpenSdk, site: Site) -> None:
    sdk, account = open_sdk(site), sign_up(site)
    sdk.call("passcode.initialize", account.user_id)
    code = site.passcode(account.address, number=2)

    errors = [sdk.failure("passcode.finalize", account.user_id, wrong(code)) for _ in range(3)]

    assert errors == [INVALID, INVALID, NO_MORE_TRIES]
    # Now there is none, not even for the right code.
    assert sdk.failure("passcode.finalize", account.user_id, code) == EXPIRED
    assert sdk.events() == []


def test_code_that_comes_too_late(open_sdk: OpenSdk, site: Site, page: Page) -> None:
    page.clock.install()
    sdk, account = open_sdk(site), sign_up(site)
    sdk.call("passcode.initialize", account.user_id)
    code = site.passcode(account.address, number=2)

    page.clock.fast_forward(TTL * 1000)

    assert sdk.failure("passcode.finalize", account.user_id, code) == EXPIRED


def test_passcodes_asked_for_too_often(open_sdk: OpenSdk, tight_site: Site) -> None:
    sdk, account = open_sdk(tight_site), sign_up(tight_site)
    assert sdk.call("passcode.getResendAfter", account.user_id) <= 0
    for _ in range(3):
        sdk.call("passcode.initialize", account.user_id, account.email_id, True)

    error = sdk.failure("passcode.initialize", account.user_id, account.email_id, True)

    assert 0 < error.pop("retryAfter") <= 600
    assert error == {"name": "TooManyRequestsError", "code": "tooManyRequests"}
    # A frontend that is loaded again still knows how long to wait, and does not ask.
    sdk.load()
    assert 0 < sdk.call("passcode.getResendAfter", account.user_id) <= 600
    sdk.page.context.set_offline(True)
    assert sdk.failure("passcode.initialize", account.user_id)["name"] == "TooManyRequestsError"
