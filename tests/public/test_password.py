import json
from uuid import uuid4

import pytest

from hanko_compat.hashing import bcrypt
from hanko_compat.storage.models import PasswordCredential, Session
from hanko_compat.wiring.hashing import build_hasher
from tests.calls import CALLER
from tests.factories import make_account, make_otp_secret, make_password
from tests.hashes import occupied
from tests.hashing.samples import DJANGO_LONG, LONG
from tests.sessions import issue_session

GOOD = "correct horse"
HASH = bcrypt.create(GOOD, cost=4)


def error(code, message):
    return {"code": code, "message": message}


def services_of(client):
    return client.application.extensions["hanko_compat"]


class Caller:
    """A user of the application behind *client*, with a session and, if wanted, a password."""

    def __init__(self, client, *, hashed=None):
        self.client, self.services = client, services_of(client)
        with self.services.database.connection():
            self.user_id = make_account().user_id
            if hashed:
                make_password(user=self.user_id, password=hashed)
        self.token = self.log_in_otherwise()

    def log_in_otherwise(self):
        return issue_session(self.services, self.user_id, client=CALLER).token

    def put(self, password=GOOD, *, user_id=None, token=None, **more):
        body = {"user_id": str(user_id or self.user_id), "password": password}
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.client.put("/password", json=body, headers=headers, **more)

    def log_in(self, password=GOOD, *, user_id=None):
        body = {"user_id": str(user_id or self.user_id), "password": password}
        return self.client.post("/password/login", json=body)

    def is_valid(self, token):
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.get("/sessions/validate", headers=headers).json["is_valid"]


@pytest.fixture
def alice(client):
    return Caller(client)


def rows(client):
    with services_of(client).database.connection():
        return {row.password for row in PasswordCredential.select()}, Session.select().count()


def test_a_password_is_set_changed_and_logged_in_with(alice):
    first, change = alice.put(), alice.put("another horse")
    assert [(one.status_code, one.json) for one in (first, change)] == [(201, None), (200, None)]
    assert first.data == b"null\n"
    answer = alice.log_in("another horse")
    assert (answer.status_code, answer.json) == (200, None)
    assert answer.headers["X-Session-Lifetime"] == "43200"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("hanko=")
    assert cookie.endswith("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict")
    assert alice.is_valid(cookie.partition("=")[2].partition(";")[0])


def test_a_hash_of_another_system_takes_longer_passwords(client):
    alice = Caller(client, hashed=DJANGO_LONG[0])
    assert alice.log_in(LONG).status_code == 200
    assert alice.log_in(LONG[:-1]).status_code == 401
    answer = alice.log_in("x" * 1025)
    assert (answer.status_code, answer.json["message"]) == (
        400,
        "password must not be longer than 1024 bytes",
    )
    # A new one has to be shorter.
    assert alice.put(LONG).json["message"] == "password must not be longer than 72 bytes"


def test_a_change_leaves_the_session_that_made_it(alice):
    other = alice.log_in_otherwise()
    alice.put()
    assert (alice.is_valid(alice.token), alice.is_valid(other)) == (True, False)


def test_the_cookie_is_as_good_as_the_bearer_token(alice):
    body = {"user_id": str(alice.user_id), "password": GOOD}
    answer = alice.client.put("/password", json=body, headers={"Cookie": f"hanko={alice.token}"})
    assert answer.status_code == 201


@pytest.mark.parametrize("method", ["put", "post"])
@pytest.mark.parametrize(
    ("origin", "content_type", "status"),
    [
        ("https://evil.example", "application/json", 403),
        ("null", "application/json", 403),
        ("http://localhost:8888", "application/json", None),
        (None, "text/plain", 415),
        (None, "application/x-www-form-urlencoded", 415),
    ],
)
def test_other_sites_can_not_use_the_cookie(client, method, origin, content_type, status):
    alice = Caller(client, hashed=HASH)
    before = rows(client)
    headers = {"Cookie": f"hanko={alice.token}"} | ({"Origin": origin} if origin else {})
    answer = client.open(
        "/password" if method == "put" else "/password/login",
        method=method.upper(),
        data=json.dumps({"user_id": str(alice.user_id), "password": GOOD}),
        headers=headers,
        content_type=content_type,
    )
    assert answer.status_code == (status or 200)
    assert (rows(client) == before) == (status is not None)


