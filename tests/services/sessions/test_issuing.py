from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import jwt
import pytest

from hanko_compat.client import Client
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.storage.models import Session
from tests.factories import make_account, make_metadata, make_session, make_user, make_username
from tests.queries import assert_query_count
from tests.sessions import issue_session
from tests.signing_keys import private_jwk

CLIENT = Client("192.0.2.7", "Firefox", "request-1")


def issue(services, user_id=None):
    return issue_session(services, user_id or make_user().id, client=CLIENT)


def stored(services):
    with services.database.connection():
        return list(Session.select().order_by(Session.created_at))


def claims_of(token):
    return jwt.decode(token, options={"verify_signature": False})


def is_valid(services, token):
    try:
        services.sessions.live.inspect(token)
    except SessionInvalid:
        return False
    return True


def test_the_token_of_a_user_with_an_address(services, clock):
    email = make_account(address="alice@example.test")
    issued = issue(services, email.user_id)
    assert claims_of(issued.token) == {
        "sub": str(email.user_id),
        "iat": int(clock().timestamp()),
        "exp": int(clock().timestamp()) + 43200,
        "aud": ["localhost"],
        "session_id": str(issued.session_id),
        "email": {"address": "alice@example.test", "is_primary": True, "is_verified": True},
    }
    assert jwt.get_unverified_header(issued.token) == {
        "alg": "RS256",
        "kid": private_jwk()["kid"],
        "typ": "JWT",
    }
    assert (issued.user_id, issued.lifespan) == (email.user_id, timedelta(hours=12))


def test_every_column_of_the_row_is_filled(services, clock):
    issued = issue(services)
    [row] = stored(services)
    moment = clock().replace(microsecond=row.created_at.microsecond)
    assert (row.id, row.user_id) == (issued.session_id, issued.user_id)
    assert (row.ip_address, row.user_agent) == ("192.0.2.7", "Firefox")
    assert (row.created_at, row.updated_at, row.last_used) == (moment,) * 3
    assert row.expires_at == moment + timedelta(hours=12)


def test_settings_of_the_section_session(make_services):
    services = make_services(
        {
            "session.issuer": "https://login.example.test",
            "session.audience": ["one", "two"],
            "session.lifespan": "90s",
            "session.acquire_ip_address": False,
            "session.acquire_user_agent": False,
            "session.jwt_template.claims": {"plan": '{{ .User.Metadata.Public "plan" }}', "sub": "x"},
        }
    )
    user = make_user()
    make_username(user=user, username="alice")
    make_metadata(user=user, public_metadata='{"plan": "pro"}')
    issued = issue(services, user.id)
    claims = claims_of(issued.token)
    assert claims["exp"] - claims["iat"] == 90
    assert (claims["iss"], claims["aud"]) == ("https://login.example.test", ["one", "two"])
    assert (claims["plan"], claims["sub"]) == ("pro", str(user.id))
    assert "username" not in claims
    [row] = stored(services)
    assert (row.ip_address, row.user_agent) == (None, None)
    info = services.sessions.live.authenticate(issued.token)
    assert (info.issuer, info.audience, info.username) == (claims["iss"], ("one", "two"), None)
    assert info.extra_claims == {"plan": "pro"}


def test_templates_set_what_a_token_lacks_and_the_token_is_valid(make_services):
    claims = {
        "iss": "https://{{ .User.GivenName }}.example.test",
        "nbf": 1700000000,
        "email": "none",
        "scopes": '["read", "{{ .User.Name }}"]',
        "since": date(2026, 1, 2),
    }
    services = make_services({"session.jwt_template.claims": claims})
    nobody, alice = make_user(given_name="grin"), make_account(address="alice@example.test")
    token = issue(services, nobody.id).token
    assert {name: claims_of(token)[name] for name in claims} == {
        "iss": "https://grin.example.test",
        "nbf": 1700000000,
        "email": "none",
        "scopes": ["read", ""],
        "since": "2026-01-02T00:00:00Z",
    }
    info = services.sessions.live.authenticate(token)
    assert (info.issuer, info.email) == ("https://grin.example.test", None)
    assert info.extra_claims == {"scopes": ["read", ""], "since": "2026-01-02T00:00:00Z"}
    assert claims_of(issue(services, alice.user_id).token)["email"]["address"] == "alice@example.test"


def test_the_issuer_of_the_configuration_wins_over_a_template(make_services):
    services = make_services({"session.issuer": "mine", "session.jwt_template.claims": {"iss": "other"}})
    assert claims_of(issue(services).token)["iss"] == "mine"


@pytest.mark.parametrize("text", ["no json", "[1]", None])
def test_metadata_that_is_no_object_counts_as_none(make_services, text):
    services = make_services({"session.jwt_template.claims": {"plan": '{{ .User.Metadata.Public "plan" }}'}})
    user = make_user()
    make_metadata(user=user, public_metadata=text)
    assert claims_of(issue(services, user.id).token)["plan"] == ""


def test_each_log_in_has_an_id_of_its_own(services):
    user = make_user()
    assert issue(services, user.id).session_id != issue(services, user.id).session_id


def test_the_sixth_session_ends_the_first(services, clock):
    user = make_user()
    tokens = []
    for _ in range(6):
        tokens.append(issue(services, user.id).token)
        clock.advance(seconds=1)
    assert [is_valid(services, token) for token in tokens] == [False] + [True] * 5


def test_a_limit_that_was_lowered_ends_several(make_services, clock):
    services, user = make_services(), make_user()
    tokens = []
    for _ in range(5):
        tokens.append(issue(services, user.id).token)
        clock.advance(seconds=1)
    lowered = make_services({"session.limit": 2})
    tokens.append(issue(lowered, user.id).token)
    assert [is_valid(lowered, token) for token in tokens] == [False] * 4 + [True] * 2


def test_expired_sessions_and_those_of_others_do_not_count(make_services, clock):
    services, user = make_services({"session.limit": 1}), make_user()
    expired = make_session(user=user, expires_at=clock() - timedelta(seconds=1))
    timeless = make_session(user=user, expires_at=None)
    foreign = make_session(expires_at=clock() + timedelta(hours=1))
    live = make_session(user=user, expires_at=clock() + timedelta(hours=1))
    new = issue(services, user.id)
    assert {row.id for row in stored(services)} == {expired.id, timeless.id, foreign.id, new.session_id}
    assert live.id not in {row.id for row in stored(services)}


def test_log_ins_at_once_keep_the_limit(services, monkeypatch):
    user, gate, real = make_user(), Barrier(6), services.sessions.issuing.start

    def start_together(user_id, *, client):
        gate.wait(10)
        return real(user_id, client=client)

    monkeypatch.setattr(services.sessions.issuing, "start", start_together)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: issue(services, user.id), range(6)))
    assert len(stored(services)) == 5


def test_the_first_session_of_a_new_user_is_one_statement(services):
    new = services.sessions.issuing.start(make_user().id, client=CLIENT)
    with assert_query_count(1):
        services.database.transaction(lambda: services.sessions.issuing.store_first(new))
    assert [row.id for row in stored(services)] == [new.session_id]
