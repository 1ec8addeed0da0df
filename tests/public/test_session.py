from uuid import UUID

import jwt
import pytest

from hanko_compat.jose import session_token
from tests.calls import CALLER
from tests.sessions import issue_session

ALICE = "alice@example.test"
UNVERIFIED = {"email.require_verification": False}


def sign_up(make_app, settings):
    client = make_app(UNVERIFIED | settings).test_client(use_cookies=False)
    return client, client.post("/users", json={"email": ALICE})


def token_of(response):
    return response.headers["Set-Cookie"].split(";")[0].split("=", 1)[1]


# Settings, then the attributes of the session's cookie and of the cookie with the id of the address.
COOKIES = [
    ({}, "Path=/; Max-Age=43200; HttpOnly; SameSite=Strict", "HttpOnly; SameSite=None"),
    (
        {
            "session.lifespan": "1h",
            "session.cookie": {
                "secure": True, "same_site": "none", "http_only": False, "domain": "example.test",
            },
        },
        "Path=/; Domain=example.test; Max-Age=3600; Secure; SameSite=None",
        "Domain=example.test; Secure; SameSite=None",
    ),
    (
        {"session.lifespan": "90s", "session.cookie": {"same_site": "lax", "retention": "session"}},
        "Path=/; Max-Age=90; HttpOnly; SameSite=Lax",
        "HttpOnly; SameSite=None",
    ),
    (
        {"session.cookie": {"secure": True, "domain": "example.test"}},
        "Path=/; Domain=example.test; Max-Age=43200; HttpOnly; Secure; SameSite=Strict",
        "Domain=example.test; HttpOnly; Secure; SameSite=None",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "session", "email_id"), COOKIES)
def test_cookies_have_their_attributes_in_order(make_app, settings, session, email_id):
    _, response = sign_up(make_app, settings)
    first, second = response.headers.getlist("Set-Cookie")
    assert first == f"hanko={token_of(response)}; {session}"
    assert second == f"hanko_email_id={response.json['email_id']}; {email_id}"
    assert "X-Session-Retention" not in response.headers


@pytest.mark.parametrize(("settings", "session", "email_id"), COOKIES)
def test_a_cookie_is_taken_back_with_the_attributes_it_was_given_with(make_app, settings, session, email_id):
    client, response = sign_up(make_app, settings)
    response = client.post("/logout", headers={"Cookie": f"hanko={token_of(response)}"})
    expected = "; ".join("Max-Age=0" if "Max-Age" in part else part for part in session.split("; "))
    assert response.headers.getlist("Set-Cookie") == [f"hanko=; {expected}"]


def test_the_token_header_replaces_the_cookie(make_app):
    client, response = sign_up(make_app, {"session.enable_auth_token_header": True})
    assert [line.split("=")[0] for line in response.headers.getlist("Set-Cookie")] == ["hanko_email_id"]
    token = response.headers["X-Auth-Token"]
    assert response.headers["X-Session-Lifetime"] == "43200"
    assert client.get("/me", headers={"Cookie": f"hanko={token}"}).status_code == 200
    logout = client.post("/logout", headers={"Authorization": f"Bearer {token}"})
    assert logout.headers["Set-Cookie"] == "hanko=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"


def test_a_named_cookie_is_the_only_one_that_counts(make_app):
    client, response = sign_up(make_app, {"session.cookie.name": "sid"})
    token = token_of(response)
    assert response.headers["Set-Cookie"].startswith("sid=")
    assert client.get("/me", headers={"Cookie": f"sid={token}"}).status_code == 200
    assert client.get("/me", headers={"Cookie": f"hanko={token}"}).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer {good}"}, 200),
        ({"Authorization": "bearer {good}"}, 200),
        ({"Authorization": "Bearer {good}", "Cookie": "hanko={good}"}, 200),
        ({"Authorization": "Bearer {good}", "Cookie": "hanko={old}"}, 200),
        ({"Authorization": "Bearer {old}", "Cookie": "hanko={good}"}, 200),
        ({"Authorization": "Bearer {old}", "Cookie": "hanko={old}"}, 401),
        ({"Authorization": "Bearer ", "Cookie": "hanko={good}"}, 200),
        ({"Authorization": "Basic YTpi", "Cookie": "hanko={good}"}, 200),
        ({"Cookie": "hanko={old}; hanko={good}"}, 200),
        ({"Cookie": 'hanko="{good}"'}, 200),
        ({"Authorization": "Bearer  {good}="}, 200),
        ({"Cookie": "hanko={good}="}, 200),
        ({"Authorization": "{good}"}, 401),
        ({"Authorization": "Basic {good}"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer \u00e9"}, 401),
        ({"Cookie": "hanko="}, 401),
        ({"Cookie": "HANKO={good}"}, 401),
        ({"Cookie": "; ".join(["hanko=nonsense"] * 50) + "; hanko={good}"}, 401),
        ({}, 401),
    ],
)
def test_the_first_valid_token_counts_the_bearer_before_the_cookie(make_app, headers, status):
    client, response = sign_up(make_app, {})
    services = client.application.extensions["hanko_compat"]
    good = token_of(response)
    user_id = services.sessions.live.authenticate(good).user_id
    old = issue_session(services, user_id, client=CALLER)
    services.sessions.live.revoke(old.session_id)
    filled = {name: value.format(good=good, old=old.token) for name, value in headers.items()}
    assert client.get("/me", headers=filled).status_code == status


