"""Addresses of nobody: whoever wants one keeps it, and the others don't stay for ever."""

import pytest

from hanko_compat.storage.emails import emails as rows
from hanko_compat.storage.models import Email
from tests.calls import CALLER
from tests.factories import make_user
from tests.sessions import signed_in

ALICE = "alice@example.test"
UNVERIFIED = {"email.require_verification": False}


def sign_up(services, address=ALICE):
    return services.users.accounts.sign_up(address, client=CALLER)


def addresses(services):
    with services.database.connection():
        return {row.address for row in Email.select()}


def clean(services):
    services.clean_up.runs.run()


def test_addresses_of_sign_ups_that_came_to_nothing_are_deleted(services, clock):
    for number in range(3):
        sign_up(services, f"old{number}@example.test")
    clock.advance(days=1, seconds=1)
    sign_up(services)
    assert services.clean_up.runs.look()[-2].rows == 3
    clean(services)
    assert addresses(services) == {ALICE}


def test_so_are_those_that_users_wanted_to_add(services, clock):
    with services.database.connection():
        session = signed_in(services, make_user().id)
    for number in range(3):
        services.emails.add(session, f"old{number}@example.test", client=CALLER)
    clock.advance(days=1, seconds=1)
    services.emails.add(session, ALICE, client=CALLER)
    clean(services)
    assert addresses(services) == {ALICE}


def test_one_that_somebody_wants_again_is_kept(services, clock):
    first = sign_up(services)
    clock.advance(hours=23)
    assert sign_up(services).email_id == first.email_id
    clock.advance(hours=23)
    clean(services)
    assert ALICE in addresses(services)
    clock.advance(hours=2)
    clean(services)
    assert ALICE not in addresses(services)


@pytest.fixture
def deleted(monkeypatch):
    """The address that is looked for is deleted right after the look."""
    real, found = rows.find, []

    def find_and_delete(address):
        email = real(address)
        if email is not None and not found:
            found.append(email)
            rows.delete(email.id)
        return email

    monkeypatch.setattr(rows, "find", find_and_delete)
    return found


@pytest.mark.parametrize("settings", [{}, UNVERIFIED], ids=["verified", "unverified"])
def test_a_sign_up_wins_over_the_deletion_of_its_address(make_services, clock, deleted, settings):
    before = sign_up(make_services())
    clock.advance(days=2)
    services = make_services(settings)
    after = sign_up(services)
    assert [email.id for email in deleted] == [before.email_id]
    assert after.email_id != before.email_id
    assert addresses(services) == {ALICE}


@pytest.mark.parametrize("settings", [{}, UNVERIFIED], ids=["verified", "unverified"])
def test_so_does_a_user_who_adds_it(make_services, clock, deleted, settings):
    before = sign_up(make_services())
    clock.advance(days=2)
    services = make_services(settings)
    with services.database.connection():
        session = signed_in(services, make_user().id)
    added = services.emails.add(session, ALICE, client=CALLER)
    assert len(deleted) == 1
    assert added.id != before.email_id
    assert addresses(services) == {ALICE}
