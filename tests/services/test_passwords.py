from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hanko_compat.errors.login import AuthenticationTooOld, SecondFactorRequired
from hanko_compat.errors.passwords import (
    PasswordInvalid,
    PasswordMismatch,
    PasswordsDisabled,
    PasswordTooLong,
    PasswordTooShort,
)
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.errors.users import AccountUnknown, ForeignAccount
from hanko_compat.hashing import bcrypt
from hanko_compat.services.passwords import to_form
from hanko_compat.storage import passwords as rows
from hanko_compat.storage.models import AuditLog, Passcode, PasswordCredential, Session
from hanko_compat.wiring.hashing import build_hasher
from tests.calls import CALLER, outcome
from tests.factories import make_account, make_credential, make_otp_secret, make_password, make_user
from tests.hashes import observed_checks
from tests.sessions import issue_session

GOOD, OTHER = "correct horse", "another horse"
AUDITED = {"audit_log.storage.enabled": True}


class User:
    """Somebody with an address, who logs in and does things."""

    def __init__(self, services, **changes):
        self.services = services
        with services.database.connection():
            self.email = make_account(**changes)
        self.id = self.email.user_id

    def session(self):
        """A new session, as its check tells it."""
        issued = issue_session(self.services, self.id, client=CALLER)
        return self.services.sessions.live.authenticate(issued.token)

    def set_password(self, password, *, session=None):
        session = session or self.session()
        return self.services.passwords.set(session, user_id=self.id, password=password, client=CALLER)

    def log_in(self, password):
        return self.services.passwords.log_in(self.id, password, client=CALLER).session


@pytest.fixture
def hasher(services):
    return services.get(build_hasher)


@pytest.fixture
def alice(services):
    return User(services)


def hash_of(services, user_id):
    with services.database.connection():
        row = PasswordCredential.get_or_none(PasswordCredential.user == user_id)
        return row and row.password


def live(services):
    with services.database.connection():
        return {row.id for row in Session.select()}


def audited(services):
    with services.database.connection():
        rows = AuditLog.select()
        return {(row.type, row.error, row.actor_user_id, row.actor_email) for row in rows}


# Setting one


def test_the_first_password_is_told_from_a_change(alice):
    assert alice.set_password(GOOD) is True
    assert alice.log_in(GOOD).user_id == alice.id
    assert alice.set_password(OTHER) is False
    assert outcome(lambda: alice.log_in(GOOD)) is PasswordMismatch
    assert alice.log_in(OTHER).user_id == alice.id


def test_hanko_can_read_the_hash(alice, services):
    alice.set_password(GOOD)
    assert hash_of(services, alice.id).startswith("$2a$")


# What no hash can tell from something else is refused, not cut
BAD = [
    ("1234567", PasswordTooShort),
    ("é" * 7, PasswordTooShort),
    ("x" * 73, PasswordTooLong),
    ("é" * 37, PasswordTooLong),
    ("\N{PILE OF POO}" * 19, PasswordTooLong),
    ("correct\0horse", PasswordInvalid),
    ("correct horse\0", PasswordInvalid),
    ("correct \ud800 horse", PasswordInvalid),
]


@pytest.mark.parametrize(("password", "error"), BAD, ids=lambda value: ascii(value)[:24])
def test_a_bad_password_changes_nothing(alice, services, password, error):
    alice.set_password(GOOD)
    before, session = hash_of(services, alice.id), alice.session()
    with pytest.raises(error):
        alice.set_password(password, session=session)
    assert hash_of(services, alice.id) == before


@pytest.mark.parametrize("password", ["12345678", "é" * 36, "x" * 72, "\N{PILE OF POO}" * 18, " " * 8])
def test_lengths_are_characters_below_and_bytes_above(alice, password):
    alice.set_password(password)
    assert alice.log_in(password).user_id == alice.id


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_what_is_72_bytes_or_less_is_a_password_and_more_is_not(text):
    assert (to_form(text) is None) == (len(text.encode()) <= 72)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=8, max_size=72
    ).filter(lambda text: len(text.encode()) <= 72)
)
def test_any_text_that_fits_logs_in_and_nothing_near_it_does(alice, text):
    alice.set_password(text)
    assert alice.log_in(text).user_id == alice.id
    for other in (text[:-1], text.swapcase() + "x"):
        if other and len(other.encode()) <= 72:
            assert outcome(lambda other=other: alice.log_in(other)) is PasswordMismatch


