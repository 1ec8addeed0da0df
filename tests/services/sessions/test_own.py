from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest

from hanko_compat.client import Client
from hanko_compat.errors.sessions import (
    SessionEndDisabled,
    SessionInvalid,
    SessionListDisabled,
    SessionNotFound,
)
from hanko_compat.services.sessions import own
from hanko_compat.services.sessions.own import OwnSession
from hanko_compat.storage.models import AuditLog, Session
from hanko_compat.storage.sessions import sessions as rows
from tests.calls import CALLER
from tests.factories import make_account, make_session, now
from tests.queries import assert_query_count
from tests.sessions import issue_session, signed_in

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
AUDITED = {"audit_log.storage.enabled": True, "audit_log.mask": False}
FIREFOX = Client(ip_address="192.0.2.7", user_agent="Firefox", request_id="request-1")


def stored(services):
    with services.database.connection():
        return {row.id for row in Session.select(Session.id)}


def audited(services):
    """Type, user, address and details of each event of a session's end."""
    with services.database.connection():
        found = AuditLog.select().where(AuditLog.type.in_(["session_revoked", "user_logged_out"]))
        return [(row.type, row.actor_user_id, row.actor_email, row.details) for row in found]


def alice_of(services):
    """A user with a session, and her address."""
    email = make_account(address="alice@example.test")
    return signed_in(services, email.user_id), email


def ids(services, session):
    return [each.id for each in services.sessions.own.list(session)]


def test_a_list_has_what_is_known_of_each(services, clock):
    email = make_account()
    session = services.sessions.live.inspect(issue_session(services, email.user_id, client=FIREFOX).token)
    began = session.expires_at - timedelta(hours=12)
    other = make_session(user=email.user, created_at=began - HOUR, last_used=None, user_agent=None)
    make_session()  # somebody else's
    with assert_query_count(1):
        current, older = services.sessions.own.list(session)
    assert (current.is_current, current.id) == (True, session.session_id)
    assert (current.ip_address, current.user_agent) == ("192.0.2.7", "Firefox")
    assert older == OwnSession(
        id=other.id,
        user_id=email.user_id,
        user_agent=None,
        ip_address="127.0.0.1",
        created_at=other.created_at,
        updated_at=other.updated_at,
        expires_at=other.expires_at,
        last_used=other.created_at,
        is_current=False,
    )


def test_a_list_leaves_out_what_is_over(make_services, clock):
    services = make_services({"session.idle_timeout": "30m"})
    session, email = alice_of(services)
    make_session(user=email.user, expires_at=clock() - MINUTE)
    make_session(user=email.user, last_used=clock() - HOUR)
    began = (clock() - MINUTE).replace(microsecond=0)
    without_end = make_session(user=email.user, created_at=began, expires_at=None)
    assert ids(services, session) == [session.session_id, without_end.id]
    assert services.sessions.own.list(session)[1].expires_at == began + timedelta(hours=12)


def test_a_list_is_bounded(services, monkeypatch):
    session, email = alice_of(services)
    for _ in range(3):
        make_session(user=email.user, created_at=now() - HOUR)
    monkeypatch.setattr(own, "MOST", 2)
    assert len(services.sessions.own.list(session)) == 2


def test_to_end_another_session_is_a_revocation(make_services):
    services = make_services(AUDITED)
    session, email = alice_of(services)
    other = make_session(user=email.user)
    services.sessions.own.end(session, other.id, client=CALLER)
    assert stored(services) == {session.session_id}
    details = f'{{"session_id":"{other.id}"}}'
    [(type_, *who, told)] = audited(services)
    assert (type_, who, told.replace(" ", "")) == (
        "session_revoked",
        [email.user_id, "alice@example.test"],
        details,
    )


def test_to_end_the_current_session_is_a_log_out(make_services):
    services = make_services(AUDITED)
    session, email = alice_of(services)
    other = make_session(user=email.user)
    services.users.accounts.log_out(signed_in(services, email.user_id), client=CALLER)
    [logged_out] = audited(services)
    services.sessions.own.end(session, session.session_id, client=CALLER)
    assert stored(services) == {other.id}
    assert audited(services) == [logged_out] * 2


