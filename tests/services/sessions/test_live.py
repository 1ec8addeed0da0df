from datetime import timedelta

import jwt
import peewee
import pytest

from hanko_compat.client import Client
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.jose import session_token
from hanko_compat.services.keys.keys import Keys
from hanko_compat.services.sessions.live import LAST_USED_STEP, Sessions, SessionSettings
from hanko_compat.storage.models import Session, User
from hanko_compat.storage.sessions import sessions as rows
from tests.factories import make_account, make_user
from tests.queries import assert_query_count, recorded_queries
from tests.sessions import issue_session
from tests.settings import SECRET
from tests.signing_keys import private_jwk

CLIENT = Client("192.0.2.7", "Firefox", "request-1")


@pytest.fixture
def sessions(services):
    return services.sessions.live


def issue(services, user_id=None):
    return issue_session(services, user_id or make_user().id, client=CLIENT)


def stored(services):
    with services.database.connection():
        return list(Session.select().order_by(Session.created_at))


def change(services, session_id, **columns):
    with services.database.connection():
        Session.update(**columns).where(Session.id == session_id).execute()


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def is_valid(services, token):
    try:
        services.sessions.live.inspect(token)
    except SessionInvalid:
        return False
    return True


def test_what_a_session_says(services, clock):
    email = make_account(address="alice@example.test")
    issued = issue(services, email.user_id)
    info = services.sessions.live.authenticate(issued.token)
    moment = clock().replace(microsecond=0)
    assert (info.user_id, info.session_id) == (email.user_id, issued.session_id)
    assert (info.issued_at, info.expires_at) == (moment, moment + timedelta(hours=12))
    assert (info.audience, info.issuer, info.username, info.extra_claims) == (("localhost",), None, None, {})
    assert info.email == {"address": "alice@example.test", "is_primary": True, "is_verified": True}
    assert info.idle_expires_at is None


@pytest.mark.parametrize("check", ["authenticate", "inspect"])
def test_a_check_costs_one_query(services, check):
    token = issue(services).token
    with assert_query_count(1):
        getattr(services.sessions.live, check)(token)


def test_a_flood_of_garbage_causes_one_read_of_the_keys(services):
    token = issue(services).token
    head, payload, signature = token.split(".")
    forged = [
        "",
        "nonsense",
        token[:-1],
        token[:-200],
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature[::-1]}",
        token + "x" * 1_000_000,
        *(jwt.encode({"n": n}, "x" * 32, headers={"kid": f"kid {n}"}) for n in range(200)),
    ]
    with assert_query_count(2):  # the keys, and which of them are revoked
        assert [is_valid(services, each) for each in forged] == [False] * len(forged)


def test_a_flood_of_unknown_keys_costs_a_read_every_few_seconds_beside_those_that_are_due(services, clock):
    services.keys.ensure()
    with recorded_queries() as statements:
        for number in range(100):
            assert not is_valid(services, jwt.encode({}, "x" * 32, headers={"kid": f"kid {number}"}))
            clock.advance(seconds=0.1)
    assert len(statements) <= 2 * 2 * 10 / 5


@pytest.mark.parametrize("check", ["authenticate", "inspect"])
def test_a_token_of_a_key_that_another_process_revoked_is_refused_at_once(services, clock, check):
    token = issue(services).token
    elsewhere = Keys(
        services.database,
        secrets=(SECRET,),
        algorithm="EdDSA",
        now=clock,
        sleep=lambda seconds: clock.advance(seconds=seconds),
    )
    services.keys.current()
    elsewhere.rotate()
    clock.advance(seconds=60)
    services.keys.current()
    assert is_valid(services, token)
    elsewhere.revoke(private_jwk()["kid"])
    with pytest.raises(SessionInvalid):
        getattr(services.sessions.live, check)(token)
    assert is_valid(services, issue(services).token)


def test_a_webhook_token_is_no_session(services, clock):
    now = int(clock().timestamp())
    claims = {
        "sub": "hanko webhooks",
        "aud": ["localhost"],
        "iat": now,
        "exp": now + 300,
        "evt": "user",
        "data": {},
    }
    token = session_token.sign(claims, key=services.keys.current())
    with assert_query_count(0):
        assert not is_valid(services, token)


def test_a_token_expires(services, clock):
    token = issue(services).token
    clock.advance(hours=11, minutes=59, seconds=58)
    assert is_valid(services, token)
    clock.advance(seconds=2)
    assert not is_valid(services, token)


def test_a_token_from_the_future_waits(services, clock):
    clock.advance(seconds=2)
    token = issue(services).token
    clock.advance(seconds=-2)
    assert not is_valid(services, token)


def test_without_its_row_a_token_is_nothing(services):
    one, other = issue(services), issue(services)
    services.sessions.live.revoke(one.session_id)
    assert [is_valid(services, each.token) for each in (one, other)] == [False, True]
    services.sessions.live.revoke(one.session_id)


