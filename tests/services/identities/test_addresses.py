"""The address of a known account comes, goes and changes: free, waiting, one's own, somebody else's."""

from dataclasses import replace

import pytest

from hanko_compat.errors.emails import EmailLimitReached
from hanko_compat.errors.third_party import EmailUnverified, MultipleAccounts, ProviderUserInvalid
from hanko_compat.storage.models import Email, Identity
from tests.calls import CALLER
from tests.factories import make_account, make_email, make_identity, make_user
from tests.services.identities.visitors import (
    ADDRESS,
    AUDITED,
    LENIENT,
    RULES,
    addresses,
    alice,
    audited,
    counts,
    enter,
    entered,
)

OTHER = "other@example.test"
MOVED = alice(email=OTHER)


@pytest.fixture
def changes(services, monkeypatch):
    """What webhooks will be told."""
    told, real = [], services.events.record

    def record(event):
        told.append((event.type, event.change))
        real(event)

    monkeypatch.setattr(services.events, "record", record)
    return told


def address_of(services):
    """The address that the account goes with."""
    with services.database.connection():
        return Email.select(Email.address).join(Identity).scalar()


@pytest.mark.parametrize("is_waiting", [False, True])
def test_an_address_that_nobody_has_becomes_the_users(make_services, is_waiting):
    services = make_services(AUDITED)
    user_id = entered(services)
    if is_waiting:
        make_email(user=None, address=OTHER, verified=False)
    assert entered(services, MOVED) == user_id
    assert addresses(services, user_id) == {ADDRESS: (True, True), OTHER: (True, False)}
    assert address_of(services) == OTHER
    types = ("thirdparty_signin_succeeded", "thirdparty_signup_succeeded")
    assert audited(services) == [(type_, None, user_id, ADDRESS, "null") for type_ in types]


@pytest.mark.parametrize(
    ("is_waiting", "expected"), [(False, "user.update.email.create"), (True, "user.update")]
)
def test_webhooks_tell_how_the_user_has_got_it(services, changes, is_waiting, expected):
    if is_waiting:
        make_email(user=None, address=OTHER, verified=False)
    entered(services)
    entered(services)
    entered(services, MOVED)
    make_account(address="bob@example.test")
    entered(services, alice(subject="bob", email="bob@example.test"))
    assert changes == [
        ("thirdparty_signup_succeeded", "user.create"),
        ("thirdparty_signin_succeeded", None),
        ("thirdparty_signin_succeeded", expected),
        ("thirdparty_linking_succeeded", None),
    ]


@pytest.mark.parametrize("is_verified", [True, False])
def test_it_may_be_another_one_of_the_user(services, is_verified):
    user_id = entered(services)
    make_email(user=user_id, address=OTHER, verified=is_verified)
    assert entered(services, MOVED) == user_id
    assert addresses(services, user_id) == {ADDRESS: (True, True), OTHER: (True, False)}
    assert address_of(services) == OTHER
    # It is theirs by now, and so is the account at the provider, whoever else has one for it.
    assert entered(services, alice(subject="alice-2", email=OTHER)) == user_id
    assert entered(services, MOVED) == user_id


def test_webhooks_tell_of_an_own_address_that_the_provider_has_verified(services, changes):
    user_id = entered(services)
    make_email(user=user_id, address=OTHER, verified=False)
    entered(services, MOVED)
    entered(services, MOVED)
    assert [change for _, change in changes] == ["user.create", "user.update.email.create", None]


def test_the_address_that_an_account_was_made_in_the_name_of_waits_for_its_first_proof(services):
    unverified = alice(is_email_verified=False)
    user_id = entered(services, unverified, LENIENT)
    assert entered(services) == user_id
    assert addresses(services, user_id) == {ADDRESS: (False, True)}


def test_somebody_elses_address_is_refused(services):
    entered(services)
    make_account(address=OTHER)
    before = counts(services)
    assert enter(services, MOVED) is MultipleAccounts
    assert counts(services) == before
    assert address_of(services) == ADDRESS