def test_only_ones_own_password_can_be_set(alice, services):
    bob = User(services)
    session, set_password = alice.session(), services.passwords.set
    for user_id, error in ((bob.id, ForeignAccount), (uuid4(), AccountUnknown)):
        with pytest.raises(error):
            set_password(session, user_id=user_id, password=GOOD, client=CALLER)
    assert hash_of(services, bob.id) is None


def test_where_passwords_are_off_there_are_none(make_services):
    alice = User(make_services({"password.enabled": False}))
    assert outcome(lambda: alice.set_password(GOOD)) is PasswordsDisabled
    assert outcome(lambda: alice.log_in(GOOD)) is PasswordsDisabled


# What a change ends


def test_a_change_ends_the_other_sessions(alice, services):
    bob_session = User(services).session()
    mine, others = alice.session(), [alice.session() for _ in range(3)]
    alice.set_password(GOOD, session=mine)
    assert live(services) == {mine.session_id, bob_session.session_id}
    others.append(services.sessions.live.authenticate(alice.log_in(GOOD).token))
    alice.set_password(OTHER, session=mine)
    assert live(services) == {mine.session_id, bob_session.session_id}


def test_a_change_ends_the_passcodes(alice, services):
    bob = User(services)
    with services.database.connection():
        for user in (alice, alice, bob):
            now = services.now()
            Passcode.create(
                user=user.id, email=user.email, code="not compared", ttl=300, try_count=0,
                created_at=now, updated_at=now,
            )  # fmt: skip
    alice.set_password(GOOD)
    with services.database.connection():
        assert [row.user_id for row in Passcode.select()] == [bob.id]


def test_a_refused_change_ends_nothing(alice, services):
    sessions = {alice.session().session_id, (mine := alice.session()).session_id}
    assert outcome(lambda: alice.set_password("short", session=mine)) is PasswordTooShort
    assert live(services) == sessions


def test_an_old_log_in_may_not_change_a_password_where_that_is_wanted(make_services, clock):
    alice = User(make_services({"hanko_compat.password.recent_authentication": "10m"}))
    session = alice.session()
    clock.advance(minutes=11)
    assert alice.set_password(GOOD, session=session) is True  # the first one needs none
    assert outcome(lambda: alice.set_password(OTHER, session=session)) is AuthenticationTooOld
    assert alice.log_in(GOOD).user_id == alice.id
    assert alice.set_password(OTHER) is False


def test_an_old_log_in_is_good_enough_by_default(alice, clock):
    session = alice.session()
    alice.set_password(GOOD, session=session)
    clock.advance(hours=11)
    assert alice.set_password(OTHER, session=session) is False


# Races


def test_of_racing_changes_by_two_sessions_one_is_kept(alice, services, hasher):
    sessions = [alice.session(), alice.session()]
    hasher.before = Barrier(2, timeout=20).wait
    with ThreadPoolExecutor(2) as pool:
        calls = [
            pool.submit(outcome, lambda s=s, p=p: alice.set_password(p, session=s))
            for s, p in zip(sessions, (GOOD, OTHER), strict=True)
        ]
        outcomes = [call.result() for call in calls]
    assert sorted(map(str, outcomes)) == sorted(map(str, [True, SessionInvalid]))
    hasher.before = lambda: None
    winner = outcomes.index(True)
    assert live(services) == {sessions[winner].session_id}
    assert alice.log_in((GOOD, OTHER)[winner]).user_id == alice.id


def test_racing_first_passwords_of_one_session_are_all_answered(alice, services):
    session = alice.session()
    with ThreadPoolExecutor(5) as pool:
        firsts = list(pool.map(lambda n: alice.set_password(f"password {n}", session=session), range(10)))
    assert sorted(firsts) == [False] * 9 + [True]
    with services.database.connection():
        assert PasswordCredential.select().count() == 1


