"""One-time tokens: which ones are sessions, how often, and what is told of it."""

from datetime import timedelta

import pytest

from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.tokens import TokenExpired, TokenNotFound
from hanko_compat.errors.users import UserBlocked
from hanko_compat.services.tokens import TTL, new_value
from hanko_compat.storage import tokens as rows
from hanko_compat.storage.engine.deletion import delete_some
from hanko_compat.storage.models import AuditLog, Session, Token, UserState
from tests.calls import CALLER, kind, outcome
from tests.factories import make_account, make_identity, make_otp_secret, make_token, now, store
from tests.queries import assert_nothing_is_sorted

AUDITED = {"audit_log.storage.enabled": True, "audit_log.mask": False}


def exchange(services, value):
    return outcome(lambda: services.tokens.exchange(value, client=CALLER))


def counts(services):
    with services.database.connection():
        return Token.select().count(), Session.select().count()


def audited(services):
    with services.database.connection():
        rows = AuditLog.select().order_by(AuditLog.created_at, AuditLog.id)
        return [(row.type, row.error, row.actor_user_id, row.actor_email, row.details) for row in rows]


def test_a_token_becomes_one_session_of_its_user(make_services):
    services = make_services(AUDITED)
    token = make_token()
    issued = exchange(services, token.value)
    assert issued.session.user_id == token.user_id
    assert services.sessions.live.authenticate(issued.session.token).user_id == token.user_id
    assert counts(services) == (0, 1)
    assert exchange(services, token.value) is TokenNotFound
    assert counts(services) == (0, 1)
    assert audited(services) == [("token_exchange_succeeded", None, token.user_id, None, "null")]


@pytest.mark.parametrize(("seconds", "expected"), [(58, None), (61, TokenExpired)])
def test_a_token_lives_for_a_minute(services, clock, seconds, expected):
    token = make_token(created_at=clock().replace(microsecond=0))
    clock.advance(seconds=seconds)
    result = exchange(services, token.value)
    assert result is expected if expected else result.session.user_id == token.user_id
    assert counts(services) == ((1, 0) if expected else (0, 1))


def test_tokens_of_flows_are_unknown(services):
    token = make_token(is_flow=True)
    assert exchange(services, token.value) is TokenNotFound
    assert counts(services) == (1, 0)


def test_tokens_are_compared_letter_by_letter(services):
    """Collations of MySQL and MariaDB find them in other case and with blanks behind."""
    token = make_token(value="Ab" * 21 + "A=")
    for value in (token.value.lower(), token.value.swapcase(), token.value + " ", token.value[:-1]):
        assert exchange(services, value) is TokenNotFound
    assert counts(services) == (1, 0)


@pytest.mark.parametrize("value", ["\0", "a\0", "é" * 44, "\ud800", "x" * 256, "x" * 100_000, "\n", "%"])
def test_what_never_was_a_token_is_not_looked_for(services, value):
    assert exchange(services, value) is TokenNotFound


def test_a_user_with_a_second_factor_needs_more(make_services):
    services = make_services(AUDITED | {"mfa.enabled": True})
    token = make_token()
    make_otp_secret(user=token.user_id)
    assert exchange(services, token.value) is SecondFactorRequired
    assert counts(services) == (1, 0)
    failed = ("token_exchange_failed", "second factor required", token.user_id, None, "null")
    assert audited(services) == [failed]
    assert kind(lambda: make_services().tokens.exchange(token.value, client=CALLER)).__name__ == "IssuedLogin"


@pytest.mark.parametrize("status", ["disabled", "pending"])
def test_a_blocked_user_gets_no_session(make_services, status):
    services = make_services(AUDITED)
    token = make_token()
    store(UserState, user=token.user_id, status=status, created_at=now())
    assert exchange(services, token.value) is UserBlocked
    assert counts(services) == (1, 0)
    assert audited(services) == [("token_exchange_failed", "user not active", token.user_id, None, "null")]


def test_the_session_names_the_primary_address(services):
    account = make_account()
    token = make_token(identity=make_identity(email=account))
    session = exchange(services, token.value).session
    assert services.sessions.live.inspect(session.token).email["address"] == account.address


def test_values_are_long_and_each_another_one():
    values = {new_value() for _ in range(100)}
    assert len(values) == 100
    assert {len(value) for value in values} == {44}


def test_they_are_found_by_an_index(services):
    with services.database.connection(), assert_nothing_is_sorted(services.database):
        delete_some(rows.old(before=now()), at_most=10)


def test_old_tokens_are_deleted_and_those_of_flows_stay(services, clock):
    made = clock().replace(microsecond=0) - TTL - timedelta(days=1)
    old = make_token(created_at=made - timedelta(seconds=2))
    of_a_flow = make_token(created_at=made - timedelta(seconds=2), is_flow=True)
    kept = make_token(created_at=made + timedelta(minutes=1))
    services.clean_up.runs.run()
    with services.database.connection():
        left = {row.id for row in Token.select()}
    assert left == {of_a_flow.id, kept.id}
    assert old.id not in left