def test_one_that_somebody_only_claims_is_taken_from_them(services):
    user_id, owner = entered(services), make_account()
    make_email(user=owner.user_id, address=OTHER, verified=False)
    assert entered(services, MOVED) == user_id
    assert addresses(services, user_id) == {ADDRESS: (True, True), OTHER: (True, False)}
    assert OTHER not in addresses(services, owner.user_id)


@pytest.mark.parametrize(("limit", "is_refused"), [(1, True), (2, False)])
@pytest.mark.parametrize("is_waiting", [False, True])
def test_a_user_has_no_more_addresses_than_are_allowed(make_services, limit, is_refused, is_waiting):
    services = make_services({"email.limit": limit})
    entered(services)  # sign-up is not limited
    if is_waiting:
        make_email(user=None, address=OTHER, verified=False)
    before = counts(services)
    assert (enter(services, MOVED) is EmailLimitReached) is is_refused
    assert (counts(services) == before) is is_refused
    assert enter(services) is not EmailLimitReached


def test_linking_needs_no_room(make_services):
    services = make_services({"email.limit": 0})
    account = make_account(address=ADDRESS)
    assert entered(services) == account.user_id


@pytest.mark.parametrize("address", [None, ""])
def test_an_address_that_goes_leaves_the_account_as_it_is(services, address):
    user_id = entered(services)
    gone = alice(email=address)
    assert entered(services, gone) == user_id
    assert enter(services, replace(gone, is_email_verified=False)) is EmailUnverified
    assert entered(services, replace(gone, is_email_verified=False), LENIENT) == user_id
    assert address_of(services) == ADDRESS
    assert enter(services, replace(gone, subject="new")) is ProviderUserInvalid


def test_one_that_is_none_is_refused_and_changes_nothing(services):
    entered(services)
    before = counts(services)
    assert enter(services, alice(email="nobody")) is ProviderUserInvalid
    assert counts(services) == before


@pytest.mark.parametrize("address", [ADDRESS, OTHER])
def test_an_address_that_comes_belongs_to_the_user(services, address):
    """Of an account that a server has linked, which had no address."""
    account = make_account(address=ADDRESS)
    identity = {"provider_id": "custom_stub", "provider_user_id": "alice-1"}
    make_identity(email=None, user=account.user_id, **identity)
    assert entered(services, alice(email=address)) == account.user_id
    assert address_of(services) == address
    assert addresses(services, account.user_id)[ADDRESS] == (True, True)


def test_the_first_one_of_a_user_is_its_primary_one(services):
    user = make_user()
    make_identity(email=None, user=user.id, provider_id="custom_stub", provider_user_id="alice-1")
    assert entered(services) == user.id
    assert addresses(services, user.id) == {ADDRESS: (True, True)}


@pytest.mark.parametrize("is_taken", [False, True])
def test_one_that_the_provider_has_not_verified_changes_nothing(services, is_taken):
    user_id = entered(services)
    if is_taken:
        make_account(address=OTHER)
    assert entered(services, replace(MOVED, is_email_verified=False), LENIENT) == user_id
    assert addresses(services, user_id) == {ADDRESS: (True, True)}
    assert address_of(services) == ADDRESS


@pytest.mark.parametrize("is_wanted", [True, False])
def test_the_owner_is_told_of_a_new_address(make_services, inbox, is_wanted):
    services = make_services({"hanko_compat.mail.security_notifications": is_wanted})
    services.identities.enter(alice(), RULES, client=CALLER)
    services.identities.enter(MOVED, RULES, client=CALLER)
    assert [message["To"] for message in inbox.messages()] == ([ADDRESS] if is_wanted else [])


def test_deliveries_are_looked_for_only_where_somebody_may_be_told(services):
    woken = services.delivery.threads._woken  # none of the threads runs here, so nobody clears it
    entered(services)
    entered(services)
    assert not woken.is_set()  # by a sign-up, or a log-in with the same address
    entered(services, MOVED)
    assert woken.is_set()