def test_a_first_password_that_hanko_stores_meanwhile_is_changed(alice, services, monkeypatch):
    real, calls = rows.update, []

    def update_late(**columns):
        found = real(**columns)
        calls.append(found)
        if len(calls) == 1:  # Hanko's insert, which our transaction meets at its own
            make_password(user=alice.id)
        return found

    monkeypatch.setattr(rows, "update", update_late)
    # The rival's row goes with our transaction, as they share a connection here; the second try finds none.
    assert alice.set_password(GOOD) is True
    assert len(calls) == 2
    assert alice.log_in(GOOD).user_id == alice.id


def test_a_log_in_that_races_with_a_change_gets_no_session(alice, services, hasher):
    alice.set_password(GOOD)
    session = alice.session()

    def change_meanwhile():
        hasher.after = lambda: None
        alice.set_password(OTHER, session=session)

    hasher.after = change_meanwhile
    assert outcome(lambda: alice.log_in(GOOD)) is PasswordMismatch
    assert live(services) == {session.session_id}


def test_a_log_in_that_races_with_a_deletion_gets_no_session(make_services):
    services = make_services({"account.allow_deletion": True})
    alice = User(services)
    alice.set_password(GOOD)
    services.get(build_hasher).after = lambda: services.users.accounts.delete(alice.id, client=CALLER)
    assert outcome(lambda: alice.log_in(GOOD)) is PasswordMismatch
    assert live(services) == set()


def test_nothing_is_hashed_with_a_connection_in_hand(alice, services, hasher):
    idle = []
    hasher.before = lambda: idle.append(services.database.peewee.is_closed())
    alice.set_password(GOOD)
    alice.log_in(GOOD)
    assert idle == [True, True]


# Logging in


def test_a_password_gives_a_session(alice, services):
    alice.set_password(GOOD)
    issued = alice.log_in(GOOD)
    session = services.sessions.live.authenticate(issued.token)
    assert (session.user_id, session.email["address"]) == (alice.id, alice.email.address)


def test_who_has_no_password_costs_what_a_wrong_one_costs(alice, services):
    bob = User(services)
    alice.set_password(GOOD)
    with observed_checks() as hashes:
        for user_id in (alice.id, bob.id, uuid4()):
            call = outcome(lambda user_id=user_id: services.passwords.log_in(user_id, OTHER, client=CALLER))
            assert call is PasswordMismatch
    assert [hashed[:7] for hashed in hashes] == ["$2a$04$"] * 3


@pytest.mark.parametrize("who", ["alice", "without"])
@pytest.mark.parametrize(
    ("password", "error"),
    [("x" * 73, PasswordTooLong), ("a\0b", PasswordInvalid), ("\udfff", PasswordInvalid)],
)
def test_what_can_be_no_password_is_refused_for_every_user(alice, services, who, password, error):
    alice.set_password(GOOD)
    user_id = {"alice": alice.id, "without": User(services).id}[who]
    with pytest.raises(error):
        services.passwords.log_in(user_id, password, client=CALLER)
    with pytest.raises(PasswordMismatch):
        services.passwords.log_in(uuid4(), password, client=CALLER)


def test_a_longer_password_is_not_cut(alice):
    alice.set_password("x" * 72)
    assert outcome(lambda: alice.log_in("x" * 73)) is PasswordTooLong


def test_a_hash_of_hanko_counts_and_stays_as_it_is(alice, services):
    hashed = bcrypt.create(GOOD, cost=5)  # at a higher cost than new ones have here
    with services.database.connection():
        make_password(user=alice.id, password=hashed)
    assert outcome(lambda: alice.log_in(OTHER)) is PasswordMismatch
    assert alice.log_in(GOOD).user_id == alice.id
    assert hash_of(services, alice.id) == hashed


def test_a_hash_that_is_none_is_a_wrong_password(alice, services):
    with services.database.connection():
        make_password(user=alice.id, password="plain text")
    assert outcome(lambda: alice.log_in("plain text")) is PasswordMismatch


@pytest.mark.parametrize("factor", ["app", "key"])
def test_a_second_factor_is_asked_for_where_the_configuration_knows_them(make_services, factor):
    for is_enabled, expected in ((True, SecondFactorRequired), (False, None)):
        services = make_services({"mfa.enabled": is_enabled})
        alice = User(services)
        alice.set_password(GOOD)
        with services.database.connection():
            if factor == "app":
                make_otp_secret(user=alice.id)
            else:
                make_credential(user=alice.id, mfa_only=True)
        before = live(services)
        call = outcome(lambda alice=alice: alice.log_in(GOOD))
        if expected:
            assert (call, live(services)) == (expected, before)
            assert outcome(lambda alice=alice: alice.log_in(OTHER)) is PasswordMismatch
        else:
            assert call.user_id == alice.id


