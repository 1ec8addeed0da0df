"""Calls without a session, calls that are refused or switched off, and a server out of reach."""

import socket
from typing import Any

from tests.browser.accounts import PASSWORD, sign_up
from tests.browser.sdk.client import TECHNICAL, UNAUTHORIZED, OpenSdk, Sdk
from tests.browser.site import Site
from tests.servers.process import free_port

NOBODY = "4b9b1c3e-3f0d-4a5b-9d9e-0d6a0e0f1a2b"
Calls = list[tuple[str, list[Any]]]


def failures(sdk: Sdk, calls: Calls) -> dict[str, Any]:
    """What the calls throw."""
    return {method: sdk.failure(method, *args) for method, args in calls}


def test_without_a_session(open_sdk: OpenSdk, site: Site) -> None:
    sdk = open_sdk(site)
    calls: Calls = [
        ("user.getCurrent", []),
        ("user.delete", []),
        ("password.update", [NOBODY, PASSWORD]),
        ("email.list", []),
        ("email.create", ["alice@example.test"]),
        ("email.setPrimaryEmail", [NOBODY]),
        ("email.delete", [NOBODY]),
        ("webauthn.register", []),
        ("webauthn.listCredentials", []),
        ("webauthn.updateCredential", ["AAAA", "name"]),
        ("webauthn.deleteCredential", ["AAAA"]),
    ]

    assert failures(sdk, calls) == {method: UNAUTHORIZED for method, _ in calls}
    assert set(sdk.events()) == {"onSessionExpired"}


def test_what_is_refused(open_sdk: OpenSdk, site: Site) -> None:
    account, other = sign_up(site), sign_up(site)
    sdk = open_sdk(site, account)
    calls: Calls = [
        ("passcode.initialize", [NOBODY]),
        ("password.update", [account.user_id, "short"]),
        ("email.setPrimaryEmail", [other.email_id]),
        ("email.delete", [account.email_id]),  # the primary one
        ("webauthn.updateCredential", ["AAAA", "name"]),
        ("webauthn.deleteCredential", ["AAAA"]),
        ("webauthn.login", [NOBODY]),
    ]

    assert failures(sdk, calls) == {method: TECHNICAL for method, _ in calls}
    assert sdk.failure("password.update", other.user_id, PASSWORD) == TECHNICAL
    assert sdk.failure("email.delete", other.email_id) == TECHNICAL
    assert sdk.events() == []


def test_what_is_switched_off(open_sdk: OpenSdk, closed_site: Site) -> None:
    sdk = open_sdk(closed_site)
    calls: Calls = [
        ("user.delete", []),
        ("password.login", [NOBODY, PASSWORD]),
        ("password.update", [NOBODY, PASSWORD]),
        ("webauthn.login", []),
        ("webauthn.register", []),
        ("webauthn.listCredentials", []),
        ("webauthn.updateCredential", ["AAAA", "name"]),
        ("webauthn.deleteCredential", ["AAAA"]),
    ]

    assert failures(sdk, calls) == {method: TECHNICAL for method, _ in calls}
    # That says nothing of anybody's session.
    assert sdk.events() == []


def test_server_out_of_reach(open_sdk: OpenSdk, site: Site, closed_site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        apis = {
            "does not allow this frontend": closed_site.origin,
            "is not there": f"http://127.0.0.1:{free_port()}",
            "does not answer": f"http://127.0.0.1:{silent.getsockname()[1]}",
        }
        options = {"does not answer": {"timeout": 100}}  # milliseconds
        errors = {
            what: open_sdk(site, api=api, **options.get(what, {})).failure("config.get")
            for what, api in apis.items()
        }

    assert errors == {
        "does not allow this frontend": TECHNICAL,
        "is not there": TECHNICAL,
        "does not answer": {"name": "RequestTimeoutError", "code": "requestTimeout"},
    }
