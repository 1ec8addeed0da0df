"""Log-ins with hashes of other systems, which give way to one of ours."""

from contextlib import ExitStack
from datetime import UTC, datetime

import pytest

from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.passwords import PasswordInvalid, PasswordMismatch, PasswordTooLong
from hanko_compat.hashing import bcrypt
from hanko_compat.storage.models import PasswordCredential
from hanko_compat.wiring.hashing import build_hasher
from tests.calls import outcome
from tests.factories import make_otp_secret, make_password
from tests.hashes import observed_checks, occupied
from tests.hashing.samples import DEVISE, DJANGO, EVERY_KIND, GOOD, LONG, OF_LONG_PASSWORDS, PEPPER
from tests.services.test_passwords import User, hash_of, live

PBKDF2 = DJANGO[0]
CHANGED = datetime(2024, 5, 6, tzinfo=UTC)


@pytest.fixture
def imported(make_services):
    """Make a user who came with a hash."""

    def make(hashed, **settings):
        services = make_services({"hanko_compat.password.import_pepper": PEPPER} | settings)
        alice = User(services)
        with services.database.connection():
            make_password(user=alice.id, password=hashed, created_at=CHANGED, updated_at=CHANGED)
        return alice

    return make


def stored(user):
    return hash_of(user.services, user.id)


@pytest.mark.slow
def test_every_kind_logs_in_and_becomes_one_of_ours(make_services):
    services = make_services({"hanko_compat.password.import_pepper": PEPPER, "rate_limiter.enabled": False})
    for password, hashed in (*EVERY_KIND, (GOOD, bcrypt.create(GOOD, cost=4).replace("$2a$", "$2b$"))):
        alice, wrong = User(services), f"{password[:-1]}!"
        with services.database.connection():
            make_password(user=alice.id, password=hashed)
        assert outcome(lambda alice=alice, wrong=wrong: alice.log_in(wrong)) is PasswordMismatch
        assert stored(alice) == hashed
        assert alice.log_in(password).user_id == alice.id
        assert stored(alice).startswith("$2a$04$"), hashed
        assert alice.log_in(password).user_id == alice.id
        assert outcome(lambda alice=alice, wrong=wrong: alice.log_in(wrong)) is PasswordMismatch


def test_the_new_hash_is_no_change_of_the_password(imported):
    alice = imported(PBKDF2)
    session = alice.session()
    alice.log_in(GOOD)
    assert session.session_id in live(alice.services)
    with alice.services.database.connection():
        row = PasswordCredential.get(PasswordCredential.user == alice.id)
    assert (row.created_at, row.updated_at) == (CHANGED, CHANGED)


@pytest.mark.parametrize("hashed", OF_LONG_PASSWORDS, ids=lambda text: text[:24])
def test_a_long_password_logs_in_and_keeps_its_hash(imported, hashed):
    alice = imported(hashed)
    assert outcome(lambda: alice.log_in(LONG[:-1])) is PasswordMismatch
    assert outcome(lambda: alice.log_in(LONG[:72])) is PasswordMismatch
    assert alice.log_in(LONG).user_id == alice.id
    assert stored(alice) == hashed
    # A new one has to be shorter.
    assert outcome(lambda: alice.set_password(LONG)) is PasswordTooLong
    assert alice.set_password(GOOD) is False


@pytest.mark.parametrize(
    ("hashed", "password", "error"),
    [
        (PBKDF2, "x" * 1024, PasswordMismatch),
        (PBKDF2, "x" * 1025, PasswordTooLong),
        (PBKDF2, "a\0b", PasswordInvalid),
        (PBKDF2, "\ud800", PasswordInvalid),
        (DEVISE[0][1], "x" * 73, PasswordTooLong),
        (DJANGO[4], "x" * 73, PasswordTooLong),
        ("$argon2id$unreadable", "x" * 73, PasswordTooLong),
    ],
)
def test_what_can_be_no_password_is_refused(imported, hashed, password, error):
    alice = imported(hashed)
    assert outcome(lambda: alice.log_in(password)) is error