def test_wrong_passwords_add_up_and_right_ones_do_not(make_services, clock):
    sums = {"account_and_client": {"first_day": 3, "further_days": 1}, "client": {"first_day": 5}}
    services = make_services(
        {"rate_limiter.enabled": True, "hanko_compat.limits.wrong_guesses": sums, "password.enabled": True}
    )
    alice = User(services)
    make_password(user=alice.id, password=bcrypt.create(GOOD, cost=4))
    calls = []
    for password in (GOOD, OTHER, GOOD, OTHER, OTHER, GOOD, OTHER):
        calls.append(outcome(lambda password=password: alice.log_in(password) and "in"))
        clock.advance(minutes=1)
    assert calls == [
        "in",
        PasswordMismatch,
        "in",
        PasswordMismatch,
        PasswordMismatch,
        RateLimited,
        RateLimited,
    ]
    # Two are left for the client at all accounts, those that don't exist included.
    of_nobody = [outcome(lambda: services.passwords.log_in(uuid4(), OTHER, client=CALLER)) for _ in range(3)]
    assert of_nobody == [PasswordMismatch, PasswordMismatch, RateLimited]


def test_guesses_are_limited_before_they_are_hashed(make_services):
    alice = User(make_services({"rate_limiter.enabled": True}))
    with observed_checks() as hashes:
        calls = [outcome(lambda: alice.log_in(GOOD)) for _ in range(7)]
    assert calls == [PasswordMismatch] * 5 + [RateLimited] * 2
    assert len(hashes) == 5


# Audit log and mails


def test_the_audit_log_says_why(make_services):
    services = make_services(AUDITED)
    alice, bob, unknown = User(services, address="alice@example.test"), User(services), uuid4()
    session, masked = alice.session(), "ali**@example.test"
    calls = [
        lambda: alice.set_password("short", session=session),
        lambda: alice.set_password("x" * 73, session=session),
        lambda: services.passwords.set(bob.session(), user_id=alice.id, password=GOOD, client=CALLER),
        lambda: services.passwords.set(session, user_id=unknown, password=GOOD, client=CALLER),
        lambda: alice.log_in(GOOD),
        lambda: alice.set_password(GOOD, session=session),
        lambda: alice.log_in(OTHER),
        lambda: alice.log_in("x" * 73),
        lambda: services.passwords.log_in(unknown, GOOD, client=CALLER),
        lambda: alice.log_in(GOOD),
    ]
    for call in calls:
        outcome(call)
    failed, tried = "password_set_failed", "password_login_failed"
    wrong_user = f"wrong user: expected {bob.id} -> got {alice.id}"
    assert audited(services) == {
        (failed, "password too short", alice.id, masked),
        (failed, "password too long", alice.id, masked),
        (failed, wrong_user, alice.id, masked),
        (failed, f"unknown user: {unknown}", None, None),
        (tried, "user has no password credential", alice.id, masked),
        ("password_set_succeeded", None, alice.id, masked),
        (tried, "password hash not equal", alice.id, masked),
        (tried, "password too long", alice.id, masked),
        (tried, f"unknown user: {unknown}", None, None),
        ("password_login_succeeded", None, alice.id, masked),
    }


@pytest.mark.parametrize(
    ("wanted", "verified", "mails"), [(True, True, 1), (True, False, 0), (False, True, 0)]
)
def test_a_new_password_is_told_to_the_verified_address(make_services, inbox, wanted, verified, mails):
    alice = User(make_services({"hanko_compat.mail.security_notifications": wanted}), verified=verified)
    alice.set_password(GOOD)
    assert len(inbox.messages(alice.email.address)) == mails


def test_a_user_without_an_address_has_a_password_all_the_same(services):
    with services.database.connection():
        user_id = make_user().id
    issued = issue_session(services, user_id, client=CALLER)
    session = services.sessions.live.authenticate(issued.token)
    assert services.passwords.set(session, user_id=user_id, password=GOOD, client=CALLER)
    assert services.passwords.log_in(user_id, GOOD, client=CALLER).session.user_id == user_id
