"""What holds for every method: the one here deletes a row, which stands for whatever is used up."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import uuid4

import jwt
import pytest

from hanko_compat.errors.login import SecondFactorRequired
from hanko_compat.errors.passcodes import PasscodeNotFound
from hanko_compat.errors.users import UserBlocked, UserNotFound
from hanko_compat.jose import session_token
from hanko_compat.jose.session_token import TokenEmail, TokenSubject
from hanko_compat.services.events import Event, EventType
from hanko_compat.services.login.finish import REASONS, IssuedLogin, Outcome, Proof
from hanko_compat.services.sessions import issuing, tokens
from hanko_compat.storage import passcodes
from hanko_compat.storage.models import AuditLog, Passcode, Session, User
from hanko_compat.storage.users import users
from hanko_compat.wiring.events import build_events
from hanko_compat.wiring.login import build_login
from tests.calls import CALLER, kind
from tests.factories import make_account, make_otp_secret, make_passcode, make_user, now
from tests.queries import assert_query_count

AUDITED = {"audit_log.storage.enabled": True}
SERVER_TOKENS = {
    "hanko_compat.backend_api.session_token": True,
    "hanko_compat.public_url": "https://auth.example.test",
}
HAPPENED = (EventType.EMAIL_VERIFIED, EventType.PASSCODE_LOGIN_FINAL_SUCCEEDED)


class Method:
    """Proves who somebody is by a row that only one caller can delete."""

    def __init__(self, services, user_id, *, is_enough=True):
        with services.database.connection():
            self.row_id = make_passcode(user=User.get_by_id(user_id)).id
        self.services = services
        self.proof = Proof(user_id=user_id, is_enough=is_enough, use_up=self.use_up, settle=self.settle)

    def use_up(self):
        if not passcodes.consume(self.row_id):
            raise PasscodeNotFound

    def settle(self, subject):
        told = (
            Event(type=each, client=CALLER, user_id=subject.user_id, email=subject.address)
            for each in HAPPENED
        )
        return Outcome(subject, tuple(told))

    def finish(self, **options):
        return self.services.get(build_login).finish(self.proof, client=CALLER, **options)


@pytest.fixture
def published():
    """The events that were published, each with whether anything was open then."""
    return []


@pytest.fixture
def services(make_services, published):
    def listen(event):
        published.append((event.type, services.database.peewee.in_transaction()))

    services = make_services(instead={build_events: partial(build_events, others=[listen])})
    return services


def counts(services, *tables):
    with services.database.connection():
        return [table.select().count() for table in tables]


def test_a_proof_becomes_a_session(services):
    email = make_account(address="alice@example.test")
    issued = Method(services, email.user_id).finish()
    info = services.sessions.live.authenticate(issued.session.token)
    assert (info.user_id, info.session_id) == (email.user_id, issued.session.session_id)
    assert info.email["address"] == "alice@example.test"
    with services.database.connection():
        [row] = Session.select()
    assert (row.id, row.ip_address, row.user_agent) == (info.session_id, CALLER.ip_address, CALLER.user_agent)


def test_the_token_tells_what_the_method_says(services):
    user, told = make_user(), TokenEmail("new@example.test", is_primary=True, is_verified=False)
    proof = Proof(
        user_id=user.id,
        is_enough=True,
        use_up=lambda: None,
        settle=lambda subject: Outcome(TokenSubject(subject.user_id, email=told)),
    )
    issued = services.get(build_login).finish(proof, client=CALLER)
    assert services.sessions.live.inspect(issued.session.token).email["address"] == "new@example.test"


def test_what_happened_is_told_in_order_after_the_commit(services, published):
    Method(services, make_account().user_id).finish()
    assert published == [(type_, False) for type_ in HAPPENED]


def test_what_happened_is_recorded(make_services):
    services = make_services(AUDITED)
    Method(services, make_account().user_id).finish()
    with services.database.connection():
        assert {row.type for row in AuditLog.select()} == set(HAPPENED)


def break_off(_subject):
    raise ZeroDivisionError


def test_all_is_written_or_nothing(make_services):
    services = make_services(AUDITED)
    method = Method(services, make_account().user_id)
    broken = Proof(user_id=method.proof.user_id, is_enough=True, use_up=method.use_up, settle=break_off)
    with pytest.raises(ZeroDivisionError):
        services.get(build_login).finish(broken, client=CALLER)
    assert counts(services, Passcode, Session, AuditLog) == [1, 0, 0]
    method.finish()
    assert counts(services, Passcode, Session, AuditLog) == [0, 1, 2]


def test_what_is_used_up_brings_no_second_session(services, published):
    method = Method(services, make_account().user_id)
    assert [kind(method.finish) for _ in range(3)] == [IssuedLogin, PasscodeNotFound, PasscodeNotFound]
    assert (counts(services, Session), len(published)) == ([1], len(HAPPENED))


def test_of_twenty_uses_at_once_one_is_a_session(services):
    method, gate = Method(services, make_account().user_id), Barrier(20)

    def race(_):
        gate.wait()
        return kind(method.finish)

    with ThreadPoolExecutor(20) as pool:
        outcomes = Counter(pool.map(race, range(20)))
    assert outcomes == {IssuedLogin: 1, PasscodeNotFound: 19}
    assert counts(services, Session) == [1]


@pytest.mark.parametrize("is_enough", [True, False])
def test_a_second_factor_is_asked_for_unless_the_proof_is_enough(make_services, is_enough):
    services, email = make_services({"mfa.enabled": True}), make_account()
    make_otp_secret(user=email.user_id)
    method = Method(services, email.user_id, is_enough=is_enough)
    assert kind(method.finish) is (IssuedLogin if is_enough else SecondFactorRequired)
    assert counts(services, Passcode, Session) == ([0, 1] if is_enough else [1, 0])


@pytest.mark.parametrize("status", ["pending", "disabled"])
def test_who_is_not_active_does_not_get_in_and_uses_nothing_up(services, status):
    user_id = make_account().user_id
    services.users.records.update(user_id, name=None, status=status, client=CALLER)
    assert kind(Method(services, user_id).finish) is UserBlocked
    assert counts(services, Passcode, Session) == [1, 0]


def test_no_session_for_a_user_who_was_deleted(services):
    with pytest.raises(UserNotFound):
        services.get(build_login).finish(
            Proof(user_id=uuid4(), is_enough=True, use_up=lambda: None), client=CALLER
        )
    assert counts(services, Session) == [0]


def test_each_refusal_has_a_reason():
    assert set(REASONS) == {SecondFactorRequired, UserBlocked}


def test_a_log_in_takes_few_queries(services):
    method = Method(services, make_account().user_id)
    Method(services, make_account().user_id).finish()  # which reads the signing key
    # Lock the user and read it, which are two elsewhere; use up; live sessions, session.
    with assert_query_count(4 if services.database.dialect == "postgres" else 5):
        method.finish()


@pytest.fixture
def signatures(monkeypatch):
    """Whether a connection or a transaction was open at each signature."""
    seen, real = [], session_token.sign

    def watch(services):
        def sign(claims, *, key):
            database = services.database.peewee
            seen.append(not database.is_closed() or database.in_transaction())
            return real(claims, key=key)

        monkeypatch.setattr(issuing.session_token, "sign", sign)
        monkeypatch.setattr(tokens, "sign", sign)
        return seen

    return watch


@pytest.mark.parametrize("is_for_browser", [True, False])
@pytest.mark.parametrize("are_wanted", [True, False])
def test_tokens_are_signed_with_nothing_open(make_services, signatures, are_wanted, is_for_browser):
    services = make_services(SERVER_TOKENS if are_wanted else {})
    seen = signatures(services)
    issued = Method(services, make_account().user_id).finish(is_for_browser=is_for_browser)
    both = are_wanted and is_for_browser
    assert seen == [False] * (1 + both)
    assert (issued.server_token is not None) is both


def test_the_token_for_servers_is_of_this_user(make_services):
    services, email = make_services(SERVER_TOKENS), make_account()
    issued = Method(services, email.user_id).finish()
    claims = jwt.decode(issued.server_token.token, options={"verify_signature": False})
    assert claims["sub"] == f"usr-{email.user_id.int}"
    assert issued.server_token.lifespan == issued.session.lifespan


def test_a_sign_up_is_a_log_in(make_services):
    services, user_id = make_services(AUDITED | SERVER_TOKENS), uuid4()
    created = Event(type=EventType.USER_CREATED, client=CALLER, user_id=user_id)

    def create():
        users.create(user_id, now=now())
        return "made"

    login = services.get(build_login)
    Method(services, make_account().user_id).finish()  # which reads what processes keep
    with assert_query_count(5):  # user, session, audit row; the two reads of the token for servers
        issued, made = login.sign_up(TokenSubject(user_id), created, create=create)
    assert made == "made"
    assert services.sessions.live.inspect(issued.session.token).user_id == user_id
    assert issued.server_token is not None
    assert counts(services, Session, AuditLog) == [2, 3]


def test_a_sign_up_is_whole_or_not_at_all(make_services):
    services, user_id = make_services(AUDITED), uuid4()
    created = Event(type=EventType.USER_CREATED, client=CALLER, user_id=user_id)

    def create():
        users.create(user_id, now=now())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        services.get(build_login).sign_up(TokenSubject(user_id), created, create=create)
    assert counts(services, User, Session, AuditLog) == [0, 0, 0]