USER, PASSWORD = "user_id is a required field", "password is a required field"
UUID = "user_id must be a valid uuid"
WRONG_TYPE = "Unmarshal type error: expected=string, got={}, field={}, offset={}"

# What is wrong with a body, and the text where it is part of the contract; %s is the user's id.
BAD_BODIES = [
    ("", f"{USER} and {PASSWORD}"),
    ("{}", f"{USER} and {PASSWORD}"),
    ('{"user_id": null, "password": null}', f"{USER} and {PASSWORD}"),
    ('{"user_id": "", "password": ""}', f"{USER} and {PASSWORD}"),
    ('{"password": "correct horse"}', USER),
    ('{"user_id": "%s"}', PASSWORD),
    ('{"user_id": "%s", "password": ""}', PASSWORD),
    ('{"user_id": "nonsense", "password": "correct horse"}', UUID),
    ('{"user_id": "{%s}", "password": "correct horse"}', UUID),
    ('{"user_id": "urn:uuid:%s", "password": "correct horse"}', UUID),
    ('{"user_id": "%s ", "password": "correct horse"}', UUID),
    ('{"user_id": 5, "password": "correct horse"}', WRONG_TYPE.format("number", "user_id", 13)),
    ('{"user_id": ["%s"], "password": "correct horse"}', WRONG_TYPE.format("array", "user_id", 13)),
    ('{"user_id": "nonsense", "password": ""}', f"{UUID} and {PASSWORD}"),
    ('{"user_id": "%s", "password": 12345678}', None),
    ('{"user_id": "%s", "password": ["correct horse"]}', None),
    ('{"user_id": "%s", "password": {"$ne": ""}}', None),
    ('{"user_id": "%s", "password": true}', None),
    ('{"user_id": "%s", "password": NaN}', None),
    ('{"user_id": "%s", "password": "correct\\u0000horse"}', None),
    ('{"user_id": "%s", "password": "correct \\ud800 horse"}', None),
    ('{"user_id": "%s", "password": "correct horse", "password": "another horse"}', None),
    ('{"user_id": "%s", "password": "' + "x" * 73 + '"}', "password must not be longer than 72 bytes"),
    ('{"user_id": "%s", "password": "' + "é" * 37 + '"}', "password must not be longer than 72 bytes"),
    ('{"user_id": "%s", "password": "correct horse"', None),
    ('["%s", "correct horse"]', None),
    ("null", f"{USER} and {PASSWORD}"),
    ("hello", None),
]