def test_a_revocation_is_seen_by_other_processes_at_once(services, clock):
    issued, settings = issue(services), SessionSettings(lifespan=timedelta(hours=1), audience=("there",))
    keys = Keys(services.database, secrets=(SECRET,), algorithm="EdDSA", now=clock)
    elsewhere = Sessions(services.database, keys, settings=settings, now=clock)
    assert elsewhere.inspect(issued.token).session_id == issued.session_id
    services.sessions.live.revoke(issued.session_id)
    with pytest.raises(SessionInvalid):
        elsewhere.inspect(issued.token)


def test_all_sessions_of_a_user_end_but_one(services):
    user = make_user()
    mine, others = issue(services, user.id), [issue(services, user.id) for _ in range(2)]
    stranger = issue(services)
    services.sessions.live.revoke_all(user.id, but=mine.session_id)
    assert [is_valid(services, each.token) for each in (mine, *others, stranger)] == [
        True,
        False,
        False,
        True,
    ]
    services.sessions.live.revoke_all(user.id, but=None)
    assert [is_valid(services, each.token) for each in (mine, stranger)] == [False, True]


def test_the_sessions_of_a_deleted_user_end(services):
    issued = issue(services)
    with services.database.connection():
        User.delete().execute()
    assert not is_valid(services, issued.token)


def test_the_row_of_somebody_else_does_not_count(services):
    issued = issue(services)
    change(services, issued.session_id, user=make_user().id)
    assert not is_valid(services, issued.token)


def test_rows_of_other_tools_may_lack_times(services):
    issued = issue(services)
    change(services, issued.session_id, last_used=None, expires_at=None)
    assert is_valid(services, issued.token)
    services.sessions.live.authenticate(issued.token)


IDLE = {"session.idle_timeout": "10m"}


def test_a_session_that_lies_idle_ends(make_services, clock):
    services = make_services(IDLE)
    token = issue(services).token
    clock.advance(minutes=9)
    services.sessions.live.authenticate(token)
    clock.advance(minutes=9)
    assert is_valid(services, token)
    clock.advance(minutes=2)
    assert not is_valid(services, token)


def test_looking_at_a_session_is_no_use_of_it(make_services, clock):
    services = make_services(IDLE)
    token = issue(services).token
    first = services.sessions.live.inspect(token).idle_expires_at
    clock.advance(minutes=9)
    assert services.sessions.live.inspect(token).idle_expires_at == first
    clock.advance(minutes=2)
    assert not is_valid(services, token)


def test_a_use_moves_the_idle_end_on(make_services, clock):
    services = make_services(IDLE)
    token = issue(services).token
    clock.advance(minutes=5)
    assert services.sessions.live.authenticate(token).idle_expires_at == clock() + timedelta(minutes=10)


def test_the_idle_end_is_never_later_than_the_token_s(make_services, clock):
    services = make_services(IDLE | {"session.lifespan": "5m"})
    info = services.sessions.live.authenticate(issue(services).token)
    assert info.idle_expires_at == info.expires_at


def test_a_row_without_last_use_idles_from_its_creation(make_services, clock):
    services = make_services(IDLE)
    issued = issue(services)
    change(services, issued.session_id, last_used=None)
    assert is_valid(services, issued.token)
    clock.advance(minutes=11)
    assert not is_valid(services, issued.token)


@pytest.mark.parametrize(
    ("settings", "step"), [(IDLE, timedelta(seconds=30)), ({}, LAST_USED_STEP)], ids=["idle", "no idle"]
)
def test_last_used_is_written_now_and_then(make_services, clock, settings, step):
    services = make_services(settings)
    issued = issue(services)
    services.sessions.live.authenticate(issued.token)
    clock.advance(seconds=step.total_seconds() - 2)
    services.keys.current()  # read again by now, which is not what is counted here
    with assert_query_count(1):
        services.sessions.live.authenticate(issued.token)
    clock.advance(seconds=3)
    with assert_query_count(2):
        services.sessions.live.authenticate(issued.token)
    with assert_query_count(1):
        services.sessions.live.authenticate(issued.token)
    [row] = stored(services)
    assert row.last_used == clock().replace(microsecond=row.last_used.microsecond)
    assert row.created_at < row.last_used == row.updated_at


@pytest.mark.parametrize("fault", [peewee.OperationalError("read-only"), DatabaseUnavailable()], ids=str)
def test_a_session_is_good_though_its_use_can_not_be_written(services, clock, monkeypatch, fault, caplog):
    token = issue(services).token
    clock.advance(hours=1)
    real = rows.update_last_used

    def write_and_fail(session_id, *, at):
        real(session_id, at=at)
        raise fault

    monkeypatch.setattr(rows, "update_last_used", write_and_fail)
    services.sessions.live.authenticate(token)
    assert "session_use_not_written" in [record.message for record in caplog.records]
