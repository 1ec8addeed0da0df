"""Browsers become known with log-ins, and no longer than what proved them to be the owner's."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from hanko_compat.client import Client
from hanko_compat.hashing import bcrypt
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.storage.engine.database import DatabaseError
from hanko_compat.storage.models import PasswordCredential
from hanko_compat.wiring import Services
from tests.calls import CALLER
from tests.clock import FakeClock
from tests.factories import make_account, make_email, make_passcode, make_password, make_session
from tests.queries import recorded_queries

Make = Callable[..., Services]
LIMITED = {"rate_limiter.enabled": True, "password.enabled": True}
PASSWORD, OTHER = "correct horse battery", "another horse battery"


@pytest.fixture
def services(make_services: Make) -> Services:
    return make_services(LIMITED)


@pytest.fixture
def owner(services: Services) -> UUID:
    user_id: UUID = make_account().user_id
    make_password(user=user_id, password=bcrypt.create(PASSWORD, cost=4))
    return user_id


def bringing(cookie: str | None) -> Client:
    return replace(CALLER, device_cookie=cookie)


def remember(services: Services, user_id: UUID, client: Client = CALLER) -> str:
    cookie = services.known_devices.remember(user_id, client)
    assert cookie is not None
    return cookie


def is_known(services: Services, user_id: UUID, cookie: str) -> bool:
    return services.device_cookies.find(user_id, bringing(cookie)) is not None


def session_of(user_id: UUID, clock: FakeClock) -> SessionInfo:
    row = make_session(user=user_id)
    return SessionInfo(user_id, row.id, clock(), clock(), None, (), None, None, None, {})


def set_password(services: Services, user_id: UUID, clock: FakeClock) -> None:
    session = session_of(user_id, clock)
    services.passwords.set(session, user_id=user_id, password=OTHER, client=CALLER)


def remove_password(services: Services, user_id: UUID, _: FakeClock) -> None:
    with services.database.connection():
        PasswordCredential.delete().where(PasswordCredential.user == user_id).execute()


def set_primary(services: Services, user_id: UUID, clock: FakeClock) -> None:
    email = make_email(user=user_id)
    services.emails.set_primary(session_of(user_id, clock), email.id, client=CALLER)


@pytest.mark.parametrize("change", [set_password, remove_password, set_primary])
def test_what_is_changed_ends_all_cookies_of_before(
    services: Services, owner: UUID, clock: FakeClock, change: Callable[..., None]
) -> None:
    before = [remember(services, owner) for _ in range(3)]
    of_other = remember(services, other := make_account().user_id)
    change(services, owner, clock)
    assert [is_known(services, owner, cookie) for cookie in before] == [False] * 3
    assert is_known(services, owner, remember(services, owner))
    assert is_known(services, other, of_other)


def test_a_first_proof_ends_those_of_before(services: Services) -> None:
    email = make_account(verified=False)
    before = remember(services, email.user_id)
    passcode = make_passcode(user=email.user_id, email=email)
    services.passcodes.finish(passcode.id, "123456", caller_id=None, client=CALLER)
    assert not is_known(services, email.user_id, before)


def test_a_log_in_that_changes_nothing_ends_none(services: Services, owner: UUID) -> None:
    cookie = remember(services, owner)
    login = services.passwords.log_in(owner, PASSWORD, client=CALLER)
    assert services.known_devices.remember(owner, CALLER, session_id=login.session.session_id)
    assert is_known(services, owner, cookie)


def test_who_has_lost_the_session_meanwhile_gets_none(
    services: Services, owner: UUID, clock: FakeClock
) -> None:
    """The password was changed between a log-in with the old one and its answer."""
    login = services.passwords.log_in(owner, PASSWORD, client=CALLER)
    set_password(services, owner, clock)
    session_id = login.session.session_id
    assert services.known_devices.remember(owner, CALLER, session_id=session_id) is None
    assert services.known_devices.remember(owner, CALLER, session_id=uuid4()) is None


def test_a_database_that_is_lost_fails_no_log_in(
    services: Services, owner: UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def lost(*_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(services.database, "connection", lost)
    assert services.known_devices.remember(owner, CALLER) is None
    assert [record.message for record in caplog.records] == ["device_not_remembered"]


def test_without_limits_nobody_is_remembered(make_services: Make) -> None:
    services = make_services({"rate_limiter.enabled": False})
    user_id = make_account().user_id
    with recorded_queries() as statements:
        assert services.known_devices.remember(user_id, CALLER) is None
    assert statements == []


def test_one_query_finds_a_browser_and_none_a_stranger(services: Services, owner: UUID) -> None:
    known = bringing(remember(services, owner))
    strangers = [CALLER, bringing("junk"), bringing(remember(services, make_account().user_id))]
    with recorded_queries() as statements:
        assert [services.rate_limits.device(owner, each) for each in strangers] == [None] * 3
    assert statements == []
    with recorded_queries() as statements:
        assert {services.rate_limits.device(owner, known) for _ in range(5)} != {None}
    assert len(statements) == 1