@pytest.mark.parametrize(("method", "path"), [("PUT", "/password"), ("POST", "/password/login")])
@pytest.mark.parametrize(("body", "message"), BAD_BODIES, ids=lambda value: ascii(value)[:50])
def test_a_bad_body_is_refused_and_changes_nothing(client, method, path, body, message):
    alice = Caller(client, hashed=HASH)
    before = rows(client)
    answer = client.open(
        path,
        method=method,
        data=body.replace("%s", str(alice.user_id)).encode(),
        headers={"Authorization": f"Bearer {alice.token}"},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert answer.json == error(400, message or answer.json["message"])
    assert rows(client) == before


def test_an_id_in_upper_case_is_none(alice):
    for answer in (
        alice.put(user_id=str(alice.user_id).upper()),
        alice.log_in(user_id=str(alice.user_id).upper()),
    ):
        assert (answer.status_code, answer.json) == (400, error(400, UUID))


def test_a_short_password_is_told_the_limit(make_app):
    alice = Caller(make_app({"password.min_length": 12}).test_client(use_cookies=False))
    answer = alice.put("x" * 11)
    message = "password must be at least 12 characters long"
    assert (answer.status_code, answer.json) == (400, error(400, message))
    assert alice.put("é" * 12).status_code == 201


def test_the_session_comes_before_the_body(client):
    answer = client.put("/password", data=b"{", content_type="application/json")
    assert (answer.status_code, answer.json) == (401, error(401, "Unauthorized"))


def test_somebody_elses_password_stays_as_it_is(client):
    alice, bob = Caller(client), Caller(client, hashed=HASH)
    answer = alice.put("another horse", user_id=bob.user_id)
    assert (answer.status_code, answer.json) == (403, error(403, "Forbidden"))
    answer = alice.put("another horse", user_id=uuid4())
    assert (answer.status_code, answer.json) == (401, error(401, "Unauthorized"))
    assert bob.log_in().status_code == 200


def test_wrong_unknown_and_missing_look_alike(client):
    alice, bob = Caller(client, hashed=HASH), Caller(client)
    answers = [alice.log_in("wrong"), bob.log_in(), alice.log_in(user_id=uuid4())]
    assert [(one.status_code, one.json) for one in answers] == [(401, error(401, "Unauthorized"))] * 3
    assert not any("Set-Cookie" in one.headers for one in answers)


@pytest.mark.parametrize("body", [b'{"password": "correct horse"}', b"{", b""])
@pytest.mark.parametrize(("method", "path"), [("PUT", "/password"), ("POST", "/password/login")])
def test_where_passwords_are_off_there_is_no_such_path(make_app, method, path, body):
    client = make_app({"password.enabled": False}).test_client(use_cookies=False)
    answer = client.open(path, method=method, data=body, content_type="application/json")
    assert (answer.status_code, answer.json) == (404, error(404, "Not Found"))


def test_a_second_factor_forbids_a_log_in_by_password_alone(make_app):
    alice = Caller(make_app({"mfa.enabled": True}).test_client(use_cookies=False), hashed=HASH)
    with alice.services.database.connection():
        make_otp_secret(user=alice.user_id)
    answer = alice.log_in()
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_where_a_recent_log_in_is_wanted_an_old_one_is_told_to_log_in_again(make_app, clock):
    settings = {"hanko_compat.password.recent_authentication": "10m"}
    alice = Caller(make_app(settings).test_client(use_cookies=False), hashed=HASH)
    clock.advance(minutes=11)
    answer = alice.put("another horse")
    assert (answer.status_code, answer.json) == (403, error(403, "log in again first"))
    assert alice.put("another horse", token=alice.log_in_otherwise()).status_code == 200


def test_every_try_tells_what_is_left(make_app):
    settings = {"rate_limiter.enabled": True}
    alice = Caller(make_app(settings).test_client(use_cookies=False), hashed=HASH)
    answers = [alice.log_in("wrong"), alice.log_in(), *(alice.log_in("wrong") for _ in range(4))]
    assert [one.status_code for one in answers] == [401, 200, 401, 401, 401, 429]
    assert [one.headers["X-RateLimit-Remaining"] for one in answers] == ["4", "3", "2", "1", "0", "0"]
    assert answers[5].json == error(429, "Too Many Requests")
    assert 0 < int(answers[5].headers["Retry-After"]) <= 60
    assert "X-RateLimit-Limit" not in alice.put().headers


def test_beyond_the_queue_callers_are_told_to_come_back(client):
    alice = Caller(client, hashed=HASH)
    with occupied(alice.services.get(build_hasher)._passwords):
        for answer in (alice.log_in(), alice.put()):
            assert (answer.status_code, answer.json) == (503, error(503, "Service Unavailable"))
            assert int(answer.headers["Retry-After"]) > 0


def test_nothing_secret_is_logged(client, caplog, capsys):
    alice = Caller(client)
    caplog.set_level("DEBUG")
    for password in ("correct horse", "correct horse 2"):
        alice.put(password)
        alice.log_in(password)
        alice.log_in(password + " wrong")
    ours = [record for record in caplog.records if record.name.startswith("hanko_compat")]
    written = capsys.readouterr()
    assert "correct horse" not in written.out + written.err + "".join(map(repr, map(vars, ours)))
    assert "$2a$" not in written.out + written.err
