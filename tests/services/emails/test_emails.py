from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from hanko_compat.errors.emails import (
    AddressInvalid,
    AddressTooLong,
    EmailAlreadyAssigned,
    EmailAlreadyTaken,
    EmailIsPrimary,
    EmailLimitReached,
    EmailNotFound,
)
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.storage.emails import emails as rows
from hanko_compat.storage.models import AuditLog, Email, Identity, Passcode, PrimaryEmail, User
from hanko_compat.storage.users import users
from tests.calls import CALLER, outcome
from tests.factories import make_account, make_email, make_identity, make_user
from tests.sessions import issue_session, signed_in

SECOND = "second@example.test"
UNVERIFIED = {"email.require_verification": False}
AUDITED = {"audit_log.storage.enabled": True}


def account(services, **changes):
    with services.database.connection():
        return make_account(**changes)


def owned(services, owner, **changes):
    """A further address of the user who has *owner*."""
    with services.database.connection():
        return make_email(user=owner.user_id, **changes)


def add(services, owner, address=SECOND, *, session=None):
    session = session or signed_in(services, owner.user_id)
    return services.emails.add(session, address, client=CALLER)


def delete(services, owner, email_id, *, session=None):
    services.emails.delete(session or signed_in(services, owner.user_id), email_id, client=CALLER)


def set_primary(services, owner, email_id, *, session=None):
    services.emails.set_primary(session or signed_in(services, owner.user_id), email_id, client=CALLER)


def addresses(services, owner):
    return [(one.address, one.is_primary, one.is_verified) for one in services.emails.list(owner.user_id)]


def state(services):
    """Every address with its user, and which are primary."""
    with services.database.connection():
        emails = {(row.address, row.user_id, row.verified) for row in Email.select()}
        return emails, {(row.user_id, row.email_id) for row in PrimaryEmail.select()}


def audited(services):
    with services.database.connection():
        return {(row.type, row.actor_user_id, row.actor_email) for row in AuditLog.select()}


# Adding


def test_an_address_that_has_to_be_verified_belongs_to_nobody(services):
    alice = account(services)
    added = add(services, alice, SECOND.upper())
    assert (added.address, added.user_id, added.verified) == (SECOND, None, False)
    assert addresses(services, alice) == [(alice.address, True, True)]


def test_an_unverified_address_is_shared_by_all_who_want_it(services):
    alice, bob = account(services), account(services)
    first, again, other = add(services, alice), add(services, alice), add(services, bob)
    assert first.id == again.id == other.id
    assert (again.created_at, again.updated_at) == (other.created_at, other.updated_at)


def test_without_verification_an_address_belongs_to_the_user_at_once(make_services):
    services = make_services(UNVERIFIED)
    alice = account(services)
    added = add(services, alice)
    assert (added.user_id, added.verified) == (alice.user_id, False)
    assert (SECOND, False, False) in addresses(services, alice)


def test_without_verification_an_address_of_nobody_is_claimed(make_services):
    waiting = add(services := make_services(), account(services))
    services = make_services(UNVERIFIED)
    alice = account(services)
    assert add(services, alice).id == waiting.id
    assert outcome(lambda: add(services, account(services))) is EmailAlreadyAssigned


@pytest.mark.parametrize("settings", [{}, UNVERIFIED], ids=["verified", "not verified"])
def test_an_address_of_a_user_is_refused_to_everybody(make_services, settings):
    services = make_services(settings)
    alice, bob = account(services), account(services)
    before = state(services)
    for address in (alice.address, bob.address, bob.address.upper()):
        with pytest.raises(EmailAlreadyAssigned):
            add(services, alice, address)
    assert state(services) == before


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("alice", AddressInvalid),
        ("alice@example.test\r\nBcc: eve@example.test", AddressInvalid),
        ("Alice <alice@example.test>", AddressInvalid),
        ("\u212aelly@example.test", AddressInvalid),
        ("alice@eve@example.test", AddressInvalid),
        ("a" * 60 + "@" + "b" * 60 + ".test", AddressTooLong),
    ],
)
def test_what_is_no_single_address_changes_nothing(services, address, error):
    alice = account(services)
    before = state(services)
    with pytest.raises(error):
        add(services, alice, address)
    assert state(services) == before


def test_accents_make_another_address(make_services):
    services = make_services(UNVERIFIED)
    alice = account(services, address="rene@example.test")
    add(services, alice, "rené@example.test")
    assert {row[0] for row in addresses(services, alice)} == {"rene@example.test", "rené@example.test"}


