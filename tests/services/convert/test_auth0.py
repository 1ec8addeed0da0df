import io

import pytest

from hanko_compat.services.convert.auth0 import read_hashes
from tests.services.convert.converting import BCRYPT, DATA, of_file, of_records
from tests.services.convert.passwords import is_of_password


@pytest.fixture
def hashes():
    with (DATA / "auth0-hashes.ndjson").open("rb") as file:
        return read_hashes(file)


def test_a_user_comes_over_member_by_member(hashes):
    alice, _ = of_file("auth0", "auth0.ndjson", hashes=hashes).entries
    assert alice == {
        "user_id": "9afab55a-c70b-5a03-b417-0bb74353d0f3",
        "emails": [{"address": "alice@example.com", "is_primary": True, "is_verified": True}],
        "username": "alice",
        "password": {"password": BCRYPT},
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "picture": "https://images.example.com/alice.png",
        "metadata": {
            "private": {"plan": "gold", "auth0_id": "auth0|5dea9f9c82dd7c0e76e4ec93"},
            "unsafe": {"colour": "blue"},
        },
        "identities": [
            {
                "provider_id": "google",
                "provider_user_id": "113748329847329847",
                "email": "alice@example.com",
                "data": {"email": "alice@gmail.example", "name": "Alice L.", "sub": "113748329847329847"},
            }
        ],
        "created_at": "2019-12-06T18:36:12.412Z",
        "updated_at": "2024-05-01T10:00:00Z",
    }


def test_a_linked_account_has_the_password(hashes):
    _, bob = of_file("auth0", "auth0.ndjson", hashes=hashes).entries
    assert bob["password"] == {"password": BCRYPT}
    assert bob["is_disabled"] is True
    assert "name" not in bob  # Auth0 puts the address there
    assert [each["provider_user_id"] for each in bob["identities"]] == ["2220002"]


def test_what_is_refused_and_what_is_left(hashes):
    outcome = of_file("auth0", "auth0.ndjson", hashes=hashes)
    assert [(each.number, each.reason) for each in outcome.refusals] == [
        (3, "neither an e-mail address nor a username")
    ]
    assert outcome.left == {"nickname": 1, "multifactor": 1, "an account at samlp": 1}


def test_the_file_of_hashes_alone_is_an_export_too():
    outcome = of_file("auth0", "auth0-hashes.ndjson")
    assert [entry["password"]["password"] for entry in outcome.entries] == [BCRYPT, BCRYPT]
    alice, bob = outcome.entries
    # The same ids as in the export, so that one may come after the other.
    assert alice["user_id"] == "9afab55a-c70b-5a03-b417-0bb74353d0f3"
    assert bob["metadata"]["private"] == {"auth0_id": "auth0|euclid"}
    assert bob["username"] == "bob"
    assert bob["emails"] == [{"address": "bob@example.com", "is_primary": True, "is_verified": False}]
    assert outcome.left == {}


def test_an_import_file_of_auth0():
    outcome = of_file("auth0", "auth0-import.json")
    pbkdf2, bcrypt, scrypt, sha512 = outcome.entries
    assert pbkdf2["password"]["password"].startswith("$pbkdf2-sha256$1000$")
    assert scrypt["password"]["password"].startswith("$scrypt$ln=14,r=8,p=1$")
    assert all(is_of_password(each["password"]["password"]) for each in (pbkdf2, bcrypt, scrypt))
    assert "password" not in sha512
    assert outcome.left == {"a password's hash (sha512)": 1}


@pytest.mark.parametrize(
    ("custom", "told"),
    [
        ({"algorithm": "md5", "hash": {"value": "5f4dcc3b5aa765d61d8327deb882cf99"}}, "md5"),
        ({"algorithm": "ldap", "hash": {"value": "{SSHA}abc"}}, "ldap"),
        ({"algorithm": "scrypt", "hash": {"value": "00", "encoding": "hex"}, "cost": 3}, "scrypt, broken"),
        ({"algorithm": "pbkdf2", "hash": {"value": "$pbkdf2-md5$i=1,l=1$AAAA$AAAA"}}, "pbkdf2 with 'md5'"),
        ({"algorithm": "pbkdf2", "hash": 7}, "pbkdf2, broken"),
        ({"algorithm": "bcrypt", "hash": {"value": BCRYPT}, "password": {"encoding": "utf16le"}}, "UTF-8"),
        ({"hash": {"value": BCRYPT}}, "of no algorithm"),
        ({"algorithm": ["md5"]}, "broken"),
    ],
)
def test_other_hashes_are_named(custom, told):
    outcome = of_records("auth0", {"email": "alice@example.com", "custom_password_hash": custom})
    (left,) = outcome.left
    assert told in left
    assert "password" not in outcome.entry


def test_an_account_of_a_built_in_provider_without_a_name_of_its_own():
    account = {"provider": "oauth2", "connection": "discord", "user_id": "discord|80351110224678912"}
    outcome = of_records("auth0", {"email": "alice@example.com", "identities": [account]})
    assert outcome.entry["identities"][0]["provider_id"] == "discord"
    assert outcome.entry["identities"][0]["provider_user_id"] == "80351110224678912"


def test_a_line_of_hashes_that_names_nobody_is_passed_over():
    lines = (
        b'{"passwordHash": "x"}',
        b'{"alt_id": ["a"]}',
        b'{"alt_id": broken}',
        b'{"alt_id": "a", "passwordHash": "y"}',
    )
    assert read_hashes(io.BytesIO(b"\n".join(lines))) == {"auth0|a": "y"}
