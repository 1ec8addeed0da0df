import base64
import json
from uuid import UUID

import pytest

from hanko_compat.app import services_of
from hanko_compat.storage.models import (
    Email,
    PrimaryEmail,
    Session,
    User,
    UserMetadata,
    Username,
    WebauthnCredential,
    WebauthnCredentialTransport,
)
from tests.queries import assert_query_count

ALICE = "alice@example.test"
UNKNOWN = "7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f"
UNVERIFIED = {"email.require_verification": False}
TABLES = (User, Email, PrimaryEmail, Session)


def error(code, message):
    return {"code": code, "message": message}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def unverified(make_app):
    """A caller of a server that does not verify addresses."""
    return make_app(UNVERIFIED).test_client(use_cookies=False)


def cookies(response):
    return dict(line.split("; ")[0].split("=", 1) for line in response.headers.getlist("Set-Cookie"))


def signed_up(client, address=ALICE):
    """The body of a sign-up and the token it brings."""
    response = client.post("/users", json={"email": address})
    assert response.status_code == 200
    return response.json, cookies(response)["hanko"]


def database_of(client):
    return client.application.extensions["hanko_compat"].database


def rows(client):
    with database_of(client).connection():
        return [table.select().count() for table in TABLES]


# Sign-up


def test_a_sign_up_names_user_and_address(client):
    response = client.post("/users", json={"email": "Alice@Example.test", "admin": True})
    assert response.status_code == 200
    assert response.json.keys() == {"id", "user_id", "email_id"}
    assert response.json["id"] == response.json["user_id"] == str(UUID(response.json["id"]))
    assert cookies(response) == {"hanko_email_id": response.json["email_id"]}
    assert "X-Session-Lifetime" not in response.headers


