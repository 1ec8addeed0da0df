import pytest

from hanko_compat.services.convert.firebase_hashes import read_hash_config
from tests.services.convert.converting import DATA, of_file, of_records
from tests.services.convert.passwords import is_of_password

CONFIG = read_hash_config((DATA / "firebase-hash-config.txt").read_text())


def test_a_user_comes_over_member_by_member():
    alice = of_file("firebase", "firebase.json", hash_config=CONFIG).entries[0]
    hashed = alice.pop("password")["password"]
    assert alice == {
        "user_id": "15b8158a-f02f-5af2-8950-524f5478d405",
        "emails": [{"address": "alice@example.com", "is_primary": True, "is_verified": True}],
        "name": "Alice Liddell",
        "picture": "https://images.example.com/alice.png",
        "metadata": {
            "public": {"plan": "gold"},
            "private": {"firebase_id": "3QJMZdcx9JcGJ2sxvJzQVFk1sVp2"},
        },
        "identities": [
            {
                "provider_id": "google",
                "provider_user_id": "113748329847329847",
                "email": "alice@example.com",
                "data": {
                    "email": "alice@gmail.example",
                    "name": "Alice L.",
                    "picture": "https://images.example.com/a.png",
                    "sub": "113748329847329847",
                },
            }
        ],
        "created_at": "2024-01-01T00:00:00.123Z",
    }
    assert is_of_password(hashed)
    assert not is_of_password(hashed, "another password")


def test_a_disabled_user_without_password_and_proof():
    bob = of_file("firebase", "firebase.json", hash_config=CONFIG).entries[1]
    assert bob["is_disabled"] is True
    assert bob["emails"] == [{"address": "bob@example.com", "is_primary": True, "is_verified": False}]
    assert "password" not in bob


def test_what_is_refused_and_what_is_left():
    outcome = of_file("firebase", "firebase.json", hash_config=CONFIG)
    assert [(each.number, each.reason) for each in outcome.refusals] == [
        (3, "neither an e-mail address nor a username"),
        (4, "an e-mail address that is none"),
    ]
    assert outcome.refusals[1].record == {
        "localId": "dan",
        "email": "dan@localhost",
        "passwordHash": "(left out)",
        "providerUserInfo": [],
    }
    assert outcome.left == {"phoneNumber": 1, "lastSignedInAt": 1, "an account at microsoft.com": 1}
    assert outcome.summary.without_password == 1


def test_without_parameters_no_password_comes_over():
    outcome = of_file("firebase", "firebase.json", takes_passwords=False)
    assert outcome.summary.without_password == 2
    assert outcome.left.keys().isdisjoint({"passwordHash", "salt"})


@pytest.mark.parametrize("salt", ["", "no base64!"])
def test_a_broken_hash_is_named(salt):
    user = {"email": "alice@example.com", "passwordHash": "c2VjcmV0", "salt": salt}
    outcome = of_records("firebase", user, hash_config=CONFIG)
    assert outcome.left == {"a password's hash (Firebase's scrypt, broken)": 1}
    assert "password" not in outcome.entry
