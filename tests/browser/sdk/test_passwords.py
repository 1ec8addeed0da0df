"""``PasswordClient``."""

from tests.browser.accounts import PASSWORD, sign_up
from tests.browser.sdk.client import OpenSdk
from tests.browser.site import Site

INVALID = {"name": "InvalidPasswordError", "code": "invalidPassword"}


def test_set_change_and_log_in(open_sdk: OpenSdk, site: Site) -> None:
    account = sign_up(site)
    sdk = open_sdk(site, account)

    sdk.call("password.update", account.user_id, "the first one")
    sdk.call("password.update", account.user_id, PASSWORD)
    sdk.call("user.logout")
    error = sdk.failure("password.login", account.user_id, "the first one")
    sdk.call("password.login", account.user_id, PASSWORD)

    assert error == INVALID
    assert sdk.events() == ["onUserLoggedOut", "onSessionCreated"]
    assert sdk.call("user.getCurrent")["id"] == account.user_id


def test_guesses(open_sdk: OpenSdk, tight_site: Site) -> None:
    sdk, account = open_sdk(tight_site), sign_up(tight_site)
    assert sdk.call("password.getRetryAfter", account.user_id) <= 0

    errors = [sdk.failure("password.login", account.user_id, PASSWORD) for _ in range(3)]

    assert errors[:2] == [INVALID, INVALID]
    assert 0 < errors[2].pop("retryAfter") <= 600
    assert errors[2] == {"name": "TooManyRequestsError", "code": "tooManyRequests"}
    # A frontend that is loaded again still knows how long to wait.
    sdk.load()
    assert 0 < sdk.call("password.getRetryAfter", account.user_id) <= 600