def test_the_limit_counts_the_addresses_that_are_the_users(make_services):
    services = make_services({"email.limit": 2})
    alice = account(services)
    for number in range(3):
        add(services, alice, f"waiting{number}@example.test")
    services.emails.check_room(alice.user_id)
    owned(services, alice)
    assert outcome(lambda: services.emails.check_room(alice.user_id)) is EmailLimitReached
    before = state(services)
    assert outcome(lambda: add(services, alice)) is EmailLimitReached
    assert state(services) == before


def test_the_limit_holds_when_many_are_added_at_once(make_services):
    services = make_services({**UNVERIFIED, "email.limit": 3})
    alice = account(services)
    session = signed_in(services, alice.user_id)

    def add_one(number):
        return outcome(lambda: add(services, alice, f"more{number}@example.test", session=session))

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(add_one, range(16)))
    assert outcomes.count(EmailLimitReached) == 14
    assert len(addresses(services, alice)) == 3


@pytest.mark.parametrize("settings", [{}, UNVERIFIED], ids=["verified", "not verified"])
def test_one_address_added_by_many_at_once_is_one_row(make_services, settings):
    services = make_services(settings)
    users = [account(services) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda owner: outcome(lambda: add(services, owner)), users))
    added = [one for one in outcomes if one is not EmailAlreadyAssigned]
    assert len(added) == (8 if settings == {} else 1)
    assert len({one.id for one in added}) == 1
    with services.database.connection():
        assert Email.select().where(Email.address == SECOND).count() == 1


def test_an_address_that_appears_after_the_look_is_looked_at_again(services, looks):
    alice = account(services)
    assert add(services, alice).address == SECOND
    assert len(looks) == 2


def test_a_collision_that_is_no_equality_is_a_conflict(services, monkeypatch):
    alice = account(services)
    add(services, alice)
    monkeypatch.setattr(rows, "find", lambda address: None)  # as after a comparison that is exact
    assert outcome(lambda: add(services, alice)) is EmailAlreadyTaken


def test_a_deleted_user_gets_no_address(services):
    alice = account(services)
    session = signed_in(services, alice.user_id)
    services.database.transaction(lambda: users.delete(alice.user_id))
    assert outcome(lambda: add(services, alice, session=session)) is SessionInvalid
    assert state(services) == (set(), set())


@pytest.mark.parametrize("settings", [{}, UNVERIFIED], ids=["verified", "not verified"])
def test_a_session_that_ended_meanwhile_changes_nothing(make_services, settings):
    services = make_services(settings)
    alice = account(services)
    second, session = owned(services, alice), signed_in(services, alice.user_id)
    before = state(services)
    services.sessions.live.revoke(session.session_id)
    for call in (
        lambda: add(services, alice, session=session),
        lambda: delete(services, alice, second.id, session=session),
        lambda: set_primary(services, alice, second.id, session=session),
    ):
        assert outcome(call) is SessionInvalid
    assert state(services) == before


# Deleting


def test_a_deleted_address_is_free_again(services):
    alice, bob = account(services), account(services)
    second = owned(services, alice, address=SECOND)
    delete(services, alice, second.id)
    assert addresses(services, alice) == [(alice.address, True, True)]
    assert add(services, bob).address == SECOND


def test_the_primary_address_stays(services):
    alice = account(services)
    before = state(services)
    with pytest.raises(EmailIsPrimary):
        delete(services, alice, alice.id)
    assert state(services) == before


@pytest.mark.parametrize("change", [delete, set_primary])
@pytest.mark.parametrize("whose", ["somebody else's", "nobody's", "unknown"])
def test_only_ones_own_address_can_be_changed(services, change, whose):
    alice, bob = account(services), account(services)
    email_id = {
        "somebody else's": lambda: owned(services, bob).id,
        "nobody's": lambda: add(services, bob).id,
        "unknown": uuid4,
    }[whose]()
    before = state(services)
    with pytest.raises(EmailNotFound):
        change(services, alice, email_id)
    assert state(services) == before


def test_what_hangs_on_a_deleted_address_goes_with_it(services):
    alice = account(services)
    second, now = owned(services, alice), services.now()
    with services.database.connection():
        make_identity(email=second)
        kept = make_identity(email=alice)
        Passcode.create(
            user=alice.user_id, email=second, code="x", ttl=300, try_count=0, created_at=now, updated_at=now
        )
    delete(services, alice, second.id)
    with services.database.connection():
        assert [row.id for row in Identity.select()] == [kept.id]
        assert Passcode.select().count() == 0


