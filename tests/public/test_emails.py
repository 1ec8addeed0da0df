from datetime import timedelta
from uuid import uuid4

import pytest

from hanko_compat.storage.models import Email, PrimaryEmail
from tests.calls import CALLER
from tests.factories import make_account, make_email, make_identity
from tests.queries import assert_query_count
from tests.sessions import issue_session

SECOND = "second@example.test"
UNKNOWN = "7d0f5b1a-5b2c-4a77-9d4e-0a1b2c3d4e5f"
UNVERIFIED = {"email.require_verification": False}


def error(code, message):
    return {"code": code, "message": message}


class Caller:
    """A user of the application behind *client*, with a verified primary address and a session."""

    def __init__(self, client, **changes):
        self.client = client
        self.services = client.application.extensions["hanko_compat"]
        with self.services.database.connection():
            self.email = make_account(**changes)
        token = issue_session(self.services, self.email.user_id, client=CALLER).token
        self.headers = {"Authorization": f"Bearer {token}"}

    def own(self, **changes):
        with self.services.database.connection():
            return make_email(user=self.email.user_id, **changes)

    def list(self):
        return self.client.get("/emails", headers=self.headers)

    def add(self, address=SECOND):
        return self.client.post("/emails", json={"address": address}, headers=self.headers)

    def delete(self, email_id):
        return self.client.delete(f"/emails/{email_id}", headers=self.headers)

    def set_primary(self, email_id, **more):
        return self.client.post(f"/emails/{email_id}/set_primary", headers=self.headers, **more)


@pytest.fixture
def alice(client):
    return Caller(client, address="alice@example.test")


def rows(caller):
    with caller.services.database.connection():
        emails = {(row.address, row.user_id, row.verified) for row in Email.select()}
        return emails, {(row.user_id, row.email_id) for row in PrimaryEmail.select()}


def test_the_list_says_what_is_primary_and_verified(alice):
    later = alice.email.created_at + timedelta(seconds=1)
    second = alice.own(address=SECOND, verified=False, created_at=later)
    answer = alice.list()
    assert answer.status_code == 200
    assert answer.json == [
        {"id": str(alice.email.id), "address": "alice@example.test", "is_verified": True, "is_primary": True},
        {"id": str(second.id), "address": SECOND, "is_verified": False, "is_primary": False},
    ]


def test_an_address_of_a_provider_names_it(alice):
    with alice.services.database.connection():
        identity = make_identity(email=alice.email, provider_user_id="42", provider_id="google")
    shown = {"id": "42", "provider": "Google", "identity_id": str(identity.id)}
    [listed] = alice.list().json
    assert (listed["identity"], listed["identities"]) == (shown, [shown])


def test_a_list_takes_three_queries(alice):
    alice.list()
    with assert_query_count(3):  # session, addresses, identities
        alice.list()


def test_an_address_is_added_verified_elsewhere_made_primary_and_the_old_one_deleted(alice):
    added = alice.add("Second@Example.test")
    assert added.status_code == 200
    assert added.json.keys() == {"id", "address", "verified", "created_at", "updated_at"}
    assert (added.json["address"], added.json["verified"]) == (SECOND, False)
    assert len(alice.list().json) == 1
    with alice.services.database.connection():
        Email.update(user=alice.email.user_id, verified=True).where(Email.id == added.json["id"]).execute()
    answers = [alice.set_primary(added.json["id"]), alice.delete(alice.email.id)]
    assert [(one.status_code, one.data, one.content_type) for one in answers] == [(204, b"", None)] * 2
    assert [(one["address"], one["is_primary"]) for one in alice.list().json] == [(SECOND, True)]


def test_without_verification_the_answer_names_the_user(make_app):
    alice = Caller(make_app(UNVERIFIED).test_client(use_cookies=False))
    added = alice.add()
    assert (added.json["user_id"], added.json["verified"]) == (str(alice.email.user_id), False)
    again = alice.add()
    assert (again.status_code, again.json) == (400, error(400, "Bad Request"))


@pytest.mark.parametrize("address", ["alice@example.test", "ALICE@example.test", "bob@example.test"])
def test_an_address_of_a_user_is_a_bad_request(alice, client, address):
    Caller(client, address="bob@example.test")
    before = rows(alice)
    answer = alice.add(address)
    assert (answer.status_code, answer.json) == (400, error(400, "Bad Request"))
    assert rows(alice) == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"address": "third@example.test"}', 409),
        (b'{"address": "third"}', 409),
        (b"{}", 409),
        (b"null", 409),
        (b"", 409),
        (b"{", 400),
        (b"[]", 400),
        (b'{"address": 3}', 400),
    ],
)
def test_at_the_limit_a_body_has_to_be_readable_and_no_more(make_app, body, status):
    alice = Caller(make_app({"email.limit": 1}).test_client(use_cookies=False))
    answer = alice.client.post("/emails", data=body, headers=alice.headers, content_type="application/json")
    message = "Conflict" if status == 409 else answer.json["message"]
    assert (answer.status_code, answer.json) == (status, error(status, message))