def test_a_cheaper_hash_becomes_as_expensive_as_new_ones(imported, monkeypatch):
    hashed = bcrypt.create(GOOD, cost=4)
    alice = imported(hashed)
    alice.log_in(GOOD)
    assert stored(alice) == hashed
    monkeypatch.setattr(alice.services.get(build_hasher), "_password_cost", 5)
    alice.log_in(GOOD)
    assert stored(alice).startswith("$2a$05$")
    assert alice.log_in(GOOD).user_id == alice.id


def test_without_the_pepper_a_log_in_fails_at_the_usual_price(imported, caplog):
    password, hashed = DEVISE[0]
    alice = imported(hashed, **{"hanko_compat.password.import_pepper": ""})
    with observed_checks() as computed:
        assert outcome(lambda: alice.log_in(password)) is PasswordMismatch
    assert [text[:7] for text in computed] == ["$2a$04$"]
    (line,) = [record for record in caplog.records if record.getMessage() == "hash_unreadable"]
    assert "import_pepper is not set" in str(line.exc_info[1])


def test_one_hash_is_computed_for_a_wrong_password_and_two_for_a_right_one(imported):
    alice, calls = imported(PBKDF2), []
    hasher = alice.services.get(build_hasher)
    hasher.before = lambda: calls.append(alice.services.database.peewee.is_closed())
    assert outcome(lambda: alice.log_in("wrong")) is PasswordMismatch
    assert calls == [True]
    alice.log_in(GOOD)
    assert calls == [True] * 3  # and no connection is in hand meanwhile
    alice.log_in(GOOD)
    assert calls == [True] * 4


def test_where_too_many_hashes_wait_the_log_in_goes_on(imported):
    alice = imported(PBKDF2)
    hasher = alice.services.get(build_hasher)
    with ExitStack() as stack:
        hasher.after = lambda: stack.enter_context(occupied(hasher._passwords))
        assert alice.log_in(GOOD).user_id == alice.id
    assert stored(alice) == PBKDF2
    hasher.after = lambda: None
    alice.log_in(GOOD)
    assert stored(alice).startswith("$2a$")


def test_a_password_that_changes_meanwhile_is_not_overwritten(imported):
    alice = imported(PBKDF2)
    session, hasher = alice.session(), alice.services.get(build_hasher)
    calls = []

    def change_at_the_second():
        calls.append(None)
        if len(calls) == 2:  # while the new hash of the old password is computed
            alice.set_password("another horse", session=session)

    hasher.after = change_at_the_second
    assert outcome(lambda: alice.log_in(GOOD)) is PasswordMismatch
    hasher.after = lambda: None
    assert outcome(lambda: alice.log_in(GOOD)) is PasswordMismatch
    assert alice.log_in("another horse").user_id == alice.id


def test_log_ins_at_the_same_moment_all_succeed(imported):
    alice = imported(PBKDF2)
    hasher, calls, nested = alice.services.get(build_hasher), [], []

    def log_in_at_the_second():
        calls.append(None)
        if len(calls) == 2:  # while the new hash is computed
            nested.append(alice.log_in(GOOD))

    hasher.after = log_in_at_the_second
    issued = alice.log_in(GOOD)
    assert live(alice.services) == {issued.session_id, nested[0].session_id}
    assert stored(alice).startswith("$2a$")
    assert alice.log_in(GOOD).user_id == alice.id


def test_a_log_in_that_is_refused_leaves_the_hash(imported):
    alice = imported(PBKDF2, **{"mfa.enabled": True})
    with alice.services.database.connection():
        make_otp_secret(user=alice.id)
    assert outcome(lambda: alice.log_in(GOOD)) is SecondFactorRequired
    assert stored(alice) == PBKDF2