def test_deleting_and_making_primary_at_once_leaves_a_primary_address(services):
    for _ in range(5):
        alice = account(services)
        second = owned(services, alice)
        with ThreadPoolExecutor(2) as pool:
            deleted = pool.submit(outcome, lambda a=alice, e=second: delete(services, a, e.id))
            made = pool.submit(outcome, lambda a=alice, e=second: set_primary(services, a, e.id))
        assert (deleted.result(), made.result()) in [(None, EmailNotFound), (EmailIsPrimary, None)]
        assert sum(is_primary for _, is_primary, _ in addresses(services, alice)) == 1


# Making one primary


def test_another_address_becomes_primary(services):
    alice = account(services)
    second = owned(services, alice, address=SECOND)
    set_primary(services, alice, second.id)
    set_primary(services, alice, second.id)
    assert set(addresses(services, alice)) == {(alice.address, False, True), (SECOND, True, True)}
    delete(services, alice, alice.id)
    assert addresses(services, alice) == [(SECOND, True, True)]


def test_the_first_primary_address_of_a_user_without_one(services):
    with services.database.connection():
        email = make_email(user=make_user())
    set_primary(services, email, email.id)
    assert addresses(services, email) == [(email.address, True, True)]


def test_of_racing_choices_one_is_primary(services):
    alice = account(services)
    others, session = [owned(services, alice) for _ in range(4)], signed_in(services, alice.user_id)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda email: set_primary(services, alice, email.id, session=session), others * 3))
    assert sum(is_primary for _, is_primary, _ in addresses(services, alice)) == 1


def test_the_next_token_names_the_new_primary_address(services):
    alice = account(services)
    second = owned(services, alice, address=SECOND)
    set_primary(services, alice, second.id)
    token = issue_session(services, alice.user_id, client=CALLER).token
    assert services.sessions.live.authenticate(token).email["address"] == SECOND


# Audit log and mails


def test_the_audit_log_names_the_primary_address_before_the_change(make_services):
    services = make_services(AUDITED)
    alice = account(services, address="alice@example.test")
    second = owned(services, alice, address=SECOND)
    add(services, alice, "third@example.test")
    set_primary(services, alice, second.id)
    set_primary(services, alice, second.id)  # says nothing
    outcome(lambda: delete(services, alice, second.id))
    delete(services, alice, alice.id)
    assert audited(services) == {
        ("email_created", alice.user_id, "ali**@example.test"),
        ("primary_email_changed", alice.user_id, "ali**@example.test"),
        ("email_deleted", alice.user_id, "sec***@example.test"),
    }
    with services.database.connection():
        assert AuditLog.select().count() == 3


def told(inbox, notice):
    return sorted(message["To"] for message in inbox.messages() if notice in message["Subject"])


def test_changes_are_told_to_verified_addresses(make_services, inbox):
    services = make_services({**UNVERIFIED, "hanko_compat.mail.security_notifications": True})
    alice = account(services, address="alice@example.test")
    second = owned(services, alice, address=SECOND)
    third = add(services, alice, "third@example.test")
    assert told(inbox, "New e-mail address") == ["alice@example.test"]
    set_primary(services, alice, second.id)
    assert told(inbox, "New primary e-mail address") == ["alice@example.test"]
    delete(services, alice, alice.id)
    delete(services, alice, third.id)  # nobody has shown to read its mail: it may be a stranger's
    assert told(inbox, "removed") == ["alice@example.test", SECOND, SECOND]


def test_nobody_is_told_by_default(make_services, inbox):
    services = make_services(UNVERIFIED)
    alice = account(services)
    delete(services, alice, owned(services, alice).id)
    add(services, alice)
    assert inbox.messages() == []


def test_an_address_that_waits_for_its_proof_is_told_to_nobody(make_services, inbox):
    services = make_services({"hanko_compat.mail.security_notifications": True})
    add(services, account(services))
    assert inbox.messages() == []


def test_users_are_listed_with_their_own_addresses_only(services):
    alice, bob = account(services), account(services)
    with services.database.connection():
        make_identity(email=alice, provider_id="google")
        users = User.select().count()
    assert users == 2
    assert [one.id for one in services.emails.list(bob.user_id)] == [bob.id]
    [listed] = services.emails.list(alice.user_id)
    assert listed.identity is not None
    assert services.emails.list(uuid4()) == ()
