from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError
from uuid import UUID, uuid4

import pytest

from hanko_compat.errors.emails import EmailClaimed, EmailLimitReached
from hanko_compat.errors.hashing import Overloaded
from hanko_compat.errors.passcodes import PasscodeMismatch, PasscodeNotFound, TriesExhausted
from hanko_compat.errors.rate_limits import RateLimited
from hanko_compat.hashing.hasher import NO_PASSCODE
from hanko_compat.services.delivery.queue import DeliveryQueue
from hanko_compat.services.events import EventType
from hanko_compat.services.passcodes import PasscodeLogin, PasscodeRequest
from hanko_compat.storage import passcodes as rows
from hanko_compat.storage.models import Delivery, Email, Passcode, PrimaryEmail, Session
from hanko_compat.wiring.database import build_database
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.hashing import build_hasher
from hanko_compat.wiring.queue import build_queue
from tests.calls import CALLER, kind
from tests.factories import make_account, make_email, make_passcode, make_user
from tests.hashes import observed, observed_checks, occupied
from tests.queries import assert_query_count


def start(services, user_id, email_id=None, *, caller_id=None):
    wanted = PasscodeRequest(user_id=user_id, email_id=email_id and str(email_id))
    return services.passcodes.start(wanted, caller_id=caller_id, client=CALLER)


def finish(services, passcode_id, code="123456", *, caller_id=None):
    return services.passcodes.finish(passcode_id, code, caller_id=caller_id, client=CALLER)


def at_once(number, call):
    """Count the outcomes of *call*, made by so many threads at one moment."""
    gate = Barrier(number)

    def one(index):
        gate.wait()
        return kind(lambda: call(index))

    with ThreadPoolExecutor(number) as pool:
        return Counter(pool.map(one, range(number)))


def counts(services, *tables):
    with services.database.connection():
        return [table.select().count() for table in tables]


@pytest.fixture
def computed():
    """The hashes that were compared with, each after its try was counted and committed."""
    with observed_checks() as hashes:
        yield hashes


# Races


def test_of_fifty_wrong_codes_at_once_three_are_evaluated(services, computed):
    passcode = make_passcode()
    outcomes = at_once(50, lambda index: finish(services, passcode.id, f"{index:06}"))
    assert len(computed) - computed.count(NO_PASSCODE) == 3
    assert outcomes[PasscodeMismatch] == 2
    assert outcomes[PasscodeMismatch] + outcomes[TriesExhausted] + outcomes[PasscodeNotFound] == 50
    assert counts(services, Passcode, Session) == [0, 0]


def test_of_twenty_right_codes_at_once_one_is_a_session(services):
    passcode = make_passcode()
    outcomes = at_once(20, lambda _: finish(services, passcode.id))
    assert outcomes[PasscodeLogin] == 1
    assert outcomes[PasscodeLogin] + outcomes[TriesExhausted] + outcomes[PasscodeNotFound] == 20
    assert counts(services, Passcode, Session) == [0, 1]


def test_of_several_correct_codes_one_is_consumed(services, monkeypatch):
    passcode, gate, real = make_passcode(), Barrier(3), rows.consume

    def consume_together(passcode_id):
        with suppress(BrokenBarrierError):  # where the database lets one in after the other
            gate.wait(timeout=0.5)
        return real(passcode_id)

    monkeypatch.setattr(rows, "consume", consume_together)
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda _: kind(lambda: finish(services, passcode.id)), range(3)))
    assert Counter(outcomes) == {PasscodeLogin: 1, PasscodeNotFound: 2}
    assert counts(services, Session) == [1]


def test_an_address_goes_to_one_of_those_who_verify_it_at_once(services):
    email = make_email(user=None, verified=False)
    passcodes = [make_passcode(user=make_user(), email=email) for _ in range(6)]
    outcomes = at_once(6, lambda index: finish(services, passcodes[index].id))
    assert outcomes == {PasscodeLogin: 1, EmailClaimed: 5}
    assert counts(services, PrimaryEmail, Session) == [1, 1]


def test_the_limit_of_addresses_holds_for_those_verified_at_once(make_services):
    services = make_services({"email.limit": 3})
    account = make_account()
    emails = [make_email(user=None, verified=False) for _ in range(8)]
    passcodes = [make_passcode(user=account.user, email=email) for email in emails]
    outcomes = at_once(8, lambda index: finish(services, passcodes[index].id, caller_id=account.user_id))
    assert outcomes == {PasscodeLogin: 2, EmailLimitReached: 6}
    with services.database.connection():
        assert Email.select().where(Email.user == account.user_id).count() == 3


def test_of_first_addresses_proved_at_once_one_has_the_account(services):
    user = make_user()
    passcodes = [make_passcode(user=user, email=make_email(user=user, verified=False)) for _ in range(5)]
    outcomes = at_once(5, lambda index: finish(services, passcodes[index].id))
    assert outcomes == {PasscodeLogin: 1, PasscodeNotFound: 4}
    assert counts(services, PrimaryEmail, Email, Session) == [1, 1, 1]


def test_of_first_addresses_proved_in_a_session_at_once_one_is_primary(services):
    user = make_user()
    passcodes = [make_passcode(user=user, email=make_email(user=user, verified=False)) for _ in range(5)]
    outcomes = at_once(5, lambda index: finish(services, passcodes[index].id, caller_id=user.id))
    assert outcomes == {PasscodeLogin: 5}
    assert counts(services, PrimaryEmail, Email) == [1, 5]


# Hashes


