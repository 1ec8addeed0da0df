"""With ``update`` an entry changes the user it is about, and nothing of it that the entry lacks."""

import copy

import pytest

from hanko_compat.services.transfer.importing import OnConflict
from hanko_compat.storage.models import Email, Passcode, Session, User
from tests.factories import (
    make_account,
    make_credential,
    make_email,
    make_identity,
    make_metadata,
    make_passcode,
    make_session,
    make_username,
)
from tests.services.transfer.runs import export, import_into
from tests.services.transfer.samples import CHANGED, FULL, HASH, email, entry, passkey

LATER = "2025-01-01T00:00:00Z"


@pytest.fixture
def database(services):
    return services.database


def update(database, *entries):
    return import_into(database, *entries, on_conflict=OnConflict.UPDATE)


def test_a_user_that_is_as_the_entry_says_stays_so(database):
    update(database, FULL)
    assert update(database, FULL) == []
    (found,) = export(database)
    assert found == FULL


def test_what_the_entry_lacks_stays(database):
    update(database, FULL)
    assert update(database, {"emails": FULL["emails"], "name": "Janet", "updated_at": LATER}) == []
    (found,) = export(database)
    changed = copy.deepcopy(FULL) | {"name": "Janet", "updated_at": LATER}
    assert found == changed


def test_what_the_entry_has_is_written(database):
    update(database, FULL)
    new_hash = HASH[:-3] + "abc"
    changes = {
        "user_id": FULL["user_id"],
        "emails": [email("new@example.test"), email("jane@example.test", is_primary=False)],
        "username": "janet",
        "password": {"password": new_hash},
        "otp_secret": {"secret": "JBSWY3DPEHPK3PXX"},
        "webauthn_credentials": [
            passkey(id="AAECAwQFBgcICQoLDA0ODw", sign_count=9, transports=["usb"], name="Key"),
            passkey(id="CCCC", user_handle="another"),
        ],
        "metadata": {"public": {"plan": "silver"}},
        "identities": [
            {"provider_id": "google", "provider_user_id": "1234", "data": {"name": "Janet"}},
            {"provider_id": "github", "provider_user_id": "5", "email": "new@example.test"},
        ],
        "is_disabled": False,
        "updated_at": LATER,
    }
    assert update(database, changes) == []
    (found,) = export(database)
    assert {each["address"]: each["is_primary"] for each in found["emails"]} == {
        "new@example.test": True,
        "jane@example.test": False,
        "other@example.test": False,
    }
    assert (found["username"], found["password"]["password"]) == ("janet", new_hash)
    assert found["otp_secret"]["secret"] == "JBSWY3DPEHPK3PXX"
    keys = {each["id"]: each for each in found["webauthn_credentials"]}
    first = keys["AAECAwQFBgcICQoLDA0ODw"]
    assert (first["sign_count"], first["transports"], first["name"]) == (9, ["usb"], "Key")
    assert (first["user_handle"], first["details"]["tags"]) == ("of-another-system", ["one", "two"])
    assert (first["last_used_at"], keys["CCCC"]["user_handle"], len(keys)) == (CHANGED, "another", 3)
    assert found["metadata"] == FULL["metadata"] | {"public": {"plan": "silver"}}
    accounts = {each["provider_id"]: each for each in found["identities"]}
    assert accounts["google"]["data"] == {"name": "Janet"}
    assert accounts["github"]["email"] == "new@example.test"
    assert ("is_disabled" in found, found["backend_api"]["status"]) == (False, "active")
    assert found["updated_at"] == LATER
    assert found["created_at"] == FULL["created_at"]


@pytest.mark.parametrize(
    ("changes", "sessions", "codes"),
    [
        ({"name": "Janet"}, 1, 1),
        ({"password": {"password": HASH}, "is_disabled": False}, 1, 1),
        ({"password": {"password": HASH[:-3] + "abc"}}, 0, 0),
        ({"is_disabled": True}, 0, 1),
        ({"backend_api": {"status": "pending"}}, 0, 1),
    ],
    ids=str,
)
def test_another_password_or_status_ends_sessions(database, changes, sessions, codes):
    """As at the doors: a thief who has a session, or somebody who is shut out, must not stay."""
    update(database, entry(password={"password": HASH}))
    with database.connection():
        user = User.get()
        make_session(user=user)
        make_passcode(email=Email.get(), user=user)
    assert update(database, entry(**changes)) == []
    with database.connection():
        assert (Session.select().count(), Passcode.select().count()) == (sessions, codes)


def test_sessions_do_not_come_to_life_again(database):
    update(database, entry(is_disabled=True))
    with database.connection():
        make_session(user=User.get())
    assert update(database, entry(is_disabled=False)) == []
    with database.connection():
        assert Session.select().count() == 0


def test_a_user_is_known_by_an_address_or_a_username(database):
    with database.connection():
        address = make_account(address="jane@example.test")
        make_username(user=make_account(address="joe@example.test").user, username="joe")
    changes = [entry("jane@example.test", name="Jane"), {"username": "JOE", "name": "Joe"}]
    assert update(database, *changes) == []
    found = {each["emails"][0]["address"]: each["name"] for each in export(database)}
    assert found == {"jane@example.test": "Jane", "joe@example.test": "Joe"}
    assert str(address.user_id) in {each["user_id"] for each in export(database)}


def test_nobody_takes_what_is_anothers(database):
    with database.connection():
        jane = make_account(address="jane@example.test")
        joe = make_account(address="joe@example.test")
        make_credential(user=joe.user, id="BBBB")
    before = export(database)
    problems = update(
        database,
        entry("jane@example.test", name="Jane", webauthn_credentials=[passkey(id="BBBB")]),
        entry("joe@example.test", name="Joe", user_id=str(jane.user_id)),
    )
    assert {problem[0] for problem in problems} == {1, 2}
    assert export(database) == before


def test_an_address_that_nobody_has_yet_is_given_to_the_user(database):
    with database.connection():
        make_account(address="jane@example.test")
        row = make_email(user=None, address="new@example.test", verified=False)
    emails = [email("jane@example.test"), email("new@example.test", is_primary=False)]
    assert update(database, {"emails": emails}) == []
    (found,) = export(database)
    assert {each["address"]: each["is_verified"] for each in found["emails"]} == {
        "jane@example.test": True,
        "new@example.test": True,
    }
    assert str(row.id) in {each["id"] for each in found["emails"]}


def test_an_old_identity_gets_its_user(database):
    with database.connection():
        address = make_account(address="jane@example.test")
        make_metadata(user=address.user)
        make_identity(email=address, user=None, provider_user_id="1")
    identity = {
        "provider_id": "google",
        "provider_user_id": "1",
        "email": "jane@example.test",
        "data": {"a": 1},
    }
    changes = entry("jane@example.test", identities=[identity], metadata={"unsafe": {"b": 2}})
    assert update(database, changes) == []
    (found,) = export(database)
    assert [each["data"] for each in found["identities"]] == [{"a": 1}]
    assert found["metadata"] == {"unsafe": {"b": 2}}


def test_the_counter_of_a_passkey_never_goes_back(database):
    update(database, FULL)
    (key, *_) = FULL["webauthn_credentials"]
    for given, kept in (
        (key["sign_count"] + 5, key["sign_count"] + 5),
        (key["sign_count"], key["sign_count"] + 5),
    ):
        changes = {"user_id": FULL["user_id"], "webauthn_credentials": [{**key, "sign_count": given}]}
        assert update(database, changes) == []
        (found,) = export(database)
        counts = {each["id"]: each["sign_count"] for each in found["webauthn_credentials"]}
        assert counts[key["id"]] == kept
