"""``UserClient`` and ``ConfigClient``."""

from tests.browser.accounts import new_address, sign_up
from tests.browser.sdk.client import TECHNICAL, UNAUTHORIZED, OpenSdk
from tests.browser.site import Site

NOT_FOUND = {"name": "NotFoundError", "code": "notFound"}


def test_config(open_sdk: OpenSdk, site: Site) -> None:
    assert open_sdk(site).call("config.get") == {
        "account": {"allow_deletion": True, "allow_signup": True},
        "emails": {"max_num_of_addresses": 5, "require_verification": True},
        "password": {"enabled": True, "min_password_length": 8},
        "providers": None,
        "use_enterprise": False,
    }


def test_sign_up_where_addresses_are_verified(open_sdk: OpenSdk, site: Site) -> None:
    sdk, address = open_sdk(site), new_address()

    created = sdk.call("user.create", address)

    assert created.keys() == {"id", "user_id", "email_id"}
    assert sdk.call("session.isValid") is False
    assert sdk.events() == []
    # Until the address is verified it is nobody's.
    assert sdk.failure("user.getInfo", address) == NOT_FOUND


def test_sign_up_where_they_are_not(open_sdk: OpenSdk, header_site: Site) -> None:
    sdk = open_sdk(header_site)

    user_id = sdk.call("user.create", new_address())["user_id"]

    assert sdk.events() == ["onSessionCreated"]
    assert sdk.call("session.get")["userID"] == user_id
    assert sdk.call("user.getCurrent")["id"] == user_id


def test_sign_up_that_is_refused(open_sdk: OpenSdk, site: Site, closed_site: Site) -> None:
    table = [
        (site, sign_up(site).address, {"name": "ConflictError", "code": "conflict"}),
        (site, "alice", TECHNICAL),
        (closed_site, new_address(), {"name": "ForbiddenError", "code": "forbidden"}),
    ]

    for asked, address, error in table:
        assert open_sdk(asked).failure("user.create", address) == error


def test_look_up(open_sdk: OpenSdk, site: Site) -> None:
    sdk, account = open_sdk(site), sign_up(site)

    assert sdk.call("user.getInfo", account.address.upper()) == {
        "id": account.user_id,
        "email_id": account.email_id,
        "verified": True,
        "has_webauthn_credential": False,
    }
    assert sdk.failure("user.getInfo", new_address()) == NOT_FOUND
    assert sdk.failure("user.getInfo", "alice") == TECHNICAL


def test_current_user(open_sdk: OpenSdk, site: Site) -> None:
    account = sign_up(site)

    user = open_sdk(site, account).call("user.getCurrent")

    address = {"id": account.email_id, "address": account.address, "is_primary": True, "is_verified": True}
    assert user["id"] == account.user_id
    assert user["email"] == account.address
    assert user["emails"] == [address]
    assert user["webauthn_credentials"] is None


def test_log_out(open_sdk: OpenSdk, site: Site) -> None:
    account = sign_up(site)
    sdk = open_sdk(site, account)
    sdk.call("user.getCurrent")

    sdk.call("user.logout")

    assert sdk.events() == ["onUserLoggedOut"]
    assert sdk.failure("user.getCurrent") == UNAUTHORIZED
    # The token is worth nothing to whoever kept it, either.
    assert site.ask("GET", "/me", token=account.token).status == 401
    # Once more is no error.
    sdk.call("user.logout")


def test_deletion(open_sdk: OpenSdk, site: Site) -> None:
    account = sign_up(site)
    sdk = open_sdk(site, account)

    sdk.call("user.delete")

    assert sdk.events() == ["onUserDeleted"]
    assert sdk.failure("user.getInfo", account.address) == NOT_FOUND
    assert sdk.failure("user.getCurrent") == UNAUTHORIZED