def test_to_end_all_others(make_services, clock):
    services = make_services(AUDITED)
    session, email = alice_of(services)
    others = {make_session(user=email.user).id for _ in range(2)}
    make_session(user=email.user, expires_at=clock() - MINUTE)
    somebody_elses = make_session().id
    services.sessions.own.end_others(session, client=CALLER)
    assert stored(services) == {session.session_id, somebody_elses}
    ended = audited(services)
    assert [type_ for type_, *_ in ended] == ["session_revoked"] * 2
    assert all(any(str(each) in details for *_, details in ended) for each in others)
    services.sessions.own.end_others(session, client=CALLER)
    assert audited(services) == ended


def test_what_is_over_leaves_without_an_event(make_services, clock):
    services = make_services(AUDITED)
    session, email = alice_of(services)
    services.sessions.own.end(
        session, make_session(user=email.user, expires_at=clock() - MINUTE).id, client=CALLER
    )
    assert (stored(services), audited(services)) == ({session.session_id}, [])


def test_sessions_of_others_are_not_there(make_services):
    services = make_services(AUDITED)
    session, _ = alice_of(services)
    bobs = make_session().id
    for session_id in (bobs, uuid4()):
        with pytest.raises(SessionNotFound):
            services.sessions.own.end(session, session_id, client=CALLER)
    assert (stored(services), audited(services)) == ({session.session_id, bobs}, [])


def test_a_session_that_has_ended_ends_no_other(make_services):
    services = make_services(AUDITED)
    session, email = alice_of(services)
    other = make_session(user=email.user).id
    services.sessions.live.revoke(session.session_id)
    with pytest.raises(SessionInvalid):
        services.sessions.own.end(session, other, client=CALLER)
    with pytest.raises(SessionInvalid):
        services.sessions.own.end_others(session, client=CALLER)
    assert (stored(services), audited(services)) == ({other}, [])


def test_the_configuration_switches_list_and_ends_off(make_services):
    services = make_services({"session.show_on_profile": False, "session.allow_revocation": False})
    session, email = alice_of(services)
    other = make_session(user=email.user).id
    with pytest.raises(SessionListDisabled):
        services.sessions.own.list(session)
    for session_id in (other, session.session_id):
        with pytest.raises(SessionEndDisabled):
            services.sessions.own.end(session, session_id, client=CALLER)
    with pytest.raises(SessionEndDisabled):
        services.sessions.own.end_others(session, client=CALLER)
    assert stored(services) == {session.session_id, other}


@pytest.mark.parametrize("is_current", [False, True])
def test_of_twenty_who_end_a_session_at_once_one_does(make_services, monkeypatch, is_current):
    services = make_services(AUDITED)
    session, email = alice_of(services)
    session_id = session.session_id if is_current else make_session(user=email.user).id
    gate = Barrier(20)

    def end(_):
        gate.wait(60)
        try:
            services.sessions.own.end(session, session_id, client=CALLER)
        except (SessionNotFound, SessionInvalid) as error:
            return type(error)
        return None

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(end, range(20)))
    assert outcomes.count(None) == 1
    assert outcomes.count(SessionInvalid if is_current else SessionNotFound) == 19
    assert len(audited(services)) == 1


def test_a_session_that_is_gone_at_the_last_moment_is_not_ended_twice(make_services, monkeypatch):
    """Hanko beside us, or a log-out, deletes the row without the lock on the user."""
    services = make_services(AUDITED)
    session, email = alice_of(services)
    other, real = make_session(user=email.user).id, rows.delete

    def delete_late(session_ids):
        real(session_ids)
        return real(session_ids)

    monkeypatch.setattr(rows, "delete", delete_late)
    with pytest.raises(SessionNotFound):
        services.sessions.own.end(session, other, client=CALLER)
    assert audited(services) == []
