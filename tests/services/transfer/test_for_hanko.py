"""What Hanko's import refuses, or reads without a word, is left out and listed."""

import copy

import pytest

from hanko_compat.services.transfer.for_hanko import ForHanko
from tests.services.transfer.samples import FULL, HASH, TIMES, USER_ID, email, passkey

ACTIVE = copy.deepcopy(FULL) | {"backend_api": FULL["backend_api"] | {"status": "active"}}
ADDRESS = {"emails": [email("a@b.test")]}


def entry(**members):
    return {"user_id": USER_ID, "emails": [], **TIMES} | members


def convert(*entries):
    hanko = ForHanko()
    return list(hanko.entries(iter(entries))), hanko.left_out


def test_a_user_with_everything_is_what_hanko_knows_of_it():
    (found,), left_out = convert(ACTIVE)
    keys = [dict(key) for key in FULL["webauthn_credentials"]]
    del keys[0]["details"], keys[0]["aaguid"]
    assert found == {
        "user_id": USER_ID,
        "emails": [
            {"address": "jane@example.test", "is_primary": True, "is_verified": True},
            {"address": "other@example.test", "is_primary": False, "is_verified": False},
        ],
        "username": "Jane.Doe",
        "password": FULL["password"],
        "otp_secret": FULL["otp_secret"],
        "webauthn_credentials": keys,
        **TIMES,
    }
    assert {what.partition(":")[0]: noted.users for what, noted in left_out.items()} == {
        "what kind of authenticator a passkey is of": 1,
        "names and pictures": 1,
        "metadata": 1,
        "accounts at providers": 1,
        "telephone numbers": 1,
        "the user handle that a server chose": 1,
        "tags of passkeys": 1,
    }


@pytest.mark.parametrize("prefix", ["$2a$", "$2b$", "$2y$"])
def test_bcrypt_gets_the_one_prefix_that_hanko_takes(prefix):
    (found,), left_out = convert(entry(**ADDRESS, password={"password": prefix + HASH[4:]}))
    assert (found["password"]["password"], left_out) == (HASH, {})


@pytest.mark.parametrize(
    "text", ["correct horse", "hunter2$hunter3", "$hunter2$", "5f4dcc3b5aa765d61d8327deb882cf99"]
)
def test_what_is_no_hash_is_not_told(text):
    """Operators share what the command prints, and a table may hold passwords as they are."""
    (found,), left_out = convert(entry(username="jane", password={"password": text}))
    assert "password" not in found
    assert list(left_out) == ["the password, whose hash is none that a log-in here could check"]


@pytest.mark.parametrize(
    ("hashed", "kind"),
    [
        ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l$UmVhbGx5IGEga2V5IG9mIDMyIGJ5dGVzIQ", "argon2id"),
        ("pbkdf2_sha256$1$x$UmVhbGx5IGEga2V5IG9mIDMyIGJ5dGVzIQ==", "pbkdf2-sha256"),
        (f"$peppered${HASH}", "bcrypt with a pepper"),
    ],
)
def test_other_hashes_are_left_out_and_named_by_their_kind(hashed, kind):
    (found,), left_out = convert(entry(**ADDRESS, password={"password": hashed}))
    assert "password" not in found
    assert [what.endswith(f"of the kind {kind}") for what in left_out] == [True]


@pytest.mark.parametrize("status", ["disabled", "pending"])
def test_who_may_not_log_in_is_left_out(status):
    found, left_out = convert(entry(**ADDRESS, backend_api={"status": status}))
    assert (found, [status in what for what in left_out]) == ([], [True])


def test_who_has_neither_address_nor_username_is_left_out():
    found, left_out = convert(entry(webauthn_credentials=[passkey()]), entry(username="jane"))
    assert ([each["username"] for each in found], len(left_out)) == (["jane"], 1)


def test_the_oldest_address_becomes_primary_where_none_is():
    emails = [email("a@b.test", is_primary=False), email("c@b.test", is_primary=False)]
    (found,), left_out = convert(entry(emails=emails, backend_api={}))
    assert [each["is_primary"] for each in found["emails"]] == [True, False]
    assert len(left_out) == 1


def test_users_are_counted_once_and_some_are_named():
    entries = [entry(**ADDRESS, name="x") | {"user_id": str(number)} for number in range(5)]
    _, left_out = convert(*entries)
    (noted,) = left_out.values()
    assert (noted.users, noted.examples) == (5, ["0", "1", "2"])
    two_keys = [
        passkey(aaguid="adce0002-35bc-c60a-648b-0b25f1f05503"),
        passkey(id="B" * 4, aaguid="adce0002-35bc-c60a-648b-0b25f1f05503"),
    ]
    _, left_out = convert(entry(**ADDRESS, webauthn_credentials=two_keys))
    assert [noted.users for noted in left_out.values()] == [1]


def test_a_handle_of_a_second_factor_is_no_use_to_hanko():
    (found,), _ = convert(entry(**ADDRESS, webauthn_credentials=[passkey(mfa_only=True, user_handle="x")]))
    assert "user_handle" not in found["webauthn_credentials"][0]