REQUIRED, SYNTAX = "address is a required field", "address must be a valid email address"

BAD_ADDRESSES = [
    ("", REQUIRED),
    ("{}", REQUIRED),
    ('{"address": null}', REQUIRED),
    ('{"address": ""}', REQUIRED),
    ('{"email": "second@example.test"}', REQUIRED),
    ('{"address": 1}', None),
    ('{"address": ["second@example.test"]}', None),
    ('{"address": "second"}', SYNTAX),
    ('{"address": "second@"}', SYNTAX),
    ('{"address": "second@example.test, eve@example.test"}', SYNTAX),
    ('{"address": "Second <second@example.test>"}', SYNTAX),
    ('{"address": "second@example.test\\r\\nBcc: eve@example.test"}', SYNTAX),
    ('{"address": "second@example.test\\n"}', SYNTAX),
    ('{"address": "second@eve@example.test"}', SYNTAX),
    ('{"address": "\u212aelly@example.test"}', SYNTAX),
    ('{"address": "' + "a" * 60 + "@" + "b" * 60 + '.test"}', None),
    ('{"address": "second\\u0000@example.test"}', None),
    ('{"address": "second@example.test", "address": "eve@example.test"}', None),
    ("{", None),
    ("[]", None),
]


@pytest.mark.parametrize(("body", "message"), BAD_ADDRESSES, ids=lambda value: ascii(value)[:50])
def test_a_bad_body_is_refused_and_changes_nothing(alice, body, message):
    before = rows(alice)
    answer = alice.client.post(
        "/emails", data=body.encode(), headers=alice.headers, content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json == error(400, message or answer.json["message"])
    assert rows(alice) == before


def test_the_primary_address_can_not_be_deleted(alice):
    before = rows(alice)
    answer = alice.delete(alice.email.id)
    assert (answer.status_code, answer.json) == (409, error(409, "Conflict"))
    assert rows(alice) == before


@pytest.mark.parametrize("name", ["delete", "set_primary"])
def test_ids_that_are_not_ones_own(alice, client, name):
    bob = Caller(client)
    waiting = bob.add().json["id"]
    before = rows(alice)
    for email_id, status, message in (
        (bob.email.id, 404, "Not Found"),
        (waiting, 404, "Not Found"),
        (uuid4(), 404, "Not Found"),
        ("nonsense", 400, "Bad Request"),
        (bob.email.id.hex, 404, "Not Found"),
        (f"{alice.email.id}%00", 400, "Bad Request"),
        (f"%7B{alice.email.id}", 400, "Bad Request"),
        (f"URN:UUID:{alice.email.id}", 400, "Bad Request"),
        (f"urn%3Auuid%3A{alice.email.id}", 400, "Bad Request"),
        (f"%7b{alice.email.id}%7d", 400, "Bad Request"),
    ):
        answer = getattr(alice, name)(email_id)
        assert (answer.status_code, answer.json) == (status, error(status, message)), email_id
    assert rows(alice) == before


@pytest.mark.parametrize("form", ["{}", "%7B{}%7D", "urn:uuid:{}"])
@pytest.mark.parametrize("written", [str, lambda id_: str(id_).upper(), lambda id_: id_.hex])
def test_an_id_counts_in_any_written_form(alice, form, written):
    second = alice.own()
    assert alice.set_primary(form.format(written(second.id))).status_code == 204
    assert alice.delete(form.format(written(alice.email.id))).status_code == 204


def test_an_empty_body_that_calls_itself_json_is_none(alice):
    second = alice.own()
    assert alice.set_primary(second.id, content_type="application/json").status_code == 204


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/emails"),
        ("POST", "/emails"),
        ("DELETE", f"/emails/{UNKNOWN}"),
        ("DELETE", "/emails/nonsense"),
        ("POST", f"/emails/{UNKNOWN}/set_primary"),
        ("POST", "/emails/nonsense/set_primary"),
    ],
)
def test_everything_needs_a_session(client, method, path):
    answer = client.open(path, method=method, data=b"{", content_type="application/json")
    assert (answer.status_code, answer.json) == (401, error(401, "Unauthorized"))


@pytest.mark.parametrize(
    ("method", "suffix"), [("POST", ""), ("DELETE", "/{id}"), ("POST", "/{id}/set_primary")]
)
def test_another_site_can_not_use_the_cookie(alice, method, suffix):
    second = alice.own()
    before = rows(alice)
    cookie = alice.headers["Authorization"].removeprefix("Bearer ")
    answer = alice.client.open(
        "/emails" + suffix.format(id=second.id),
        method=method,
        json={"address": "third@example.test"},
        headers={"Cookie": f"hanko={cookie}", "Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert rows(alice) == before


def test_a_deleted_user_has_no_addresses(make_app):
    alice = Caller(make_app({"account.allow_deletion": True}).test_client(use_cookies=False))
    alice.client.delete("/user", headers=alice.headers)
    answers = [alice.list(), alice.add(), alice.delete(alice.email.id), alice.set_primary(alice.email.id)]
    assert [one.status_code for one in answers] == [401] * 4
