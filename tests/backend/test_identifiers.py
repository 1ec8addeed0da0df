"""Identifiers at the backend door: one store with the public one."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier
from uuid import UUID

import pytest

from hanko_compat.storage.models import (
    AuditLog,
    Email,
    Identifier,
    Identity,
    Passcode,
    PrimaryEmail,
    Username,
)
from hanko_compat.storage.users import users
from tests.backend.ceremonies import INFORMATION, uuid_of
from tests.backend.server import problems
from tests.factories import make_account, make_email, make_identity, make_passcode, make_username
from tests.passkeys import bearer

BLANK = "cannot be blank"


@pytest.fixture
def user_id(backend):
    return backend.user()


def path(user_id, identifier_id=None):
    return f"/users/{user_id}/identifiers" + (f"/{identifier_id}" if identifier_id else "")


def body(value="jane@example.test", type_="email", status="verified"):
    return {"identifierType": type_, "identifierValue": value, "status": status}


def statuses(backend, user_id):
    found = backend.get("/identifiers", f"userID:eq:{user_id}", pageSize=100).json["identifiers"]
    return {each["identifierID"]: each["status"] for each in found}


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("email", "integration-test+aB3xYz@corbado.com"),
        ("email", "jane@example.test"),
        ("phone", "+4915091234567"),
        ("email", "J\u00fcrgen.\u00c4@B\u00fccher.example.test"),
        ("phone", "+12345678"),
        ("phone", "+123456789012345"),
        ("username", "Jane.Doe"),
        ("username", "\u00c4nne Mei\u00dfner \U0001f642 O'Neil; --"),
        ("username", "e\u0301 and \u00e9"),
        ("username", "X" * 255),
    ],
)
@pytest.mark.parametrize("status", ["pending", "primary", "verified"])
@pytest.mark.every_case
def test_a_value_comes_back_exactly_as_it_was_sent(backend, user_id, type_, value, status):
    made = backend.post(path(user_id), body(value, type_, status)).json
    assert made == made | {"type": type_, "value": value, "status": status, "userID": user_id}
    assert backend.get("/identifiers").json["identifiers"] == [made]
    for text in (value, value.swapcase(), value.lower()):
        if text.lower() != value.lower():
            continue  # a sharp s has no capital letter
        assert backend.get("/identifiers", f"identifierValue:eq:{text}").json["identifiers"] == [made]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, {("identifierType", BLANK), ("identifierValue", BLANK), ("status", BLANK)}),
        (body(type_="letter"), {("identifierType", "must be a valid value")}),
        (body(status="gone"), {("status", "must be a valid value")}),
        (body(""), {("identifierValue", BLANK)}),
        (body("no address"), {("identifierValue", "must be a valid email address")}),
        (body("a\r\nb@example.test"), {("identifierValue", "must be a valid email address")}),
        (body("a@" + "b" * 260 + ".test"), {("identifierValue", "the length must be no more than 254")}),
        (body("0150912345", "phone"), {("identifierValue", "must be a valid E164 number")}),
        (body("+1234567", "phone"), {("identifierValue", "must be a valid E164 number")}),
        (body("+1234567890123456", "phone"), {("identifierValue", "must be a valid E164 number")}),
        (body("+\u0661\u0662345678", "phone"), {("identifierValue", "must be a valid E164 number")}),
        (body("+49 1509 123", "phone"), {("identifierValue", "must be a valid E164 number")}),
        (body("+4915091234567\n", "phone"), {("identifierValue", "must be a valid E164 number")}),
        (body("Jane <jane@example.test>"), {("identifierValue", "must be a valid email address")}),
        (body("a@b@example.test"), {("identifierValue", "must be a valid email address")}),
        (body("\u212aelly@example.test"), {("identifierValue", "must be a valid email address")}),
        (body("\u212aelly", "username"), {("identifierValue", "must be in a valid format")}),
        (body("x" * 256, "username"), {("identifierValue", "must be in a valid format")}),
        (body(" jane", "username"), {("identifierValue", "must be in a valid format")}),
        (body("ja\nne", "username"), {("identifierValue", "must be in a valid format")}),
        (body(["jane@example.test"]), {("identifierValue", "must be a valid value")}),
    ],
)
def test_an_identifier_that_is_refused(backend, user_id, sent, told):
    assert problems(backend.post(path(user_id), sent)) == told
    assert problems(backend.post(path("usr-17"), sent)) == {("userID", "does not exist")}
    assert statuses(backend, user_id) == {}


@pytest.mark.parametrize(
    ("value", "again", "type_"),
    [
        ("jane@example.test", "Jane@EXAMPLE.test", "email"),
        ("+4915091234567", "+4915091234567", "phone"),
        ("jane", "Jane", "username"),
    ],
)
def test_values_are_unique_for_their_type(backend, user_id, value, again, type_):
    backend.identifier(user_id, value, type_=type_)
    for other in (user_id, backend.user()):
        refused = backend.post(path(other), body(again, type_))
        assert (refused.status_code, refused.json["error"]["type"]) == (409, "already_exists")
        assert refused.json["error"]["validation"][0]["field"] == "identifierValue"


@pytest.mark.parametrize("status", ["pending", "primary", "verified"])
def test_an_address_that_somebody_signs_up_with_is_not_listed_and_a_server_may_give_it(
    backend, user_id, client, inbox, status
):
    signed_up = client.post("/users", json={"email": "jane@example.test"}).json
    assert backend.get("/identifiers").json["paging"]["totalItems"] == 0
    wanted = {"user_id": signed_up["id"], "email_id": signed_up["email_id"]}
    passcode = client.post("/passcode/login/initialize", json=wanted).json
    made = backend.post(path(user_id), body("Jane@example.test", status=status)).json
    assert made == made | {"value": "Jane@example.test", "status": status, "userID": user_id}
    assert backend.get("/identifiers").json["identifiers"] == [made]
    late = {"id": passcode["id"], "code": inbox.passcode("jane@example.test")}
    assert client.post("/passcode/login/finalize", json=late).status_code == 403
    assert statuses(backend, user_id) == {made["identifierID"]: status}


@pytest.fixture
def squatter(make_backend, inbox):
    """A server, and somebody who has signed up with an address that is not verified, with a session."""
    backend = make_backend({"email.require_verification": False, "audit_log.storage.enabled": True})
    services = inbox.services[-1]
    answer = backend.client.post("/users", json={"email": "jane@example.test"})
    made = answer.json
    headers = bearer(services, UUID(made["user_id"]))
    return backend, services, f"usr-{UUID(made['user_id']).int}", headers


@pytest.mark.parametrize("status", ["pending", "primary", "verified"])
def test_an_unconfirmed_sign_up_keeps_no_address_from_its_user(squatter, inbox, status):
    backend, services, stranger_id, headers = squatter
    stranger = uuid_of(stranger_id)
    with services.database.connection():
        email = Email.get()
    make_passcode(user=stranger, email=email)
    make_identity(user=stranger, email=email)
    user_id = backend.user()
    made = backend.post(path(user_id), body("Jane@example.test", status=status)).json
    assert made == made | {"value": "Jane@example.test", "status": status, "userID": user_id}
    assert statuses(backend, stranger_id) == {}
    assert statuses(backend, user_id) == {made["identifierID"]: status}
    with services.database.connection():
        assert Passcode.select().count() == Identity.select().count() == 0
        assert PrimaryEmail.select().where(PrimaryEmail.user == stranger).count() == 0
        (row,) = AuditLog.select().where(AuditLog.type == "identifier_deleted")
        assert row.actor_user_id == stranger
    # Nor does the stranger get it back, or anything else without its session.
    assert (
        backend.client.post("/emails", json={"address": "jane@example.test"}, headers=headers).status_code
        == 400
    )
    with services.database.connection():
        assert not users.is_fresh(stranger)


def test_an_address_that_is_confirmed_stays_where_it_is(squatter, services):
    backend, _, stranger_id, _ = squatter
    with services.database.connection():
        email = Email.get()
        email.verified = True
        email.save()
    assert backend.post(path(backend.user()), body()).status_code == 409
    assert statuses(backend, stranger_id) == {f"ide-{email.id.int}": "primary"}


@pytest.mark.parametrize("first", ["pending", "verified then pending", "proved"])
def test_a_server_takes_nothing_from_a_user_to_whom_one_gave_it(backend, user_id, inbox, first):
    """Nor from one who has proved it by a challenge."""
    if first == "proved":
        email = make_account(address="jane@example.test", verified=False)
        user_id, identifier_id = f"usr-{email.user_id.int}", f"ide-{email.id.int}"
        sent = {
            "challengeType": "email_otp",
            "identifierValue": email.address,
            "clientInformation": INFORMATION,
        }
        challenge = backend.post(f"/users/{user_id}/challenges", sent).json
        backend.update(
            f"/users/{user_id}/challenges/{challenge['challengeID']}", {"value": challenge["value"]}
        )
    else:
        identifier_id = backend.identifier(user_id, "jane@example.test", status=first.split()[0])
        backend.update(path(user_id, identifier_id), {"status": "pending"})
    before = statuses(backend, user_id)
    assert backend.post(path(backend.user()), body()).status_code == 409
    assert statuses(backend, user_id) == before
    assert before.keys() == {identifier_id}


@pytest.mark.parametrize(
    ("kept", "other"),
    [
        ("jane", "\uff2a\uff41\uff4e\uff45"),
        ("fiona", "\ufb01ona"),
        ("Stra\u00dfe", "STRASSE"),
        ("strasse", "stra\u00dfe"),
        ("e\u0301va", "\u00c9VA"),
        ("\u03bf\u03c2", "\u039f\u03a3"),
    ],
)
@pytest.mark.parametrize("is_hankos", [True, False])
@pytest.mark.every_case
def test_usernames_that_look_alike_are_one(backend, user_id, kept, other, is_hankos):
    if not is_hankos:
        backend.identifier(user_id, "first", type_="username")
    backend.identifier(user_id, kept, type_="username")
    for owner in (user_id, backend.user()):
        assert backend.post(path(owner), body(other, "username")).status_code == 409
    for typed in (kept, other):
        found = backend.get("/identifiers", f"identifierValue:eq:{typed}").json["identifiers"]
        assert [each["value"] for each in found] == [kept]
        assert [
            each["userID"] for each in backend.get("/users", f"searchValue:eq:{typed}").json["users"]
        ] == [user_id]


def test_a_username_that_hanko_lower_cased_is_found_and_stays_unique(backend):
    row = make_username(username="stra\u00dfe")
    user_id = f"usr-{row.user_id.int}"
    for typed in ("Stra\u00dfe", "stra\u00dfe"):
        found = backend.get("/identifiers", f"identifierValue:eq:{typed}").json["identifiers"]
        assert [each["userID"] for each in found] == [user_id]
        assert backend.get("/users", f"searchValue:eq:{typed}").json["paging"]["totalItems"] == 1
        assert backend.post(path(backend.user()), body(typed, "username")).status_code == 409
    changed = backend.update(path(user_id, f"ide-{row.id.int}"), {"status": "primary"}).json
    assert changed["value"] == "stra\u00dfe"
    assert backend.post(path(backend.user()), body("STRASSE", "username")).status_code == 409


def test_two_that_hanko_has_of_one_form_keep_their_names(backend):
    for name in ("strasse", "stra\u00dfe"):
        row = make_username(username=name)
        user_id = f"usr-{row.user_id.int}"
        changed = backend.update(path(user_id, f"ide-{row.id.int}"), {"status": "primary"})
        assert (changed.status_code, changed.json["value"]) == (200, name)


@pytest.mark.parametrize("name", ["\u00b4jane", "\ufdfa" * 15, "\u00df" * 128])
def test_a_username_is_refused_by_its_form_too(backend, user_id, name):
    told = problems(backend.post(path(user_id), body(name, "username")))
    assert told == {("identifierValue", "must be in a valid format")}


def test_the_limit_of_addresses_is_the_public_doors(make_backend, inbox):
    backend = make_backend({"email.limit": 3})
    user_id = backend.user()
    for number in range(22):
        backend.identifier(user_id, f"jane{number}@example.test", status="verified")
    assert len(statuses(backend, user_id)) == 22
    headers = bearer(inbox.services[-1], uuid_of(user_id))
    more = {"address": "more@example.test"}
    assert backend.client.post("/emails", json=more, headers=headers).status_code == 409
    backend.identifier(user_id, "more@example.test", status="pending")


@pytest.mark.parametrize(
    ("kept", "typed", "type_"),
    [
        ("kelly@example.test", "\u212aelly@example.test", "email"),
        ("alice@example.test", "al\u0130ce@example.test", "email"),
        ("jane@example.test", "jan\u00e9@example.test", "email"),
        ("kelly", "\u212aelly", "username"),
        ("jane", "jan\u00e9", "username"),
    ],
)
@pytest.mark.parametrize("is_hankos", [True, False])
def test_a_look_alike_finds_nobody(hankos_collation, backend, user_id, kept, typed, type_, is_hankos):
    """Whoever looks up what was typed does not get the user of something else."""
    if not is_hankos:
        backend.identifier(user_id, "first", type_="username")
    backend.identifier(user_id, kept, type_=type_)
    assert backend.get("/identifiers", f"identifierValue:eq:{kept}").json["paging"]["totalItems"] == 1
    assert backend.get("/users", f"searchValue:eq:{kept}").json["paging"]["totalItems"] == 1
    assert backend.get("/identifiers", f"identifierValue:eq:{typed}").json["identifiers"] == []
    assert backend.get("/users", f"searchValue:eq:{typed}").json["users"] == []


@pytest.mark.parametrize(("type_", "values"), [
    ("email", ["a@example.test", "b@example.test"]),
    ("phone", ["+4915091234567", "+4915091234568"]),
    ("username", ["jane", "janet"]),
])  # fmt: skip
def test_any_status_follows_any_other_and_one_is_primary(backend, user_id, type_, values):
    one, two = (backend.identifier(user_id, each, type_=type_, status="primary") for each in values)
    assert statuses(backend, user_id) == {one: "verified", two: "primary"}
    for status in ("pending", "primary", "verified", "pending"):
        changed = backend.update(path(user_id, one), {"status": status}).json
        assert (changed["identifierID"], changed["status"]) == (one, status)
        assert statuses(backend, user_id)[one] == status


def test_addresses_are_hankos_own(backend, user_id, services):
    backend.identifier(user_id, "Jane@example.test", status="primary")
    with services.database.connection():
        (email,) = Email.select()
        assert (email.address, email.verified) == ("jane@example.test", True)
        assert PrimaryEmail.get().email_id == email.id


def test_hankos_addresses_are_identifiers(backend):
    email = make_account()
    pending = make_email(user=email.user_id, verified=False)
    verified = make_email(user=email.user_id)
    expected = {email.id: "primary", pending.id: "pending", verified.id: "verified"}
    found = statuses(backend, f"usr-{email.user_id.int}")
    assert found == {f"ide-{key.int}": status for key, status in expected.items()}


def test_an_address_that_nobody_verified_does_not_become_so_by_losing_its_place(backend):
    email = make_account(verified=False)
    user_id = f"usr-{email.user_id.int}"
    backend.identifier(user_id, "other@example.test", status="primary")
    assert statuses(backend, user_id)[f"ide-{email.id.int}"] == "pending"


def test_the_first_username_is_hankos_and_the_next_takes_its_place(backend, user_id, services):
    first, second, third = (
        backend.identifier(user_id, name, type_="username") for name in ("Jane", "JaneTwo", "Third")
    )

    def hankos():
        with services.database.connection():
            return [row.username for row in Username.select()]

    assert hankos() == ["jane"]
    backend.delete(path(user_id, second))
    assert hankos() == ["jane"]
    backend.delete(path(user_id, first))
    assert hankos() == ["third"]
    assert [each["value"] for each in backend.get("/identifiers").json["identifiers"]] == ["Third"]
    backend.delete(path(user_id, third))
    assert hankos() == []
    backend.identifier(user_id, "Jane", type_="username")


def test_hankos_usernames_are_identifiers(backend, services):
    row = make_username(username="jane")
    user_id, identifier_id = f"usr-{row.user_id.int}", f"ide-{row.id.int}"
    assert statuses(backend, user_id) == {identifier_id: "verified"}
    assert backend.update(path(user_id, identifier_id), {"status": "primary"}).json["value"] == "jane"
    assert statuses(backend, user_id) == {identifier_id: "primary"}
    other = backend.user()
    assert backend.post(path(other), body("JANE", "username")).status_code == 409
    backend.identifier(other, "john", type_="username")
    assert backend.post(path(other), body("JANE", "username")).status_code == 409
    with services.database.connection():
        Username.delete().execute()
        assert Identifier.select().where(Identifier.folded == "jane").count() == 0


def test_delete(backend, user_id, services):
    identifier_id = backend.identifier(user_id, "jane@example.test", status="primary")
    assert backend.delete(path(user_id, identifier_id)).json["httpStatusCode"] == 200
    assert problems(backend.delete(path(user_id, identifier_id))) == {("identifierID", "does not exist")}
    assert statuses(backend, user_id) == {}
    with services.database.connection():
        assert Email.select().count() == PrimaryEmail.select().count() == 0
    backend.identifier(user_id, "jane@example.test")


@pytest.mark.parametrize(("method", "sent"), [("PATCH", {"status": "primary"}), ("DELETE", None)])
def test_somebody_elses_identifier_does_not_exist(backend, user_id, method, sent):
    other = backend.user()
    theirs = backend.identifier(other, "jane@example.test")
    told = problems(backend.call(method, path(user_id, theirs), sent))
    assert told == {("identifierID", "does not exist")}
    assert problems(backend.call(method, path("usr-17", theirs), sent)) == {("userID", "does not exist")}
    assert problems(backend.call(method, path(user_id, "ide-1"), sent)) == told
    assert statuses(backend, other) == {theirs: "verified"}


def test_type_and_value_do_not_change(backend, user_id):
    identifier_id = backend.identifier(user_id, "Jane@example.test")
    changes = body("john@example.test", "username", "primary") | {"type": "phone", "value": "x"}
    changed = backend.update(path(user_id, identifier_id), changes).json
    assert (changed["type"], changed["value"]) == ("email", "Jane@example.test")
    assert backend.get("/identifiers").json["identifiers"] == [changed]


def test_an_update_without_status(backend, user_id):
    identifier_id = backend.identifier(user_id, "jane@example.test")
    assert problems(backend.update(path(user_id, identifier_id), {})) == {("status", BLANK)}


def test_one_of_many_gets_the_address(backend, client, user_id):
    gate = Barrier(4)
    others = [user_id, backend.user(), backend.user()]

    def here(other):
        gate.wait()
        return backend.post(path(other), body()).status_code

    def at_the_public_door():
        gate.wait()
        return client.post("/users", json={"email": "jane@example.test"}).status_code

    with ThreadPoolExecutor(4) as pool:
        public = pool.submit(at_the_public_door)
        found = list(pool.map(here, others))
    assert found.count(200) == 1
    assert {*found, public.result()} <= {200, 409}


def test_identifiers_of_one_user_made_and_deleted_at_once(backend, user_id):
    def make_and_delete(number):
        value = f"jane{number}@example.test"
        return backend.delete(path(user_id, backend.identifier(user_id, value, status="primary"))).status_code

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(make_and_delete, range(9))) == {200}
    assert statuses(backend, user_id) == {}


def listed(backend, *filters, **parameters):
    return [each["value"] for each in backend.get("/identifiers", *filters, **parameters).json["identifiers"]]


@pytest.fixture
def several(backend, clock):
    """Identifiers of two users, in the order of their creation."""
    made = {"one": backend.user(), "two": backend.user()}
    for owner, value, type_ in (
        ("one", "b@example.test", "email"),
        ("two", "+4915091234567", "phone"),
        ("one", "Anna", "username"),
        ("two", "a@example.test", "email"),
        ("one", "Zoe", "username"),
    ):
        backend.identifier(made[owner], value, type_=type_)
        clock.advance(seconds=1)
    return made


def test_list_merges_all_tables(backend, several):
    by_age = ["b@example.test", "+4915091234567", "Anna", "a@example.test", "Zoe"]
    assert listed(backend) == by_age
    assert listed(backend, pageSize=2, page=2) == by_age[2:4]
    by_value = ["+4915091234567", "a@example.test", "Anna", "b@example.test", "Zoe"]
    assert listed(backend, sort="identifierValue") == by_value
    assert listed(backend, sort="identifierValue:desc") == by_value[::-1]
    by_type = ["b@example.test", "a@example.test", "+4915091234567", "Anna", "Zoe"]
    assert listed(backend, sort="identifierType:asc") == by_type
    pages = [listed(backend, sort="identifierType", page=page, pageSize=2) for page in (1, 2, 3, 4)]
    assert list(chain(*pages)) == by_type
    by_user = backend.get("/identifiers", sort="userID").json["identifiers"]
    owners = [int(each["userID"].removeprefix("usr-")) for each in by_user]
    assert owners == sorted(owners)


def test_filters_are_anded(backend, several):
    mine = f"userID:eq:{several['one'].removeprefix('usr-')}"
    assert listed(backend, mine, "identifierType:eq:username") == ["Anna", "Zoe"]
    assert listed(backend, mine, "identifierValue:gt:anna", "identifierValue:lt:zoe") == ["b@example.test"]
    assert listed(backend, "identifierType:gt:email", mine) == ["Anna", "Zoe"]
    assert listed(backend, "identifierType:eq:letter") == []
    nobody = backend.get("/identifiers", "identifierValue:eq:nobody@example.test").json
    assert nobody["paging"] == {"page": 1, "totalPages": 0, "totalItems": 0}
