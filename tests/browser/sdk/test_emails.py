"""``EmailClient``."""

from tests.browser.accounts import new_address, sign_up
from tests.browser.sdk.client import OpenSdk
from tests.browser.site import Site


def test_life_of_an_address(open_sdk: OpenSdk, site: Site) -> None:
    account, address = sign_up(site), new_address()
    sdk = open_sdk(site, account)
    first = {"id": account.email_id, "address": account.address, "is_verified": True, "is_primary": True}

    created = sdk.call("email.create", address)

    assert created["address"] == address
    assert created["verified"] is False
    assert sdk.call("email.list") == [first]

    sdk.call("passcode.initialize", account.user_id, created["id"])
    sdk.call("passcode.finalize", account.user_id, site.passcode(address))

    second = {"id": created["id"], "address": address, "is_verified": True, "is_primary": False}
    assert sdk.call("email.list") == [first, second]

    sdk.call("email.setPrimaryEmail", created["id"])
    sdk.call("email.delete", account.email_id)

    assert sdk.call("email.list") == [{**second, "is_primary": True}]
    assert sdk.call("user.getCurrent")["email"] == address


def test_addresses_that_are_refused(open_sdk: OpenSdk, tight_site: Site) -> None:
    account, other = sign_up(tight_site), sign_up(tight_site)
    sdk = open_sdk(tight_site, account)

    taken = sdk.failure("email.create", other.address)
    sdk.call("email.create", new_address())
    too_many = sdk.failure("email.create", new_address())

    assert taken == {"name": "EmailAddressAlreadyExistsError", "code": "emailAddressAlreadyExistsError"}
    assert too_many == {"name": "MaxNumOfEmailAddressesReachedError", "code": "maxNumOfEmailAddressesReached"}
    assert len(sdk.call("email.list")) == 2