def test_an_unknown_passcode_costs_one_hash_like_a_known_one(services, computed):
    passcode = make_passcode()
    assert kind(lambda: finish(services, passcode.id, "000000")) is PasscodeMismatch
    assert computed == [passcode.code]
    assert kind(lambda: finish(services, uuid4(), "000000")) is PasscodeNotFound
    assert computed == [passcode.code, NO_PASSCODE]


def test_nobody_holds_a_connection_while_a_hash_is_computed(services):
    passcode, account, held = make_passcode(), make_account(), []

    def look(_hashed):
        held.append(not services.database.peewee.is_closed() or services.database.peewee.in_transaction())

    with observed(look):
        start(services, account.user_id)
        finish(services, passcode.id)
        kind(lambda: finish(services, uuid4()))
    assert held == [False] * 3


def test_a_try_that_found_no_place_in_the_queue_is_given_back(services):
    passcode = make_passcode()
    with occupied(services.get(build_hasher)._passcodes):
        assert [kind(lambda: finish(services, passcode.id)) for _ in range(5)] == [Overloaded] * 5
    assert kind(lambda: finish(services, passcode.id)) is PasscodeLogin


# What is written


class BreakingOnce(DeliveryQueue):
    """A queue that breaks after what is put in first."""

    errors = (ZeroDivisionError,)

    def put(self, *args, **kwargs):
        super().put(*args, **kwargs)
        errors, self.errors = self.errors, ()
        for error in errors:
            raise error


def test_a_passcode_and_its_mail_are_written_together_or_not_at_all(make_services, inbox):
    queue = {build_queue: lambda parts: BreakingOnce(parts.get(build_database), now=parts.now)}
    services, account = make_services(instead=queue), make_account()
    with pytest.raises(ZeroDivisionError):
        start(services, account.user_id)
    assert counts(services, Passcode, Delivery) == [0, 0]
    start(services, account.user_id)
    assert counts(services, Passcode, Delivery) == [1, 1]
    assert len(inbox.messages()) == 1


def test_mails_go_to_the_stored_address(services, inbox):
    account = make_account(address="alice@example.test")
    start(services, account.user_id, account.id)
    assert [mail["To"] for mail in inbox.messages()] == ["alice@example.test"]


def test_a_further_address_is_told_to_the_primary_one(make_services, inbox):
    services = make_services({"hanko_compat.mail.security_notifications": True})
    account = make_account(address="alice@example.test")
    further = make_email(address="further@example.test", user=None, verified=False)
    passcode = make_passcode(email=further, user=account.user)
    finish(services, passcode.id, caller_id=account.user_id)
    finish(services, make_passcode(email=further, user=account.user).id)  # it is known by now
    [notice] = inbox.messages()
    assert notice["To"] == "alice@example.test"
    assert "further@example.test" in notice.get_body(("plain",)).get_content()


def test_the_first_address_is_told_to_nobody(make_services, inbox):
    services = make_services({"hanko_compat.mail.security_notifications": True})
    user = make_user()
    first = make_email(address="alice@example.test", user=None, verified=False)
    finish(services, make_passcode(email=first, user=user).id)
    assert inbox.messages() == []


def test_a_second_log_in_tells_the_primary_address(services, inbox):
    account = make_account()
    second = make_email(user=account.user)
    login = finish(services, make_passcode(email=second).id)
    info = services.sessions.live.authenticate(login.issued.session.token)
    assert info.email == {"address": account.address, "is_primary": True, "is_verified": True}


def test_the_token_of_the_first_verification_of_a_primary_address_calls_it_unverified(services):
    account = make_account(verified=False)
    for expected in (False, True):
        login = finish(services, make_passcode(email=account).id)
        assert (
            services.sessions.live.authenticate(login.issued.session.token).email["is_verified"] is expected
        )
    with services.database.connection():
        assert Email.get_by_id(account.id).verified


def test_a_log_in_keeps_the_limit_of_sessions(services):
    account = make_account()
    for _ in range(6):
        finish(services, make_passcode(email=account).id)
    assert counts(services, Session) == [5]


def test_events_come_in_their_order(make_services):
    happened = []
    listening = partial(build_events, others=[lambda event: happened.append(event.type)])
    services = make_services(instead={build_events: listening})
    finish(services, make_passcode(user=make_user(), email=make_email(user=None, verified=False)).id)
    assert happened == [
        EventType.PRIMARY_EMAIL_CHANGED,
        EventType.EMAIL_VERIFIED,
        EventType.PASSCODE_LOGIN_FINAL_SUCCEEDED,
    ]


def test_a_round_trip_takes_few_queries(services):
    dialect = services.database.dialect
    passcode, account = make_passcode(), make_account()
    # What is read every two seconds at most, such as hooks, is known by then.
    start(services, make_account().user_id)
    finish(services, make_passcode().id)
    with assert_query_count(4):  # user, address, passcode, mail
        start(services, account.user_id)
    # passcode; count, which MySQL does not tell; lock and subject, which are one for PostgreSQL; consume,
    # address, sessions, session
    with assert_query_count(8 + (dialect == "mysql") - (dialect == "postgres")):
        finish(services, passcode.id)


def test_the_limit_of_guesses_comes_before_the_comparison(make_services, computed):
    limits = {"rate_limiter.enabled": True, "hanko_compat.limits.account.tokens": 10}
    services, account = make_services(limits), make_account()
    outcomes = Counter(
        kind(lambda: finish(services, make_passcode(email=account).id, "000000")) for _ in range(15)
    )
    assert outcomes == {PasscodeMismatch: 10, RateLimited: 5}
    assert len(computed) == 10


def test_what_names_no_address_is_the_primary_one(services, inbox):
    account = make_account()
    start(services, account.user_id, UUID(int=0))
    assert [mail["To"] for mail in inbox.messages()] == [account.address]
