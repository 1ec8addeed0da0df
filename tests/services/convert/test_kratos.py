import pytest

from tests.services.convert.converting import BCRYPT, of_bytes, of_file, of_records
from tests.services.convert.passwords import is_of_password


def test_an_identity_comes_over_member_by_member():
    alice = of_file("kratos", "kratos.json").entries[0]
    hashed = alice.pop("password")["password"]
    assert alice == {
        "user_id": "9f425a8d-7efc-4768-8f23-7647a74fdf13",
        "emails": [{"address": "alice@example.com", "is_primary": True, "is_verified": True}],
        "username": "alice",
        "otp_secret": {"secret": "GEZDGNBVGY3TQOJQ"},
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "metadata": {
            "public": {"plan": "gold"},
            "private": {"note": "a regular"},
            "unsafe": {"newsletter": True},
        },
        "identities": [
            {
                "provider_id": "google",
                "provider_user_id": "113748329847329847",
                "email": "alice@example.com",
                "data": {"email": "alice@example.com", "sub": "113748329847329847"},
            }
        ],
        "created_at": "2022-02-24T15:33:17.848475Z",
        "updated_at": "2022-03-24T15:33:17.848475Z",
    }
    assert is_of_password(hashed)


def test_the_verified_address_becomes_the_primary_one():
    bob = of_file("kratos", "kratos.json").entries[1]
    assert bob["emails"] == [
        {"address": "bob@example.com", "is_primary": False, "is_verified": False},
        {"address": "bob@example.org", "is_primary": True, "is_verified": True},
    ]
    assert bob["is_disabled"] is True


def test_what_is_refused_and_what_is_left():
    outcome = of_file("kratos", "kratos.json")
    assert [each.number for each in outcome.refusals] == [3]
    assert outcome.left == {
        "traits.phone": 1,
        "a password's hash (ssha)": 1,
        "an account at corp": 1,
        "credentials.webauthn (a second factor)": 1,
    }


def user(hashed):
    config = {"hashed_password": hashed}
    return {"traits": {"email": "alice@example.com"}, "credentials": {"password": {"config": config}}}


PBKDF2 = "AAECAwQFBgcICQoLDA0ODw$AhaeZ02AwPxykuhhDI8Xvg"
SCRYPT = "AAECAwQFBgcICQoLDA0ODw==$6W7GuoxjojaYIg83x/wEKSXUMMf+reyc6wSvA8q7ny8="
FIREBASE = (
    "sPtDhWcd1MffAw==$aHuqjOmJYSEBCVRw50OEA+v+6cjzSo3TFfgC1gVjXNlriKjdqpsAsBrbJSXcBOUW+AIlQpPu3VjdxBA0q6rrLw==$Bw=="
    "$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
)


@pytest.mark.parametrize(
    ("hashed", "beginning"),
    [
        (BCRYPT, "$2b$04$"),
        (f"$pbkdf2-sha256$i=1000,l=16${PBKDF2}", "$pbkdf2-sha256$1000$"),
        (f"$scrypt$ln=16384,r=8,p=1${SCRYPT}", "$scrypt$ln=14,r=8,p=1$"),
        (f"$firescrypt$ln=14,r=8,p=1${FIREBASE}", "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=AAEC"),
    ],
)
def test_hashes_that_are_rewritten(hashed, beginning):
    written = of_records("kratos", user(hashed)).entry["password"]["password"]
    assert written.startswith(beginning)
    assert is_of_password(written)


@pytest.mark.parametrize(
    "hashed",
    [
        # The examples of Kratos's documentation.
        "$scrypt$ln=16384,r=8,p=1$ZtQva9xCHzlSELH/mA7Kj5KjH2tCrkbwYzdxknkL0QQ=$pnTcXKaWVT+FwFDdk3vO1K0J7ZgOxdSU1tCJNYmn8zI=",
        "$firescrypt$ln=14,r=8,p=1$sPtDhWcd1MfdAw==$xbSou7FOl6mChCyzpCPIQ7tku7nsQMTFtyOZSXXd7tjBa4NtimOx7v42Gv2SfzPQu1oxM2/k4SsbOu73wlKe1A==$Bw==$YE0dO4bwD4JnJafh6lZZfkp1MtKzuKAXQcDCJNJNyeCHairWHKENOkbh3dzwaCdizzOspwr/FITUVlnOAwPKyw==",
        "$pbkdf2-sha256$i=100000,l=32$1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc$QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI",
        "$argon2id$v=19$m=32,t=2,p=4$cm94YnRVOW5jZzFzcVE4bQ$MNzk5BtR2vUhrp6qQEjRNw",
        "$2a$10$ZsCsoVQ3xfBG/K2z2XpBf.tm90GZmtOqtqWcB5.pYd5Eq8y7RlDyq",
    ],
)
def test_documented_examples_come_over(hashed):
    assert "password" in of_records("kratos", user(hashed)).entry


