import json

import pytest

from tests.services.convert.converting import BCRYPT, of_file, of_records
from tests.services.convert.passwords import is_of_password


def test_a_user_comes_over_member_by_member():
    alice = of_file("keycloak", "keycloak.json").entries[0]
    hashed = alice["password"].pop("password")
    assert alice == {
        "user_id": "72ca6595-a99e-45b0-b09c-cc4de8bb2535",
        "emails": [{"address": "alice@example.com", "is_primary": True, "is_verified": True}],
        "username": "alice",
        "password": {"created_at": "2024-01-01T00:01:00Z", "updated_at": "2024-01-01T00:01:00Z"},
        "otp_secret": {"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"},
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "metadata": {"private": {"locale": "en", "teams": ["red", "blue"]}},
        "identities": [
            {
                "provider_id": "google",
                "provider_user_id": "113748329847329847",
                "email": "alice@example.com",
                "data": {
                    "email": "alice@example.com",
                    "preferred_username": "alice@gmail.example",
                    "sub": "113748329847329847",
                },
            }
        ],
        "created_at": "2024-01-01T00:00:00.123Z",
    }
    assert hashed.startswith("$argon2id$v=19$m=7168,t=5,p=1$")
    assert is_of_password(hashed)


def test_a_username_that_is_the_address_and_a_long_key():
    bob = of_file("keycloak", "keycloak.json").entries[1]
    assert "username" not in bob
    assert bob["is_disabled"] is True
    hashed = bob["password"]["password"]
    assert hashed.startswith("$pbkdf2-sha256$27500$")
    assert len(hashed.rpartition("$")[2]) == 43  # 32 bytes, one block: the other one proves no more
    assert is_of_password(bob["password"]["password"])
    assert not is_of_password(bob["password"]["password"], "another password")


def test_a_credential_from_before_keycloak_8():
    carol = of_file("keycloak", "keycloak.json").entries[2]
    assert carol["emails"] == []
    assert carol["password"]["password"].startswith("$pbkdf2$20000$")
    assert is_of_password(carol["password"]["password"])


def test_what_is_refused_and_what_is_left():
    outcome = of_file("keycloak", "keycloak.json")
    assert [(each.number, each.reason) for each in outcome.refusals] == [
        (4, "the account of a service (serviceAccountClientId), no user")
    ]
    assert outcome.left == {
        "an account at corp-oidc": 1,
        "credentials: webauthn (a second factor)": 1,
        "requiredActions": 1,
        "realmRoles": 1,
    }


def test_a_provider_that_the_operator_names():
    outcome = of_file("keycloak", "keycloak.json", providers={"corp-oidc": "custom_corp"})
    identities = outcome.entries[0]["identities"]
    assert [(each["provider_id"], each["provider_user_id"]) for each in identities] == [
        ("google", "113748329847329847"),
        ("custom_corp", "a-1"),
    ]


SALT, KEY = (
    "AAECAwQFBgcICQoLDA0ODw==",
    "QOnFMXmDvu+bAY+muJFKcvF/YYMOY3aPEfOZzv+85yk4K8MPfeNi1wcN9ZWo9B+UCxC5cGojxvbNLaxNIfoaEg==",
)


def password(data, secret):
    written = {"credentialData": json.dumps(data), "secretData": json.dumps(secret)}
    return {"username": "alice", "credentials": [{"type": "password", **written}]}


def test_pbkdf2_with_sha512():
    user = password({"algorithm": "pbkdf2-sha512", "hashIterations": 30000}, {"salt": SALT, "value": KEY})
    hashed = of_records("keycloak", user).entry["password"]["password"]
    assert hashed.startswith("$pbkdf2-sha512$30000$")
    assert is_of_password(hashed)


def test_bcrypt_of_an_extension():
    user = password({"algorithm": "bcrypt", "hashIterations": 4}, {"value": BCRYPT, "salt": ""})
    assert of_records("keycloak", user).entry["password"] == {"password": BCRYPT}


@pytest.mark.parametrize(
    ("data", "secret", "told"),
    [
        ({"algorithm": "md5", "hashIterations": 1}, {"salt": SALT, "value": KEY}, "md5"),
        ({"algorithm": "pbkdf2", "hashIterations": 0}, {"salt": SALT, "value": KEY}, "pbkdf2, broken"),
        ({"algorithm": "pbkdf2", "hashIterations": 1}, {"salt": "?", "value": KEY}, "no base64"),
        (
            {"algorithm": "argon2", "hashIterations": 1},
            {"salt": SALT, "value": ""},
            "argon2: not of the form",
        ),
        ({"algorithm": ["pbkdf2"]}, {}, "broken"),
        ({}, {}, "of no algorithm"),
        ([], "x", "of no algorithm"),
    ],
)
def test_other_hashes_are_named(data, secret, told):
    outcome = of_records("keycloak", password(data, secret))
    (left,) = outcome.left
    assert left.startswith(f"a password's hash ({told}")
    assert "password" not in outcome.entry


@pytest.mark.parametrize(
    ("data", "value", "secret"),
    [
        ({"secretEncoding": "BASE32"}, "JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP"),
        ({}, "Hello!", "JBSWY3DPEE"),
        ({"digits": 8}, "Hello!", None),
        ({"period": 60}, "Hello!", None),
        ({"algorithm": "HmacSHA256"}, "Hello!", None),
        ({"subType": "hotp"}, "Hello!", None),
    ],
)
def test_apps_for_codes(data, value, secret):
    usual = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    written = {"credentialData": json.dumps(usual | data), "secretData": json.dumps({"value": value})}
    outcome = of_records("keycloak", {"username": "alice", "credentials": [{"type": "otp", **written}]})
    assert outcome.entry.get("otp_secret") == ({"secret": secret} if secret else None)
    assert bool(outcome.left) == (secret is None)
