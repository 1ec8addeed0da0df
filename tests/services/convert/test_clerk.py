import pytest

from tests.services.convert.converting import BCRYPT, of_bytes, of_file
from tests.services.convert.passwords import is_of_password


def test_a_row_comes_over_member_by_member():
    alice = of_file("clerk", "clerk.csv").entries[0]
    assert alice == {
        "user_id": "039c723e-e18c-5a17-919a-d7afdba4aba6",
        "emails": [
            {"address": "alice@example.com", "is_primary": True, "is_verified": True},
            {"address": "alice@example.org", "is_primary": False, "is_verified": True},
            {"address": "alice@example.net", "is_primary": False, "is_verified": False},
        ],
        "username": "alice",
        "password": {"password": BCRYPT},
        "otp_secret": {"secret": "GEZDGNBVGY3TQOJQ"},
        "name": "Alice Liddell",
        "given_name": "Alice",
        "family_name": "Liddell",
        "metadata": {"private": {"clerk_id": "user_2YDryYFVMM1W1plDDKz7Gzf4we6"}},
    }


def test_what_is_refused_and_what_is_left():
    outcome = of_file("clerk", "clerk.csv")
    assert outcome.entries[1]["emails"] == [
        {"address": "bob@example.com", "is_primary": True, "is_verified": False}
    ]
    assert [(each.number, each.reason) for each in outcome.refusals] == [
        (3, "neither an e-mail address nor a username")
    ]
    assert outcome.left == {
        "primary_phone_number": 1,
        "verified_phone_numbers": 1,
        "a password's hash (md5)": 1,
    }


def row(digest, hasher):
    table = f'primary_email_address,password_digest,password_hasher\nalice@example.com,"{digest}",{hasher}\n'
    return of_bytes("clerk", table.encode())


SALT = "000102030405060708090a0b0c0d0e0f"
FIREBASE = (
    "aHuqjOmJYSEBCVRw50OEA+v+6cjzSo3TFfgC1gVjXNlriKjdqpsAsBrbJSXcBOUW+AIlQpPu3VjdxBA0q6rrLw==$sPtDhWcd1MffAw=="
    "$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==$Bw==$8$14"
)
DJANGO = "pbkdf2_sha256$1000$NaCl4Django$E7pyx2cwBkMLUPdwXdcFEJNjkKCojJ2aUrYjgUgmCf8="
SHA1 = "cabf9b64a9049d3b467f77f5f158d7339088c53f60b7691fceca0f3811d44bf4"
SHA256 = "AhaeZ02AwPxykuhhDI8XvhQN8GKvmqM+qF6qvs/98I0="
SHA512 = (
    "779634a102031277e27a5eafda796401f585f9407e5b2152ba18ef5b7766a087"
    "2036821bd39ab010ae514120cee433d63ae54a5abbe0f39e5e6520be13ae6d7f"
)
WERKZEUG = (
    "3c2a1a6b15ce4e6d619eb9980ff90a7b8a028ca52a9e317a29e7b4c258371279"
    "03e20771117377058c49e00713c46d68b414d4bffc26910117337cbf91c76f32"
)


@pytest.mark.parametrize(
    ("digest", "hasher"),
    [
        (BCRYPT, "bcrypt"),
        (BCRYPT, ""),
        (
            "$argon2id$v=19$m=64,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$i0MJLdYED1AUyMj9wE8eFagFfvBZX2zS1hGTybaRzIw",
            "argon2id",
        ),
        (f"pbkdf2_sha1$1000${SALT}${SHA1}$32", "pbkdf2_sha1"),
        (f"pbkdf2_sha256$1000$AAECAwQFBgcICQoLDA0ODw==${SHA256}", "pbkdf2_sha256"),
        (f"pbkdf2_sha512$1000$somesalt${SHA512}", "pbkdf2_sha512"),
        (f"scrypt:32768:8:1$abcdEFGH12345678${WERKZEUG}", "scrypt_werkzeug"),
        (FIREBASE, "scrypt_firebase"),
    ],
)
def test_hashes_that_log_in(digest, hasher):
    hashed = row(digest, hasher).entry["password"]["password"]
    assert is_of_password(hashed)
    assert not is_of_password(hashed, "another password")


@pytest.mark.parametrize(
    ("digest", "hasher", "written"),
    [
        (DJANGO, "pbkdf2_sha256_django", DJANGO),
        (f"bcrypt_sha256${BCRYPT}", "bcrypt_sha256_django", f"bcrypt_sha256${BCRYPT}"),
        ("$P$B12345678901234567890123456789.", "phpass", "$P$B12345678901234567890123456789."),
        (f"{BCRYPT}$pepper", "bcrypt_peppered", f"$peppered${BCRYPT}"),
        (BCRYPT, "bcrypt_peppered", f"$peppered${BCRYPT}"),
    ],
)
def test_hashes_as_they_are(digest, hasher, written):
    assert row(digest, hasher).entry["password"] == {"password": written}


@pytest.mark.parametrize(
    ("digest", "hasher", "kind"),
    [
        ("5f4dcc3b5aa765d61d8327deb882cf99", "md5", "md5"),
        ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "sha256", "sha256"),
        ("awscognito#pool#client#alice", "awscognito", "awscognito"),
        ("{SSHA}abc", "ldap_ssha", "ldap_ssha"),
        ("$2b$04$short", "bcrypt", "bcrypt: not of the form"),
        ("pbkdf2_sha256$0$AAAA$AAAA", "pbkdf2_sha256", "pbkdf2, broken"),
        ("pbkdf2_sha512$1000$x$no hash", "pbkdf2_sha512", "no base64"),
        ("a$b$c", "scrypt_firebase", "Firebase's scrypt, broken"),
        ("a$b$c$d$8$x", "scrypt_firebase", "Firebase's scrypt, broken"),
        ("pbkdf2:sha256:1000$a$b", "scrypt_werkzeug", "pbkdf2"),
    ],
)
def test_other_hashes_are_named(digest, hasher, kind):
    outcome = row(digest, hasher)
    (left,) = outcome.left
    assert left.startswith(f"a password's hash ({kind}")
    assert "password" not in outcome.entry
