"""Session tokens that Corbado's SDKs verify: what is in them, with which key, for whom."""

from datetime import timedelta

import jwt
import pytest

from hanko_compat import wiring
from hanko_compat.config import from_mapping
from hanko_compat.errors.sessions import SessionInvalid, SessionTokenUnsigned
from hanko_compat.storage.models import User
from hanko_compat.storage.users import records as user_records
from hanko_compat.wiring.start import prepare
from tests.calls import CALLER
from tests.factories import make_account, make_user, now, write_to
from tests.sessions import issue_session
from tests.settings import settings_on

ISSUER = "https://auth.example.test"
WANTED = {"hanko_compat.backend_api.session_token": True, "hanko_compat.public_url": ISSUER}


@pytest.fixture
def services(make_services):
    return make_services(WANTED)


def issue(services, user_id):
    session = issue_session(services, user_id, client=CALLER)
    return session, services.sessions.tokens.issue(session)


def claims_of(services, token):
    """The claims, verified as the SDKs do: by the published keys, without an audience."""
    keys = jwt.PyJWKSet.from_dict({"keys": services.keys.public_jwks()})
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["RS256"], issuer=ISSUER)


def test_the_claims(services, clock):
    email = make_account(address="jane@example.test")
    services.users.records.update(email.user_id, name="Jane Doe", status=None, client=CALLER)
    session, made = issue(services, email.user_id)
    issued_at = int(clock().timestamp())
    assert claims_of(services, made.token) == {
        "iss": ISSUER,
        "sub": f"usr-{email.user_id.int}",
        "iat": issued_at,
        "nbf": issued_at - 10,
        "exp": int(session.expires_at.timestamp()),
        "name": "Jane Doe",
        "email": "jane@example.test",
    }
    header = jwt.get_unverified_header(made.token)
    assert header == {"alg": "RS256", "typ": "JWT", "kid": services.keys.public_jwks()[0]["kid"]}
    assert made.lifespan == session.lifespan


def test_a_user_without_name_and_address(services):
    _, made = issue(services, make_user().id)
    claims = claims_of(services, made.token)
    assert claims["name"] == ""
    assert "email" not in claims


def test_an_address_that_nobody_has_verified_is_not_in_it(services):
    _, made = issue(services, make_account(verified=False).user_id)
    assert "email" not in claims_of(services, made.token)


def test_it_is_no_session_here(services):
    _, made = issue(services, make_account().user_id)
    with pytest.raises(SessionInvalid):
        services.sessions.live.authenticate(made.token)


def test_a_session_token_is_none_of_these(make_services):
    services = make_services(WANTED | {"session.issuer": ISSUER})
    session, _ = issue(services, make_account().user_id)
    with pytest.raises(jwt.InvalidAudienceError):
        claims_of(services, session.token)


@pytest.mark.parametrize(("lifespan", "seconds"), [("5m", 300), ("1000h", 12 * 60 * 60)])
def test_its_lifespan_is_that_of_the_session_at_most(make_services, clock, lifespan, seconds):
    services = make_services(WANTED | {"hanko_compat.backend_api.session_token_lifespan": lifespan})
    _, made = issue(services, make_account().user_id)
    assert made.lifespan == timedelta(seconds=seconds)
    assert claims_of(services, made.token)["exp"] == int((clock() + made.lifespan).timestamp())


def test_an_issuer_of_its_own(make_services):
    services = make_services(WANTED | {"hanko_compat.backend_api.session_token_issuer": f"{ISSUER}/x"})
    _, made = issue(services, make_account().user_id)
    assert jwt.decode(made.token, options={"verify_signature": False})["iss"] == f"{ISSUER}/x"


def test_there_is_none_by_default(make_services):
    services = make_services()
    assert issue(services, make_account().user_id)[1] is None
    assert not services.sessions.tokens.are_issued


def test_a_user_who_is_gone_gets_none(services):
    user = make_user()
    session = issue_session(services, user.id, client=CALLER)
    with services.database.connection():
        User.delete().where(User.id == user.id).execute()
        assert user_records.find(user.id) is None
    assert services.sessions.tokens.issue(session) is None


def with_another_key(tmp_path, changes):
    """Services on a database whose key is of another kind."""
    url = f"sqlite:///{tmp_path}/other.sqlite3"
    first = wiring.build(from_mapping(settings_on(url, {"hanko_compat.jwk.algorithm": "ES256"}), environ={}))
    prepare(first)
    first.database.close_all()
    services = wiring.build(from_mapping(settings_on(url, changes), environ={}))
    write_to(services.database)
    return services


def test_the_start_is_refused_with_a_key_of_another_kind(tmp_path):
    services = with_another_key(tmp_path, WANTED)
    with pytest.raises(SessionTokenUnsigned, match=r"ES256.*hanko_compat\.jwk\.algorithm.*keys rotate"):
        prepare(services)


def test_without_these_tokens_any_key_will_do(tmp_path):
    services = with_another_key(tmp_path, {})
    prepare(services)
    try:
        session = issue_session(services, make_user(created_at=now()).id, client=CALLER)
        assert services.sessions.tokens.issue(session) is None
    finally:
        services.database.close_all()


def test_log_ins_go_on_when_the_key_becomes_another_one(tmp_path, caplog):
    services = with_another_key(tmp_path, WANTED)
    try:
        session = issue_session(services, make_user(created_at=now()).id, client=CALLER)
        assert services.sessions.tokens.issue(session) is None
    finally:
        services.database.close_all()
    assert "session_token_unsigned" in caplog.messages
