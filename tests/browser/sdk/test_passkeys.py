"""``WebauthnClient`` and ``WebauthnSupport``, with an authenticator that the browser takes for a real one."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.accounts import sign_up
from tests.browser.authenticator import VirtualAuthenticator
from tests.browser.sdk.client import TECHNICAL, OpenSdk, Sdk
from tests.browser.site import Site

SKIP_USER_VERIFICATION = """
    const create = navigator.credentials.create.bind(navigator.credentials);
    navigator.credentials.create = (options) => {
      options.publicKey.authenticatorSelection.userVerification = "discouraged";
      return create(options);
    };
"""


@pytest.fixture
def sdk(open_sdk: OpenSdk, site: Site, authenticator: VirtualAuthenticator) -> Sdk:
    """A window of a user without a passkey."""
    return open_sdk(site, sign_up(site))


def cancelled(cause: str) -> dict[str, str]:
    return {"name": "WebauthnRequestCancelledError", "code": "requestCancelled", "cause": cause}


def test_registration(sdk: Sdk) -> None:
    sdk.call("webauthn.register")

    [passkey] = sdk.call("webauthn.listCredentials")
    user = sdk.call("user.getCurrent")
    assert passkey["transports"] == ["internal"]
    assert "name" not in passkey
    assert [stored["id"] for stored in user["webauthn_credentials"]] == [passkey["id"]]
    assert sdk.call("user.getInfo", user["email"])["has_webauthn_credential"] is True
    assert sdk.stored()["users"][user["id"]]["webauthn"] == {"credentials": [passkey["id"]]}


def test_log_in(sdk: Sdk) -> None:
    user_id = sdk.call("user.getCurrent")["id"]
    sdk.call("webauthn.register")
    [passkey] = sdk.call("webauthn.listCredentials")

    for named in (user_id, None):
        for is_conditional in (False, True):
            sdk.call("user.logout")
            sdk.load()
            answer = sdk.call("webauthn.login", named, is_conditional)

            assert answer == {"credential_id": passkey["id"], "user_id": user_id}
            assert "onSessionCreated" in sdk.events()
            assert sdk.call("user.getCurrent")["id"] == user_id


def test_name_and_deletion(sdk: Sdk) -> None:
    sdk.call("webauthn.register")
    [passkey] = sdk.call("webauthn.listCredentials")

    sdk.call("webauthn.updateCredential", passkey["id"], "Laptop")
    assert sdk.call("webauthn.listCredentials") == [{**passkey, "name": "Laptop"}]

    sdk.call("webauthn.deleteCredential", passkey["id"])
    assert sdk.call("webauthn.listCredentials") == []

    # The authenticator has it still.
    error = sdk.failure("webauthn.login")
    assert error == {"name": "InvalidWebauthnCredentialError", "code": "invalidWebauthnCredential"}


def test_whether_to_register(sdk: Sdk, page: Page) -> None:
    before = sdk.call("webauthn.shouldRegister", sdk.call("user.getCurrent"))
    sdk.call("webauthn.register")
    user = sdk.call("user.getCurrent")
    after = sdk.call("webauthn.shouldRegister", user)
    page.evaluate("localStorage.clear()")
    in_another_browser = sdk.call("webauthn.shouldRegister", user)

    assert (before, after, in_another_browser) == (True, False, True)
    assert sdk.call("WebauthnSupport.supported") is True
    assert sdk.call("WebauthnSupport.isPlatformAuthenticatorAvailable") is True
    assert sdk.call("WebauthnSupport.isSecurityKeySupported") is True
    assert sdk.call("WebauthnSupport.isConditionalMediationAvailable") is True


def test_refusals(open_sdk: OpenSdk, tight_site: Site, authenticator: VirtualAuthenticator) -> None:
    sdk = open_sdk(tight_site, sign_up(tight_site))
    sdk.call("webauthn.register")

    one_too_many = sdk.failure("webauthn.register")
    authenticator.verify_users(is_verified=False)
    somebody_else = sdk.failure("webauthn.login")

    assert one_too_many == TECHNICAL
    assert somebody_else == cancelled("NotAllowedError")


def test_browser_that_skips_user_verification(
    open_sdk: OpenSdk, tight_site: Site, context: BrowserContext, page: Page
) -> None:
    VirtualAuthenticator(context, page, hasUserVerification=False, isUserVerified=False)
    page.add_init_script(SKIP_USER_VERIFICATION)

    error = open_sdk(tight_site, sign_up(tight_site)).failure("webauthn.register")

    assert error == {"name": "UserVerificationError", "code": "userVerification"}


def test_one_request_at_a_time(sdk: Sdk, page: Page, authenticator: VirtualAuthenticator) -> None:
    sdk.call("webauthn.register")
    sdk.load()
    authenticator.answer(by_itself=False)
    page.evaluate("void (window.first = harness.call('webauthn.login', []))")
    page.wait_for_function("harness.hanko.webauthn.controller")

    page.evaluate("void harness.call('webauthn.login', [])")

    assert page.evaluate("window.first") == {"error": cancelled("AbortError")}