@pytest.mark.parametrize(
    ("hashed", "kind"),
    [
        ("$md5$CY9rzUYh03PK3k6DJie09g==", "md5"),
        ("$md5$pf=e1NBTFR9e1BBU1NXT1JEfQ==$MTIz$q+RdKCgc+ipCAcm5ChQwlQ==", "md5"),
        ("$sha1$pf=e1NBTFR9e1BBU1NXT1JEfQ==$MTIz$q+RdKCgc+ipCAcm5ChQwlQ==", "sha1"),
        ("{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a", "ssha"),
        ("{SSHA256}czO44OTV17PcF1cRxWrLZLy9xHd7CWyVYplr1rOhuMlx/7IK", "ssha256"),
        (
            "{SSHA512}xPUl/px+1cG55rUH4rzcwxdOIPSB2TingLpiJJumN2xyDWN4Ix1WQG3ihnvHaWUE8MYNkvMi5rf0C9NYixHsE6Yh59M=",
            "ssha512",
        ),
        ("$md5-crypt$b44ZDsnw$9D9z/TCVXPWsTkz9qnSBS/", "md5-crypt"),
        (
            "$sha256-crypt$rounds=535000$1AhJGf0tkCty1jNS$Pu6o3i5PsT6F4AG2F99AsK/rXyYymXII3OtO.paxQp9",
            "sha256-crypt",
        ),
        (
            "$sha512-crypt$rounds=656000$L6GsrFY85uzwktkh$gD2vwQpyaBn.FIBgjp2TCQHCQ3bMft49oIzr.",
            "sha512-crypt",
        ),
        ("$hmac-md5$ZmU4Njk3Zjc0MmQwODA0MDVkMTI3MGU2MTYzMzE2Zjk=$MTIzNDU=", "hmac-md5"),
        ("$pbkdf2-sha384$i=1000,l=32$AAAA$AAAA", "pbkdf2 with 'sha384'"),
        ("$firescrypt$ln=99,r=8,p=1$AAAA$AAAA$Bw==$AAAA", "firescrypt, broken"),
        ("$scrypt$ln=16383,r=8,p=1$AAAA$AAAA", "scrypt, broken"),
        ("a secret that is no hash", "of an unknown kind"),
    ],
)
def test_hashes_that_are_not_verified_are_named(hashed, kind):
    outcome = of_records("kratos", user(hashed))
    assert outcome.left == {f"a password's hash ({kind})": 1}
    assert "password" not in outcome.entry


def test_a_password_in_clear_text_is_not_written_anywhere():
    clear = {"password": {"config": {"password": "the-password"}}}
    outcome = of_records(
        "kratos", {"traits": {"email": "a@example.com"}, "credentials": clear}, {"credentials": clear}
    )
    assert outcome.left == {"a password's hash (a password in clear text)": 1}
    assert "the-password" not in f"{outcome.entries} {[each.as_json() for each in outcome.refusals]}"


def test_a_batch_of_imports():
    outcome = of_bytes(
        "kratos", b'{"identities": [{"patch_id": "1", "create": {"traits": {"email": "a@example.com"}}}]}'
    )
    assert outcome.entry["emails"][0]["address"] == "a@example.com"


@pytest.mark.parametrize(
    ("query", "is_taken"),
    [
        ("secret=GEZDGNBV", True),
        ("secret=GEZDGNBV&digits=8", False),
        ("secret=GEZDGNBV&period=60", False),
        ("secret=GEZDGNBV&algorithm=SHA256", False),
        ("digits=6", False),
    ],
)
def test_apps_for_codes(query, is_taken):
    totp = {"config": {"totp_url": f"otpauth://totp/Example:a?{query}"}}
    outcome = of_records("kratos", {"traits": {"username": "alice"}, "credentials": {"totp": totp}})
    assert ("otp_secret" in outcome.entry) == is_taken
    assert bool(outcome.left) != is_taken


@pytest.mark.parametrize(
    ("traits", "names"),
    [
        ({"name": "Alice Liddell"}, {"name": "Alice Liddell"}),
        ({"first_name": "Alice"}, {"name": "Alice", "given_name": "Alice"}),
        ({"name": ["Alice"]}, {}),
    ],
)
def test_names_as_schemas_have_them(traits, names):
    entry = of_records("kratos", {"traits": {"username": "alice", **traits}}).entry
    assert {name: entry[name] for name in ("name", "given_name", "family_name") if name in entry} == names


@pytest.mark.parametrize("name", ["Al\ud800ce", "Al\0ice"])
@pytest.mark.parametrize("shape", [lambda name: name, lambda name: {"first": name}], ids=["text", "object"])
def test_a_name_that_no_database_stores(shape, name):
    """As one text it ended the whole conversion."""
    traits = {"email": "alice@example.com", "name": shape(name)}
    (refusal,) = of_records("kratos", {"id": "1", "traits": traits}).refusals
    assert refusal.reason.endswith("has characters that can't be stored")
