from uuid import UUID

import pytest

from hanko_compat.errors.convert import HashNotVerified, Unconvertible
from hanko_compat.services.convert.draft import Draft
from hanko_compat.services.convert.options import Options
from tests.services.convert.converting import BCRYPT, NOW


def draft(**options):
    return Draft("clerk", Options(now=NOW, **options))


@pytest.fixture
def user():
    made = draft()
    made.name_user("alice")
    return made


def test_an_id_that_is_a_uuid_stays(user):
    user.identify("8D7C2A54-7C3A-4A0C-8F0E-0D4A6C9F1B22")
    assert user.entry()["user_id"] == "8d7c2a54-7c3a-4a0c-8f0e-0d4a6c9f1b22"
    assert "metadata" not in user.entry()


@pytest.mark.parametrize(
    "id_", ["user_1", "{8d7c2a54-7c3a-4a0c-8f0e-0d4a6c9f1b22}", "00000000-0000-0000-0000-000000000000"]
)
def test_other_ids_are_kept_and_always_make_the_same_one(id_):
    entries = []
    for _ in range(2):
        user = draft()
        user.name_user("alice")
        user.identify(id_)
        entries.append(user.entry())
    assert entries[0] == entries[1]
    assert UUID(entries[0]["user_id"]).int
    assert entries[0]["metadata"] == {"private": {"clerk_id": id_}}


def test_systems_make_different_ids():
    made = []
    for system in ("clerk", "firebase"):
        user = Draft(system, Options(now=NOW))
        user.identify("1")
        user.name_user("alice")
        made.append(user.entry()["user_id"])
    assert made[0] != made[1]


def test_addresses_are_lowered_and_join(user):
    user.add_address("Alice@Example.com", is_verified=False)
    user.add_address("alice@example.com", is_verified=True)
    user.add_address("", is_verified=True)
    assert user.entry()["emails"] == [
        {"address": "alice@example.com", "is_primary": True, "is_verified": True}
    ]


@pytest.mark.parametrize(
    ("marks", "primary"),
    [
        ([(False, False), (True, False)], 1),
        ([(False, False), (False, False)], 0),
        ([(True, False), (False, True)], 1),
    ],
)
def test_which_address_is_primary(user, marks, primary):
    for number, (is_verified, is_primary) in enumerate(marks):
        user.add_address(f"{number}@example.com", is_verified=is_verified, is_primary=is_primary)
    assert [email["is_primary"] for email in user.entry()["emails"]] == [
        number == primary for number in range(2)
    ]


@pytest.mark.parametrize("assumes", [True, False])
def test_who_does_not_say_whether_an_address_is_verified(assumes):
    user = draft(assumes_verified=assumes)
    user.add_address("a@example.com", is_verified=None)
    assert user.entry()["emails"][0]["is_verified"] is assumes


@pytest.mark.parametrize(
    "text", ["no address", "a@localhost", "a b@example.com", f"{'x' * 250}@example.com", "@"]
)
def test_what_is_no_address_is_refused_without_being_told(user, text):
    with pytest.raises(Unconvertible) as caught:
        user.add_address(text, is_verified=True)
    assert text not in str(caught.value)


def test_a_username_that_is_an_address_is_none():
    user = draft()
    user.add_address("alice@example.com", is_verified=True)
    user.name_user("Alice@example.com")
    assert user.left == []
    user.name_user("old@example.com")
    assert "username" not in user.entry()
    assert user.left == ["a username that looks like an address"]


@pytest.mark.parametrize("name", ["x" * 256, "a\x07b", "\u212aelvin"])
def test_what_no_username_has_is_refused(name):
    with pytest.raises(Unconvertible, match="username"):
        draft().name_user(name)


def test_who_could_not_log_in_is_refused():
    with pytest.raises(Unconvertible, match="neither"):
        draft().entry()


def test_names_that_are_too_long_and_pictures_that_are_none(user):
    user.describe(name="x" * 256, given_name="A", picture="javascript:alert(1)")
    user.describe(given_name="B", picture="https://[broken")
    assert user.entry()["given_name"] == "A"
    assert user.entry().keys().isdisjoint({"name", "picture"})
    assert len(user.left) == 2


