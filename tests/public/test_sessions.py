import pytest

ALICE = "alice@example.test"
UNVERIFIED = {"email.require_verification": False}
REQUIRED = "code=400, message=session_token is a required field"


def sign_up(make_app, settings=None):
    """A caller, its user's id and its token."""
    client = make_app(UNVERIFIED | (settings or {})).test_client(use_cookies=False)
    response = client.post("/users", json={"email": ALICE})
    return client, response.json["user_id"], response.headers["Set-Cookie"].split(";")[0].split("=", 1)[1]


def ask(client, token, way):
    match way:
        case "bearer":
            return client.get("/sessions/validate", headers={"Authorization": f"Bearer {token}"})
        case "cookie":
            return client.get("/sessions/validate", headers={"Cookie": f"hanko={token}"})
        case _:
            return client.post("/sessions/validate", json={"session_token": token})


WAYS = ["bearer", "cookie", "body"]


@pytest.mark.parametrize("way", WAYS)
def test_a_session_is_valid_and_shows_its_claims(make_app, clock, way):
    client, user_id, token = sign_up(make_app)
    issued = clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    response = ask(client, token, way)
    shown = response.json
    session_id, expires = shown["claims"].pop("session_id"), shown["expiration_time"]
    assert response.status_code == 200
    assert len(session_id) == 36
    assert shown == {
        "is_valid": True,
        "user_id": user_id,
        "expiration_time": expires,
        "claims": {
            "subject": user_id,
            "audience": ["localhost"],
            "issued_at": issued,
            "expiration": expires,
            "email": {"address": ALICE, "is_primary": True, "is_verified": False},
        },
    }
    assert expires.endswith("Z")
    assert "." not in expires


def test_issuer_and_claims_of_the_configuration_are_shown(make_app):
    claims = {"role": "user", "level": 3, "subject": "somebody else", "nested": {"list": [1]}}
    settings = {"session.issuer": "us", "session.audience": ["a", "b"], "session.jwt_template.claims": claims}
    client, user_id, token = sign_up(make_app, settings)
    shown = ask(client, token, "body").json["claims"]
    assert (shown["issuer"], shown["audience"]) == ("us", ["a", "b"])
    assert (shown["role"], shown["level"], shown["nested"]) == ("user", 3, {"list": [1]})
    assert shown["subject"] == user_id


@pytest.mark.parametrize("way", WAYS)
def test_a_session_that_may_not_be_idle_shows_until_when(make_app, way):
    client, _, token = sign_up(make_app, {"session.idle_timeout": "10m"})
    answer = ask(client, token, way).json
    assert answer["is_valid"] is True
    assert answer["idle_expires_at"] > answer["claims"]["issued_at"]


def test_asking_by_the_body_is_a_use_asking_by_header_is_none(make_app, clock):
    client, _, token = sign_up(make_app, {"session.idle_timeout": "10m"})
    clock.advance(minutes=6)
    assert ask(client, token, "body").json["is_valid"] is True
    clock.advance(minutes=6)
    assert ask(client, token, "bearer").json["is_valid"] is True
    clock.advance(minutes=6)
    assert ask(client, token, "bearer").json == {"is_valid": False}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("end", ["log-out", "expiry", "deletion"])
def test_a_session_that_ended_is_not_valid(make_app, clock, way, end):
    client, _, token = sign_up(make_app, {"account.allow_deletion": True, "session.lifespan": "90s"})
    assert ask(client, token, way).json["is_valid"] is True
    bearer = {"Authorization": f"Bearer {token}"}
    match end:
        case "log-out":
            assert client.post("/logout", headers=bearer).status_code == 204
        case "deletion":
            assert client.delete("/user", headers=bearer).status_code == 204
        case _:
            clock.advance(seconds=91)
    response = ask(client, token, way)
    assert (response.status_code, response.json) == (200, {"is_valid": False})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "e30.e30.e30", "x" * 100_000])
def test_what_is_no_session_is_not_valid(client, way, token):
    response = ask(client, token, way)
    assert (response.status_code, response.json) == (200, {"is_valid": False})


def test_nothing_is_not_valid(client):
    assert client.get("/sessions/validate").json == {"is_valid": False}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", REQUIRED),
        ("{}", REQUIRED),
        ('{"session_token": ""}', REQUIRED),
        ('{"session_token": null}', REQUIRED),
        ('{"session_token": 5}', None),
        ('{"session_token": ["a"]}', None),
        ('{"session_token": NaN}', None),
        ('{"session_token": "a", "session_token": "b"}', None),
        ('{"session_token": "\\u0000"}', None),
        ('{"session_token": "\\ud800"}', None),
        (b'{"session_token": "\xff"}', None),
        ('{"session_token": ' + "[" * 100_000, None),
        ("{", None),
        ("[]", None),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_body_is_refused(client, body, message):
    data = body if isinstance(body, bytes) else body.encode()
    response = client.post("/sessions/validate", data=data, content_type="application/json")
    assert (response.status_code, response.json["code"]) == (400, 400)
    assert response.json["message"]
    assert message in (None, response.json["message"])


@pytest.mark.parametrize(
    "token", ["\U0001f511", "\u00e9.\u00e9.\u00e9", "a\r\nSet-Cookie: hanko=b", "' OR 1=1 --"]
)
def test_any_text_may_be_asked_about(client, token):
    assert ask(client, token, "body").json == {"is_valid": False}


@pytest.mark.parametrize("way", WAYS)
def test_claims_of_templates_are_shown_with_their_types(make_app, way):
    claims = {
        "iss": "https://{{ slice .User.UserID 0 0 }}example.test",
        "username": "{{ .User.Name }}nobody",
        "nbf": 1700000000,
        "sub": "overwritten",
        "email": "overwritten",
        "scopes": '["read", "{{ .User.Email.Address }}"]',
        "flag": "true",
        "plan": {"name": '{{ .User.Metadata.Public "plan" }}', "level": 1.0},
    }
    client, user_id, token = sign_up(make_app, {"session.jwt_template.claims": claims})
    shown = ask(client, token, way).json["claims"]
    known = {"audience", "issued_at", "expiration", "session_id"}
    assert {name: value for name, value in shown.items() if name not in known} == {
        "subject": user_id,
        "email": {"address": ALICE, "is_primary": True, "is_verified": False},
        "issuer": "https://example.test",
        "username": "nobody",
        "scopes": ["read", ALICE],
        "flag": True,
        "plan": {"name": "", "level": 1},
    }
