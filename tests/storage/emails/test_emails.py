from datetime import timedelta
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest

from hanko_compat.storage.emails import emails, primary_emails
from hanko_compat.storage.engine.database import IntegrityError
from hanko_compat.storage.models import Email, Passcode
from hanko_compat.storage.users import users
from tests.factories import make_account, make_email, make_identity, make_passcode, make_user, now
from tests.queries import assert_nothing_is_sorted

ALICE = "alice@example.test"


@pytest.fixture
def user_id(services, clock):
    """The id of a user without an address."""
    new = uuid4()
    with services.database.connection():
        users.create(new, now=clock())
    return new


@pytest.fixture(autouse=True)
def connection(services):
    with services.database.connection():
        yield


def test_an_address_is_found_by_its_very_bytes(clock):
    email_id = emails.create(ALICE, user_id=None, now=clock())
    assert emails.find(ALICE).id == email_id
    for other in (ALICE.upper(), "alicé@example.test", ALICE + " ", "bob@example.test"):
        assert emails.find(other) is None


def test_a_new_address_is_not_verified(clock, user_id):
    emails.create(ALICE, user_id=user_id, now=clock())
    email = emails.find(ALICE)
    assert (email.user_id, email.verified) == (user_id, False)


def test_one_address_has_one_row(services, clock):
    emails.create(ALICE, user_id=None, now=clock())
    with pytest.raises(IntegrityError):
        services.database.transaction(lambda: emails.create(ALICE, user_id=None, now=clock()))
    assert emails.is_taken(ALICE)
    assert not emails.has_collision(ALICE)  # another host was faster, and that is no other address
    assert not emails.is_taken("bob@example.test")


def test_one_claim_wins(clock, user_id):
    email_id = emails.create(ALICE, user_id=None, now=clock())
    Email.update(verified=True).execute()
    clock.advance(minutes=1)
    assert emails.claim(email_id, user_id=user_id, now=clock()) is True
    assert emails.claim(email_id, user_id=user_id, now=clock()) is False
    email = emails.find(ALICE)
    assert (email.user_id, email.verified) == (user_id, False)
    assert email.updated_at > email.created_at


def test_the_primary_address_is_the_one_that_was_made_primary(clock, user_id):
    emails.create("second@example.test", user_id=user_id, now=clock())
    email_id = emails.create(ALICE, user_id=user_id, now=clock())
    assert emails.find_primary_address(user_id) is None
    primary_emails.create(user_id=user_id, email_id=email_id, now=clock())
    assert emails.find_primary_address(user_id) == ALICE


def test_a_users_addresses_are_its_own(clock, user_id):
    other = uuid4()
    users.create(other, now=clock())
    mine = emails.create(ALICE, user_id=user_id, now=clock())
    waiting = emails.create("waiting@example.test", user_id=None, now=clock())
    assert emails.find_of_user(mine, user_id=user_id).address == ALICE
    assert emails.find_of_user(mine, user_id=other) is None
    assert emails.find_of_user(waiting, user_id=user_id) is None
    assert (emails.count(user_id), emails.count(other)) == (1, 0)


def test_a_deleted_address_leaves_the_others(clock, user_id):
    first = emails.create(ALICE, user_id=user_id, now=clock())
    second = emails.create("second@example.test", user_id=user_id, now=clock())
    emails.delete(first)
    assert [row.id for row in Email.select()] == [second]


def test_the_primary_address_is_not_deleted_behind_its_users_back(services, clock, user_id):
    email_id = emails.create(ALICE, user_id=user_id, now=clock())
    primary_emails.create(user_id=user_id, email_id=email_id, now=clock())
    with pytest.raises(IntegrityError):
        services.database.transaction(lambda: emails.delete(email_id))
    assert emails.find_primary(user_id).id == email_id


def test_addresses_that_nobody_wants_are_deleted(services):
    long_ago = now() - timedelta(days=2)
    for _ in range(3):
        make_email(user=None, verified=False, updated_at=long_ago)
    sent, linked = (make_email(user=None, verified=False, updated_at=long_ago) for _ in range(2))
    make_passcode(email=sent, user=make_user(), created_at=long_ago)
    make_identity(email=linked, user=make_user())
    kept = {
        sent.id,
        linked.id,
        make_email(user=None, verified=False).id,
        make_email(user=None, verified=True, updated_at=long_ago).id,
        make_email(verified=False, updated_at=long_ago).id,
        make_account(updated_at=long_ago).id,
    }
    before = now() - timedelta(days=1)

    assert emails.count_unclaimed(before=before) == 3

    def delete():
        everything = [row.id for row in Email.select()]
        return services.database.transaction(lambda: emails.delete_unclaimed(everything, before=before))

    assert [delete(), delete()] == [3, 0]
    assert {row.id for row in Email.select()} == kept


def test_addresses_without_a_user_are_listed_a_few_at_a_time(services):
    ids = [UUID(int=number) for number in range(5)]
    for each in ids:
        make_email(id=each, user=None, verified=False)
    make_email()
    with assert_nothing_is_sorted(services.database):
        assert emails.list_unclaimed(after=None, at_most=2) == ids[:2]
        assert emails.list_unclaimed(after=ids[1], at_most=2) == ids[2:4]
        assert emails.list_unclaimed(after=ids[4], at_most=2) == []


def test_an_address_is_kept_while_nobody_has_it(user_id, clock):
    email_id = emails.create(ALICE, user_id=None, now=clock())
    clock.advance(hours=1)
    assert emails.keep(email_id, now=clock()) is True
    assert emails.find(ALICE).updated_at.replace(microsecond=0) == clock().replace(microsecond=0)
    assert emails.claim(email_id, user_id=user_id, now=clock())
    assert emails.keep(email_id, now=clock()) is False
    emails.delete(email_id)
    assert emails.keep(email_id, now=clock()) is False


def test_a_passcode_that_is_on_its_way_keeps_its_address(services):
    """Its transaction has not ended when the address is about to be deleted."""
    long_ago, before = now() - timedelta(days=2), now() - timedelta(days=1)
    email, user, stored = make_email(user=None, verified=False, updated_at=long_ago), make_user(), Event()

    def store():
        make_passcode(email=email, user=user)
        stored.set()
        cleaner.join(0.3)  # it can't end before this transaction does

    def clean():
        assert stored.wait(10)
        services.database.transaction(lambda: emails.delete_unclaimed([email.id], before=before))

    cleaner = Thread(target=clean)
    cleaner.start()
    services.database.transaction(store)
    cleaner.join(10)
    assert [row.id for row in Email.select()] == [email.id]
    assert [row.email_id for row in Passcode.select()] == [email.id]
