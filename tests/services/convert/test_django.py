import json

import pytest

from tests.services.convert.converting import BCRYPT, DATA, of_bytes, of_file, of_records


def test_a_row_comes_over_member_by_member():
    alice = of_file("django", "django.json").entries[0]
    assert alice == {
        "user_id": "75b0cb74-8a0f-5f51-b6d3-e2d7ee2d213a",
        "emails": [{"address": "alice@example.com", "is_primary": True, "is_verified": False}],
        "username": "alice",
        "password": {
            "password": "pbkdf2_sha256$1000$NaCl4Django$E7pyx2cwBkMLUPdwXdcFEJNjkKCojJ2aUrYjgUgmCf8="
        },
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "metadata": {"private": {"django_id": "1"}},
        "created_at": "2024-01-01T00:00:00.123Z",
    }


def test_a_user_who_is_inactive_and_has_no_password():
    bob = of_file("django", "django.json").entries[1]
    assert bob["is_disabled"] is True
    assert "password" not in bob


def test_addresses_may_be_taken_for_verified():
    alice = of_file("django", "django.json", assumes_verified=True).entries[0]
    assert alice["emails"][0]["is_verified"] is True


def test_what_is_refused_and_what_is_left():
    outcome = of_file("django", "django.json")
    assert [each.number for each in outcome.refusals] == [4]  # the group counts, and is no user
    assert outcome.left == {
        "fields.last_login": 1,
        "fields.is_superuser": 1,
        "fields.is_staff": 1,
        "fields.groups": 1,
    }


def test_json_lines():
    rows = json.loads((DATA / "django.json").read_text())
    lines = "\n".join(map(json.dumps, rows)).encode()
    assert of_bytes("django", lines).entries == of_file("django", "django.json").entries


@pytest.mark.parametrize(
    ("hashed", "kind"),
    [
        ("md5$salt$5f4dcc3b5aa765d61d8327deb882cf99", "md5"),
        ("sha1$salt$5f4dcc3b", "sha1"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "of an unknown kind"),
        ("pbkdf2_sha256$1$salt", "pbkdf2: not of Django's form"),
        ("argon2$argon2id$v=19", "argon2: not of the form"),
    ],
)
def test_hashes_that_are_not_verified_are_named(hashed, kind):
    row = {"model": "shop.customer", "pk": 7, "fields": {"email": "a@example.com", "password": hashed}}
    (left,) = of_records("django", row).left
    assert left.startswith(f"a password's hash ({kind}")


@pytest.mark.parametrize(
    "hashed",
    [
        "argon2$argon2id$v=19$m=102400,t=2,p=8$bm90aGluZ3NhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
        f"bcrypt_sha256${BCRYPT}",
        f"bcrypt${BCRYPT}",
        "scrypt$16384$salt$8$1$E7pyx2cwBkMLUPdwXdcFEJNjkKCojJ2aUrYjgUgmCf8=",
        "pbkdf2_sha1$1000$salt$E7pyx2cwBkMLUPdwXdcFEJNjkKA=",
    ],
)
def test_hashes_that_come_over(hashed):
    row = {"model": "auth.user", "pk": 7, "fields": {"email": "a@example.com", "password": hashed}}
    assert of_records("django", row).entry["password"] == {"password": hashed}


def test_what_is_no_fixture_is_refused():
    outcome = of_records("django", {"email": "a@example.com"}, 7)
    assert [each.reason for each in outcome.refusals] == [
        "no row of a fixture (model, pk, fields)",
        "the record is no JSON object",
    ]