def test_a_sign_up_without_verification_is_a_log_in(unverified):
    response = unverified.post("/users", json={"email": ALICE})
    assert response.headers["X-Session-Lifetime"] == "43200"
    assert list(cookies(response)) == ["hanko", "hanko_email_id"]
    token = cookies(response)["hanko"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["email"] == {"address": ALICE, "is_primary": True, "is_verified": False}
    me = unverified.get("/me", headers=bearer(token))
    assert (me.status_code, me.json["id"]) == (200, response.json["id"])


def test_an_address_that_is_taken_is_a_conflict(unverified):
    signed_up(unverified)
    before = rows(unverified)
    response = unverified.post("/users", json={"email": ALICE.upper()})
    assert (response.status_code, response.json) == (409, error(409, "Conflict"))
    assert "Set-Cookie" not in response.headers
    assert rows(unverified) == before


@pytest.mark.parametrize("body", [b'{"email": "alice@example.test"}', b"{}", b"{", b""])
def test_where_sign_up_is_off_the_body_does_not_matter(make_app, body):
    client = make_app({"account.allow_signup": False}).test_client(use_cookies=False)
    response = client.post("/users", data=body, content_type="application/json")
    assert (response.status_code, response.json) == (403, error(403, "Forbidden"))
    assert not any(rows(client))


def test_a_sign_up_takes_few_queries(unverified):
    signed_up(unverified, "warm@example.test")
    with assert_query_count(5):  # user, look for the address, address, primary, session
        signed_up(unverified)


REQUIRED = "email is a required field"
SYNTAX = "email must be a valid email address"
LONG = "email must be a maximum of 120 characters in length"

# What is wrong with a body, and the text where it is part of the contract.
BAD_EMAILS = [
    ("{}", REQUIRED),
    ('{"email": ""}', REQUIRED),
    ('{"email": null}', REQUIRED),
    ('{"mail": "alice@example.test"}', REQUIRED),
    ("", REQUIRED),
    ("null", REQUIRED),
    ('{"email": 5}', None),
    ('{"email": true}', None),
    ('{"email": ["alice@example.test"]}', None),
    ('{"email": {"$ne": null}}', None),
    ('{"email": NaN}', None),
    ('{"email": 1e999}', None),
    ('{"email": "alice"}', SYNTAX),
    ('{"email": "alice@"}', SYNTAX),
    ('{"email": " alice@example.test"}', SYNTAX),
    ('{"email": "alice@example.test, eve@example.test"}', SYNTAX),
    ('{"email": "Alice <alice@example.test>"}', SYNTAX),
    ('{"email": "alice@example.test\\r\\nBcc: eve@example.test"}', SYNTAX),
    ('{"email": "alice@example.test\\n"}', SYNTAX),
    ('{"email": "\u212aelly@example.test"}', SYNTAX),
    ('{"email": "alice@example.test\'; DROP TABLE users; --"}', SYNTAX),
    ('{"email": "alice\\u0000@example.test"}', SYNTAX),
    ('{"email": "\\ud800@example.test"}', SYNTAX),
    ('{"email": "alice@example.test", "email": "eve@example.test"}', None),
    ('{"email": "alice@example.test", "EMAIL": "eve@example.test"}', None),
    ('{"ema\u0131l": "alice@example.test"}', REQUIRED),  # no capital letter is that of a dotless i alone
    ('{"email": "alice@example.test"', None),
    ('{"email": "alice@example.test"} {}', None),
    ("hello", None),
    ("[]", None),
    ('"alice@example.test"', None),
    ('{"email": ' + "[" * 100_000 + "]" * 100_000 + "}", None),
    ('{"email": "alice@example.test", "x": ' + "[" * 100 + "]" * 100 + "}", None),
    (b'{"email": "\xff\xfe@example.test"}', None),
    ("\ufeff{}", None),
]


@pytest.mark.parametrize("path", ["/users", "/user"])
@pytest.mark.parametrize(("body", "message"), BAD_EMAILS, ids=lambda value: repr(value)[:40])
def test_a_bad_body_is_refused_and_changes_nothing(client, path, body, message):
    data = body if isinstance(body, bytes) else body.encode()
    response = client.post(path, data=data, content_type="application/json")
    assert response.status_code == 400
    assert response.json["code"] == 400
    assert response.json["message"] == message if message else response.json["message"]
    assert not any(rows(client))


@pytest.mark.parametrize(
    ("address", "message"), [(f"{'a' * 60}@{'b' * 60}.test", LONG), ("a" * 300 + "@example.test", LONG)]
)
def test_a_long_address_is_refused_at_sign_up(client, address, message):
    response = client.post("/users", json={"email": address})
    assert (response.status_code, response.json) == (400, error(400, message))
    assert not any(rows(client))


@pytest.mark.parametrize("path", ["/users", "/user"])
def test_ten_megabytes_are_too_much(client, path):
    body = b'{"email": "' + b"a" * 10_000_000 + b'"}'
    response = client.post(path, data=body, content_type="application/json")
    assert (response.status_code, response.json["code"]) == (413, 413)


@pytest.mark.parametrize("path", ["/users", "/user", "/sessions/validate"])
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_that_is_not_declared_as_json_is_refused(client, path, content_type):
    """What another site can make a browser send."""
    response = client.post(path, data=b'{"email": "alice@example.test"}', content_type=content_type)
    assert (response.status_code, response.json["code"]) == (415, 415)
    assert not any(rows(client))


# Look-up


def test_a_look_up_tells_who_has_an_address(unverified):
    user, _ = signed_up(unverified)
    response = unverified.post("/user", json={"email": ALICE.upper()})
    assert (response.status_code, response.json) == (
        200,
        {"id": user["id"], "email_id": user["email_id"], "verified": False, "has_webauthn_credential": False},
    )


# The third is longer than new addresses may be; the database may have it from before.
@pytest.mark.parametrize("address", [ALICE, "nobody@example.test", f"{'a' * 60}@{'b' * 60}.test"])
def test_an_address_of_nobody_is_not_found(client, address):
    client.post("/users", json={"email": ALICE})
    response = client.post("/user", json={"email": address})
    assert (response.status_code, response.json) == (404, error(404, "Not Found"))


# Profile


def test_me_shows_what_is_there_and_leaves_out_what_is_not(unverified, clock):
    clock.time = clock.time.replace(microsecond=0)
    user, token = signed_up(unverified)
    now = clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert unverified.get("/me", headers=bearer(token)).json == {
        "id": user["id"],
        "user_id": user["id"],
        "emails": [
            {"id": user["email_id"], "address": ALICE, "is_primary": True, "is_verified": False},
        ],
        "mfa_config": {"auth_app_set_up": False, "totp_enabled": False, "security_keys_enabled": False},
        "created_at": now,
        "updated_at": now,
    }


def test_the_user_by_id_is_me_with_the_primary_address_and_null_credentials(unverified):
    user, token = signed_up(unverified)
    me = unverified.get("/me", headers=bearer(token)).json
    response = unverified.get(f"/users/{user['id']}", headers=bearer(token))
    assert response.json == me | {"email": ALICE, "webauthn_credentials": None}


def test_credentials_are_shown_twice_as_passkeys_and_as_they_are_stored(unverified, clock):
    user, token = signed_up(unverified)
    now = clock().replace(microsecond=0)
    stored = {"public_key": "cose", "attestation_type": "none", "created_at": now, "updated_at": now}
    with database_of(unverified).connection():
        for number, names in enumerate(([], ["internal"])):
            use = {"name": "Laptop", "last_used_at": now} if names else {}
            key = WebauthnCredential.create(
                id=f"key-{number}", user=user["id"], aaguid=UUID(int=0), sign_count=7, **stored, **use
            )
            for name in names:
                WebauthnCredentialTransport.create(id="row", name=name, webauthn_credential=key)
    body = unverified.get(f"/users/{user['id']}", headers=bearer(token)).json
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    bare = {
        "id": "key-0",
        "public_key": "cose",
        "attestation_type": "none",
        "aaguid": "00000000-0000-0000-0000-000000000000",
        "created_at": time,
        "transports": [],
        "backup_eligible": False,
        "backup_state": False,
        "mfa_only": False,
    }
    used = bare | {"id": "key-1", "name": "Laptop", "last_used_at": time, "transports": ["internal"]}
    more = {"user_id": user["id"], "sign_count": 7, "updated_at": time}
    nulls = {"transports": None, "name": None, "last_used_at": None}
    transport = {"ID": "row", "Name": "internal", "WebauthnCredential": None, "WebauthnCredentialID": "key-1"}
    assert body["passkeys"] == [bare, used]
    assert body["webauthn_credentials"] == [bare | more | nulls, used | more | {"transports": [transport]}]


def test_a_username_is_an_object(unverified, clock):
    user, token = signed_up(unverified)
    now = clock().replace(microsecond=0)
    with database_of(unverified).connection():
        row = Username.create(user=user["id"], username="alice", created_at=now, updated_at=now)
    time = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert unverified.get("/me", headers=bearer(token)).json["username"] == {
        "id": str(row.id), "username": "alice", "created_at": time, "updated_at": time,
    }  # fmt: skip


SEEN, MINE = '{"plan": "pro"}', '{"theme": "dark"}'


@pytest.mark.parametrize(
    ("public", "unsafe", "shown"),
    [
        (SEEN, MINE, {"public_metadata": {"plan": "pro"}, "unsafe_metadata": {"theme": "dark"}}),
        ("{}", MINE, {"unsafe_metadata": {"theme": "dark"}}),
        (SEEN, "{}", {"public_metadata": {"plan": "pro"}}),
        (SEEN, None, {"public_metadata": {"plan": "pro"}}),
        ("{}", "{}", None),
        ("", "null", None),
        (None, "{}", None),
        ("no JSON", "[1]", None),
    ],
)
def test_empty_metadata_is_left_out(unverified, clock, public, unsafe, shown):
    user, token = signed_up(unverified)
    with database_of(unverified).connection():
        UserMetadata.create(
            user=user["id"], public_metadata=public, private_metadata=SEEN, unsafe_metadata=unsafe,
            created_at=clock(), updated_at=clock(),
        )  # fmt: skip
    for path in ("/me", f"/users/{user['id']}"):
        assert unverified.get(path, headers=bearer(token)).json.get("metadata") == shown


def test_me_takes_five_queries(unverified):
    _, token = signed_up(unverified)
    with assert_query_count(5):  # the session; user, addresses, credentials, identities
        unverified.get("/me", headers=bearer(token))


@pytest.mark.parametrize("path", ["/me", f"/users/{UNKNOWN}", "/users/nonsense"])
@pytest.mark.parametrize("headers", [{}, bearer("nonsense"), {"Cookie": "hanko=nonsense"}])
def test_without_a_session_nobody_has_a_profile(client, path, headers):
    response = client.get(path, headers=headers)
    assert (response.status_code, response.json) == (401, error(401, "Unauthorized"))


@pytest.mark.parametrize("name", ["{bob}", UNKNOWN, "nonsense", "{ALICE}", "%00", "' OR 1=1 --"])
def test_nobody_sees_somebody_else(unverified, name):
    user, token = signed_up(unverified)
    bob, _ = signed_up(unverified, "bob@example.test")
    path = "/users/" + name.format(bob=bob["id"], ALICE=user["id"].upper())
    response = unverified.get(path, headers=bearer(token))
    assert (response.status_code, response.json) == (403, error(403, "Forbidden"))


# Log-out and deletion

TAKEN_BACK = ["hanko=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"]


def test_a_log_out_ends_the_session_and_takes_the_cookie_back(unverified):
    _, token = signed_up(unverified)
    response = unverified.post("/logout", headers={"Cookie": f"hanko={token}"})
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers.getlist("Set-Cookie") == TAKEN_BACK
    assert unverified.get("/me", headers=bearer(token)).status_code == 401
    assert unverified.post("/logout", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(("method", "path"), [("POST", "/logout"), ("DELETE", "/user")])
def test_who_ends_a_session_leaves_no_cookie_whatever_fails(make_app, method, path):
    """Here nobody can even look the session up."""
    client = make_app({**UNVERIFIED, "account.allow_deletion": True}).test_client(use_cookies=False)
    _, token = signed_up(client)
    services = services_of(client.application)
    with services.database.connection():
        services.database.peewee.execute_sql("ALTER TABLE sessions RENAME TO elsewhere")
    response = client.open(path, method=method, headers=bearer(token))
    assert response.status_code >= 500
    assert response.headers.getlist("Set-Cookie") == TAKEN_BACK


@pytest.mark.parametrize(("method", "path"), [("POST", "/logout"), ("DELETE", "/user")])
def test_who_has_no_session_loses_no_cookie(make_app, method, path):
    client = make_app({**UNVERIFIED, "account.allow_deletion": True}).test_client(use_cookies=False)
    response = client.open(path, method=method, headers=bearer("none"))
    assert (response.status_code, response.headers.getlist("Set-Cookie")) == (401, [])


def test_an_account_can_be_deleted_where_that_is_allowed(make_app):
    client = make_app({**UNVERIFIED, "account.allow_deletion": True}).test_client(use_cookies=False)
    _, token = signed_up(client)
    assert client.delete("/user").status_code == 401
    response = client.delete("/user", headers=bearer(token))
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers.getlist("Set-Cookie") == TAKEN_BACK
    assert client.delete("/user", headers=bearer(token)).status_code == 401
    assert client.post("/user", json={"email": ALICE}).status_code == 404
    assert not any(rows(client))


@pytest.mark.parametrize("with_token", [True, False])
def test_elsewhere_there_is_no_such_path(unverified, with_token):
    _, token = signed_up(unverified)
    response = unverified.delete("/user", headers=bearer(token) if with_token else {})
    assert (response.status_code, response.json) == (404, error(404, "Not Found"))
    assert unverified.get("/me", headers=bearer(token)).status_code == 200
