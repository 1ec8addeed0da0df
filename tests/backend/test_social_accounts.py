"""Accounts at other providers: rows of Hanko's, listed for one user and for all."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest

from hanko_compat.storage.models import AuditLog, Identity, SocialAccount
from tests.backend.server import problems
from tests.factories import make_account, make_email, make_identity, now

BLANK = "cannot be blank"
NOT_VALID = "must be a valid value"
MEMBERS = ("providerType", "identifierValue", "foreignID", "avatarURL", "fullName")


def path(user_id):
    return f"/users/{user_id}/socialAccounts"


def body(**changes):
    return {
        "providerType": "github",
        "identifierValue": "Jane@Example.test",
        "foreignID": "53150919",
        "avatarURL": "https://avatars.example.com/u/53150919?v=4",
        "fullName": "Jane Doe \u2603",
    } | changes


def create(backend, user_id, **changes):
    response = backend.post(path(user_id), body(**changes))
    assert response.status_code == 200, response.json
    return response.json


@pytest.fixture
def user_id(backend):
    return backend.user()


@pytest.mark.parametrize("provider", ["google", "microsoft", "github", "custom"])
def test_what_was_sent_comes_back_everywhere(backend, user_id, provider):
    made = create(backend, user_id, providerType=provider)
    assert made == made | body(providerType=provider) | {"userID": user_id}
    assert made["socialAccountID"].startswith("soc-")
    assert backend.get(path(user_id)).json == [made]
    assert backend.get("/socialAccounts").json == {
        "socialAccounts": [made],
        "paging": {"page": 1, "totalPages": 1, "totalItems": 1},
    }
    assert backend.get("/users").json["users"][0]["socialAccounts"] == [made]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, {(name, BLANK) for name in MEMBERS}),
        (dict.fromkeys(MEMBERS, ""), {(name, BLANK) for name in MEMBERS}),
        (dict.fromkeys(MEMBERS), {(name, BLANK) for name in MEMBERS}),
        (dict.fromkeys(MEMBERS, 7), {(name, NOT_VALID) for name in MEMBERS}),
        (body(providerType="myspace"), {("providerType", NOT_VALID)}),
        (body(identifierValue="a" * 256), {("identifierValue", "the length must be between 1 and 255")}),
        (body(foreignID="a" * 256), {("foreignID", "the length must be between 1 and 255")}),
        (body(fullName="a" * 256), {("fullName", "the length must be between 1 and 255")}),
        (
            body(avatarURL="https://a.test/" + "a" * 2048),
            {("avatarURL", "the length must be between 1 and 2048")},
        ),
        *(
            (body(avatarURL=url), {("avatarURL", "must be a valid URL")})
            for url in (
                "avatar.png",
                "javascript:alert(1)",
                "data:image/png,x",
                "https://",
                "https:///x",
                "https://[::1/x",
                "https://a.test:99999/",
                "https://a.test/a b",
                "https://a.test/\n",
            )
        ),
    ],
)
def test_an_account_that_is_refused(backend, user_id, sent, told):
    assert problems(backend.post(path(user_id), sent)) == told
    assert problems(backend.post(path("usr-17"), sent)) == {("userID", "does not exist")}
    assert backend.get("/socialAccounts").json["paging"]["totalItems"] == 0


def test_an_unknown_user(backend):
    for response in (backend.post(path("usr-17"), body()), backend.get(path("usr-17"))):
        assert problems(response) == {("userID", "does not exist")}
    told = problems(backend.get(path("usr-17"), sort="color"))
    assert told == {("userID", "does not exist")}


def test_an_account_is_one_users(backend, user_id):
    create(backend, user_id)
    for other in (user_id, backend.user()):
        refused = backend.post(path(other), body(fullName="Somebody"))
        assert (refused.status_code, refused.json["error"]["type"]) == (409, "already_exists")
        assert refused.json["error"]["validation"][0]["field"] == "foreignID"
    create(backend, user_id, providerType="google")
    create(backend, user_id, foreignID="another")


def test_an_account_that_logged_in_at_the_public_door_is_its_users(backend, user_id):
    make_identity(email=make_account(), provider_id="github", provider_user_id="53150919")
    refused = backend.post(path(user_id), body())
    assert (refused.status_code, refused.json["error"]["type"]) == (409, "already_exists")
    create(backend, user_id, providerType="google")


def test_one_of_many_gets_the_account(backend, user_id):
    gate, users = Barrier(3), [user_id, backend.user(), backend.user()]

    def link(other):
        gate.wait()
        return backend.post(path(other), body()).status_code

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(link, users)) == [200, 409, 409]
    assert backend.get("/socialAccounts").json["paging"]["totalItems"] == 1


def test_an_account_is_hankos_identity(backend, user_id, services):
    address_id = backend.identifier(user_id, "jane@example.test")
    create(backend, user_id)
    with services.database.connection():
        (identity,) = Identity.select()
        assert (identity.provider_id, identity.provider_user_id) == ("github", "53150919")
        assert f"usr-{identity.user_id.int}" == user_id
        assert f"ide-{identity.email_id.int}" == address_id
        assert json.loads(identity.data) == {
            "sub": "53150919",
            "email": "Jane@Example.test",
            "name": "Jane Doe \u2603",
            "picture": "https://avatars.example.com/u/53150919?v=4",
        }


def test_the_audit_log_tells_of_it(make_backend, inbox):
    backend = make_backend({"audit_log.storage.enabled": True})
    user_id = backend.user()
    made = create(backend, user_id)
    with inbox.services[-1].database.connection():
        (row,) = AuditLog.select().where(AuditLog.type == "social_account_created")
    assert f"usr-{row.actor_user_id.int}" == user_id
    identity_id = UUID(json.loads(row.details)["social_account_id"])
    assert f"soc-{identity_id.int}" == made["socialAccountID"]


def test_another_users_address_is_not_linked(backend, user_id, services):
    other = backend.user()
    address_id = backend.identifier(other, "jane@example.test")
    made = create(backend, user_id)
    backend.delete(f"/users/{other}/identifiers/{address_id}")
    assert backend.get(path(user_id)).json == [made]
    with services.database.connection():
        assert Identity.get().email_id is None


def test_hankos_identities_are_listed(backend):
    email = make_account()
    user_id = f"usr-{email.user_id.int}"
    own = make_identity(email=email, provider_id="custom_acme", created_at=now() - timedelta(hours=1))
    old = make_identity(email=email, user=None, provider_id="apple")
    nobodys = make_email(user=None)
    make_identity(email=nobodys, user=None)
    listed = backend.get("/socialAccounts").json["socialAccounts"]
    assert [each["socialAccountID"] for each in listed] == [f"soc-{each.id.int}" for each in (own, old)]
    for each, identity in zip(listed, (own, old), strict=True):
        assert each == {
            "socialAccountID": f"soc-{identity.id.int}",
            "providerType": identity.provider_id,
            "identifierValue": email.address,
            "userID": user_id,
            "foreignID": identity.provider_user_id,
            "avatarURL": "",
            "fullName": "",
        }
    assert backend.get(path(user_id)).json == listed
    (user,) = backend.get("/users").json["users"]
    assert user["socialAccounts"] == listed


def test_accounts_go_with_their_user(backend, user_id, services):
    create(backend, user_id)
    backend.delete(f"/users/{user_id}")
    assert backend.get("/socialAccounts").json["socialAccounts"] == []
    with services.database.connection():
        assert Identity.select().count() == SocialAccount.select().count() == 0


@pytest.fixture
def several(backend, clock):
    """Accounts of two users, in the order of their creation."""
    made = {"one": backend.user(), "two": backend.user()}
    for owner, provider, foreign_id in (
        ("one", "google", "b"),
        ("two", "github", "d"),
        ("one", "microsoft", "a"),
        ("two", "google", "c"),
    ):
        create(backend, made[owner], providerType=provider, foreignID=foreign_id)
        clock.advance(seconds=1)
    return made


def listed(backend, *filters, **parameters):
    answer = backend.get("/socialAccounts", *filters, **parameters).json
    return "".join(each["foreignID"] for each in answer["socialAccounts"])


@pytest.mark.parametrize(
    ("filters", "parameters", "expected"),
    [
        ([], {}, "bdac"),
        ([], {"sort": ""}, "bdac"),
        ([], {"sort": "foreignID"}, "abcd"),
        ([], {"sort": "foreignID:desc"}, "dcba"),
        ([], {"sort": "foreignID:desc", "pageSize": 3}, "dcb"),
        ([], {"sort": "foreignID:desc", "pageSize": 3, "page": 2}, "a"),
        ([], {"page": 9}, ""),
        (["providerType:eq:google"], {}, "bc"),
        (["providerType:eq:google", "foreignID:gt:b"], {}, "c"),
        (["foreignID:lt:c"], {"sort": "foreignID:desc"}, "ba"),
        (["foreignID:eq:a"], {}, "a"),
        (["providerType:eq:myspace"], {}, ""),
    ],
)
def test_filters_sorts_and_pages(backend, several, filters, parameters, expected):
    assert listed(backend, *filters, **parameters) == expected


def test_sorted_by_provider(backend, several):
    found = backend.get("/socialAccounts", sort="providerType").json["socialAccounts"]
    assert [each["providerType"] for each in found] == ["github", "google", "google", "microsoft"]


def test_the_list_of_a_user(backend, several):
    def of(owner, *filters, **parameters):
        answer = backend.get(path(several[owner]), *filters, **parameters).json
        return "".join(each["foreignID"] for each in answer)

    assert (of("one"), of("two")) == ("ba", "dc")
    assert of("one", sort="foreignID") == "ab"
    assert of("two", "providerType:eq:google") == "c"
    assert of("two", pageSize=1, page=2) == "c"
    assert backend.get(path(backend.user())).json == []


@pytest.mark.parametrize("of_user", [True, False])
@pytest.mark.parametrize(
    ("filters", "parameters", "told"),
    [
        ([], {"sort": "fullName"}, {("fullName", "not sortable by this column")}),
        (["userID:eq:1"], {}, {("userID", "not filterable by this column")}),
        (["foreignID:like:a"], {}, {("foreignID", "not filterable by this column")}),
        ([], {"pageSize": 1001}, {("pageSize", "must be no greater than 1000")}),
    ],
)
def test_what_lists_refuse(backend, user_id, of_user, filters, parameters, told):
    where = path(user_id) if of_user else "/socialAccounts"
    assert problems(backend.get(where, *filters, **parameters)) == told