def test_a_session_that_has_ended_is_none_at_the_passcode_endpoints(make_app, clock):
    """Nor are the cookies taken back there, where a log-in may be under way."""
    client = make_app(UNVERIFIED | {"session.idle_timeout": "10m"}).test_client(use_cookies=False)
    alice = client.post("/users", json={"email": ALICE})
    bob = client.post("/users", json={"email": "bob@example.test"}).json
    asked = {"user_id": bob["user_id"], "email_id": bob["email_id"]}
    cookie = {"Cookie": f"hanko={token_of(alice)}"}
    assert client.post("/passcode/login/initialize", json=asked, headers=cookie).status_code == 403
    clock.advance(minutes=11)
    for _ in range(2):
        answer = client.post("/passcode/login/initialize", json=asked, headers=cookie)
        assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (200, [])


@pytest.mark.parametrize(
    ("changes", "is_session"),
    [
        ({"email": {"address": 1, "is_primary": "x"}}, True),
        ({"email": "no object"}, True),
        ({"username": 3}, True),
        ({"aud": 5}, True),
        ({"aud": None}, True),
        ({"aud": [5, "a"]}, True),
        ({"amr": "x", "subject": "x", "is_valid": False, "expiration": 5}, True),
        ({"sub": "no uuid"}, False),
        ({"sub": None}, False),
        ({"session_id": 5}, False),
        ({"exp": "2126-01-01"}, False),
        ({"exp": None}, False),
        ({"iat": None}, False),
        ({"nbf": "x"}, False),
        ({"nbf": 1e300}, False),
    ],
    ids=repr,
)
def test_odd_claims_of_a_signed_token_are_never_a_fault(make_app, changes, is_session):
    client, response = sign_up(make_app, {})
    services = client.application.extensions["hanko_compat"]
    claims = jwt.decode(token_of(response), options={"verify_signature": False})
    token = session_token.sign(claims | changes, key=services.keys.current())
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/me", headers=bearer).status_code == (200 if is_session else 401)
    validated = client.get("/sessions/validate", headers=bearer)
    assert (validated.status_code, validated.json["is_valid"]) == (200, is_session)
    if is_session:
        assert validated.json["claims"]["subject"] == response.json["user_id"]


ISSUER = "https://auth.example.test"
SESSION_TOKEN = {"hanko_compat.backend_api.session_token": True, "hanko_compat.public_url": ISSUER}


def cookies_of(response):
    return {line.partition("=")[0]: line for line in response.headers.getlist("Set-Cookie")}


def test_log_ins_set_a_token_for_servers_where_that_is_wanted(make_app):
    client, response = sign_up(make_app, SESSION_TOKEN | {"session.cookie": {"domain": "example.test"}})
    session, token = cookies_of(response)["hanko"], cookies_of(response)["cbo_session_token"]
    assert session.partition(";")[2] == token.partition(";")[2]
    value = token.partition(";")[0].partition("=")[2]
    key = client.get("/.well-known/jwks").json["keys"][0]
    claims = jwt.decode(value, jwt.PyJWK(key), algorithms=["RS256"], issuer=ISSUER)
    assert claims["sub"] == f"usr-{UUID(response.json['user_id']).int}"
    for headers in ({"Cookie": f"hanko={value}"}, {"Authorization": f"Bearer {value}"}):
        assert client.get("/me", headers=headers).status_code == 401


def test_the_token_for_servers_comes_beside_the_token_header(make_app):
    settings = SESSION_TOKEN | {
        "session.enable_auth_token_header": True,
        "hanko_compat.backend_api.session_token_lifespan": "5m",
    }
    _, response = sign_up(make_app, settings)
    cookies = cookies_of(response)
    assert "hanko" not in cookies
    assert "Max-Age=300;" in cookies["cbo_session_token"]


def test_a_log_out_takes_both_back(make_app):
    client, response = sign_up(make_app, SESSION_TOKEN)
    logged_out = client.post("/logout", headers={"Cookie": f"hanko={token_of(response)}"})
    gone = "=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
    assert logged_out.headers.getlist("Set-Cookie") == [f"hanko{gone}", f"cbo_session_token{gone}"]


def test_by_default_there_is_no_such_token(make_app):
    _, response = sign_up(make_app, {})
    assert "cbo_session_token" not in cookies_of(response)