@pytest.mark.parametrize(
    "members",
    [{"a": "x" * 3000}, {"a": "\0"}, {"a": "\ud800"}, {"a": float("inf")}, {"\0": 1}],
)
def test_metadata_that_can_not_be_stored_are_left_but_the_id_stays(user, members):
    user.identify("user_1")
    user.add_metadata("private", members)
    user.add_metadata("public", {"plan": "gold"})
    assert user.entry()["metadata"] == {"public": {"plan": "gold"}, "private": {"clerk_id": "user_1"}}
    assert len(user.left) == 1


def test_metadata_do_not_hide_the_id(user):
    user.identify("user_1")
    user.add_metadata("private", {"clerk_id": "another"})
    assert user.entry()["metadata"]["private"] == {"clerk_id": "user_1"}


def test_accounts_elsewhere_have_an_address_of_the_user(user):
    user.add_address("alice@example.com", is_verified=True)
    known = {"google.com": "google"}
    user.add_identity("google.com", "1", known=known, email="Other@example.com")
    user.add_identity("google.com", "2", known=known, email="ALICE@example.com")
    user.add_identity("google.com", "2", known=known)
    user.add_identity("google.com", "", known=known)
    user.add_identity("corp", "3", known=known)
    user.add_identity("google.com", "x" * 256, known=known)
    assert user.entry()["identities"] == [
        {
            "provider_id": "google",
            "provider_user_id": "1",
            "email": "alice@example.com",
            "data": {"email": "other@example.com", "sub": "1"},
        },
        {
            "provider_id": "google",
            "provider_user_id": "2",
            "email": "alice@example.com",
            "data": {"email": "alice@example.com", "sub": "2"},
        },
    ]
    assert user.left == ["an account at corp", "an account at google.com"]


def test_an_account_elsewhere_of_who_has_no_address(user):
    user.add_identity("g", "1", known={"g": "google"})
    assert user.entry()["identities"] == [
        {"provider_id": "google", "provider_user_id": "1", "data": {"sub": "1"}}
    ]


def test_providers_that_the_operator_names_go_first():
    user = draft(providers={"g": "custom_g", "corp": "custom_corp"})
    user.name_user("alice")
    user.add_identity("g", "1", known={"g": "google"})
    user.add_identity("corp", "2", known={})
    assert [each["provider_id"] for each in user.entry()["identities"]] == ["custom_g", "custom_corp"]


def test_passwords(user):
    with user.taking_hash():
        user.set_password("$md5$x")
    assert user.left == ["a password's hash (md5)"]
    user.set_password(BCRYPT, changed_at=NOW)
    times = {"created_at": "2024-06-01T00:00:00Z", "updated_at": "2024-06-01T00:00:00Z"}
    assert user.entry()["password"] == {"password": BCRYPT, **times}
    with pytest.raises(HashNotVerified, match="unknown kind"):
        user.set_password("secret")


def test_no_passwords_means_none():
    user = draft(takes_passwords=False)
    user.name_user("alice")
    with user.taking_hash():
        user.set_password(BCRYPT)
        raise HashNotVerified("md5")
    assert "password" not in user.entry()
    assert user.left == []


def test_no_otp_secrets_means_none():
    user = draft(takes_otp_secrets=False)
    user.name_user("alice")
    user.set_otp_secret("GEZDGNBV")
    assert "otp_secret" not in user.entry()
    assert user.left == ["the secret of an app for codes"]


@pytest.mark.parametrize(
    ("text", "secret"), [("gezd gnbv====", "GEZDGNBV"), ("", None), ("0189", None), ("A" * 256, None)]
)
def test_secrets_of_apps_for_codes(user, text, secret):
    user.set_otp_secret(text)
    assert user.entry().get("otp_secret") == ({"secret": secret} if secret else None)
    assert bool(user.left) == bool(text and not secret)
