import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.reading import LONGEST, describe, longest_password, read
from tests.hashing.samples import EVERY_KIND, FIREBASE, LONG, OF_LONG_PASSWORDS, PEPPER

BCRYPT = "$2a$12$NwwpjgSEk9NO6YznPTI34uxbf2164RsNtM/UQG1Cnjnw6iMeWOJIC"
SALT, KEY = "c29tZXNhbHQ", "A" * 43


@pytest.mark.parametrize(("password", "hashed"), EVERY_KIND, ids=lambda text: text[:24])
def test_every_kind_verifies_and_can_be_imported(password, hashed):
    stored = read(hashed, pepper=PEPPER.encode())
    assert stored.verify(password.encode())
    assert not stored.verify(password[:-1].encode())
    assert not stored.verify(password.swapcase().encode())
    assert describe(hashed) == stored.description
    assert len(hashed) <= LONGEST


@pytest.mark.parametrize("hashed", OF_LONG_PASSWORDS, ids=lambda text: text[:24])
def test_all_of_a_long_password_counts(hashed):
    stored = read(hashed)
    assert stored.longest > len(LONG) == 153
    assert stored.verify(LONG.encode())
    assert not stored.verify(LONG[:-1].encode())
    assert not stored.verify(LONG[:72].encode())


@pytest.mark.parametrize(
    ("hashed", "description"),
    [
        (BCRYPT, "bcrypt (cost=12)"),
        (f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${KEY}", "argon2id (m=65536, t=3, p=4)"),
        (f"$scrypt$ln=14,r=8,p=5${SALT}${KEY}", "scrypt (ln=14, r=8, p=5)"),
        (f"$pbkdf2-sha512$210000${SALT}${KEY}", "pbkdf2-sha512 (rounds=210000)"),
        (f"pbkdf2_sha256$1200000$salt${KEY}", "pbkdf2-sha256 (rounds=1200000)"),
        (f"$wp{BCRYPT.replace('2a', '2y')}", "wordpress bcrypt (cost=12)"),
        (f"bcrypt_sha256${BCRYPT}", "bcrypt_sha256 (cost=12)"),
        (FIREBASE[1], "firebase scrypt (ln=14, r=8, p=1)"),
        ("$P$B12345678" + "x" * 22, "phpass (ln=13)"),
        ("$S$D12345678" + "x" * 43, "drupal7 (ln=15)"),
    ],
)
def test_a_hash_is_described_by_its_parameters(hashed, description):
    described, peppered = describe(hashed), describe(f"$peppered${hashed}")
    assert str(described) == description
    assert (described.is_peppered, peppered.is_peppered) == (False, True)
    assert str(peppered) == description


def test_time_and_memory_come_from_the_parameters():
    described = describe(f"$scrypt$ln=16,r=8,p=1${SALT}${KEY}")
    assert described.memory == 64 * 1024 * 1024
    twice = describe(f"$scrypt$ln=16,r=8,p=2${SALT}${KEY}")
    assert twice.seconds == 2 * described.seconds > 0
    assert describe(f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${KEY}").memory == 64 * 1024 * 1024


def test_libraries_for_hashes_of_others_are_loaded_with_the_first_of_them():
    code = f"""
import sys
from hanko_compat.hashing import hasher, reading
reading.describe("{BCRYPT}")
print(sorted({{"argon2", "passlib"}} & sys.modules.keys()))
for text in ("$argon2id$v=19$m=1024,t=2,p=1${SALT}${KEY}", "$P$B12345678{"x" * 22}"):
    reading.describe(text)
    print(sorted({{"argon2", "passlib"}} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "['argon2']", "['argon2', 'passlib']"]


# What systems write by default, at the time of their newest release, comes in; ten times that does not.
@pytest.mark.parametrize(
    ("hashed", "parameters"),
    [
        (BCRYPT.replace("$12$", "$15$"), "bcrypt (cost=15)"),
        (f"bcrypt_sha256${BCRYPT.replace('$12$', '$15$')}", "bcrypt_sha256 (cost=15)"),
        (f"$argon2id$v=19$m=262145,t=1,p=4${SALT}${KEY}", "argon2id (m=262145, t=1, p=4)"),
        (f"$argon2id$v=19$m=65536,t=13,p=4${SALT}${KEY}", "argon2id (m=65536, t=13, p=4)"),
        (f"$scrypt$ln=18,r=9,p=1${SALT}${KEY}", "scrypt (ln=18, r=9, p=1)"),
        (f"$scrypt$ln=14,r=8,p=20${SALT}${KEY}", "scrypt (ln=14, r=8, p=20)"),
        (f"scrypt$16384$salt$8$20${KEY}", "scrypt (ln=14, r=8, p=20)"),
        (f"$scrypt$ln=99,r=9999,p=1${SALT}${KEY}", "scrypt (ln=99, r=9999, p=1)"),
        (f"$pbkdf2-sha512$2000000${SALT}${KEY}", "pbkdf2-sha512 (rounds=2000000)"),
        (f"pbkdf2_sha256$12000000$salt${KEY}", "pbkdf2-sha256 (rounds=12000000)"),
        (f"$pbkdf2$9999999999${SALT}${KEY}", "pbkdf2-sha1 (rounds=9999999999)"),
        (FIREBASE[1].replace("n=14", "n=19"), "firebase scrypt (ln=19, r=8, p=1)"),
        ("$P$K12345678" + "x" * 22, "phpass (ln=22)"),
        ("$S$K12345678" + "x" * 43, "drupal7 (ln=22)"),
        (f"$peppered${BCRYPT.replace('$12$', '$16$')}", "bcrypt (cost=16)"),
    ],
)
def test_what_would_cost_too_much_is_refused_with_its_parameters(hashed, parameters):
    with pytest.raises(HashUnusable) as refused:
        describe(hashed)
    assert parameters in refused.value.reason


@pytest.mark.parametrize(
    "hashed",
    [
        BCRYPT.replace("$12$", "$14$"),
        f"$argon2id$v=19$m=262144,t=1,p=1${SALT}${KEY}",
        f"$argon2id$v=19$m=65536,t=12,p=128${SALT}${KEY}",
        f"$scrypt$ln=18,r=8,p=1${SALT}${KEY}",
        f"$pbkdf2-sha256$4000000${SALT}${KEY}",
        "$P$H12345678" + "x" * 22,
    ],
)
def test_what_is_just_below_is_taken(hashed):
    assert describe(hashed).seconds <= 1


@pytest.mark.parametrize(
    ("hashed", "reason"),
    [
        ("", "the hash is of no kind"),
        ("hunter2", "the hash is of no kind"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "the hash is of no kind"),
        ("$6$salt$x", "sha512-crypt is of no kind"),
        ("md5$salt$x", "Django's salted MD5 is of no kind"),
        ("scrypt:32768:8:1$salt$x", "scrypt of Werkzeug is of no kind"),
        ("!x", "Django's mark of no password is of no kind"),
        ("$peppered$", "the hash is of no kind"),
        ("$peppered$hunter2", "the hash is of no kind"),
        (f"$peppered$$peppered${BCRYPT}", "the hash is of no kind"),
        ("$peppered$" * 9999, "the hash is of no kind"),
        (f"{BCRYPT} ", "bcrypt: not of the form"),
        (f"{BCRYPT}\n", "bcrypt: not of the form"),
        (BCRYPT.replace("2a", "2"), "bcrypt: not of the form"),
        (f"$wp{BCRYPT[:-1]}", "wordpress bcrypt: no hash of bcrypt in it"),
        ("bcrypt_sha256$x", "bcrypt_sha256: no hash of bcrypt in it"),
        (f"$pbkdf2-sha512$1000${'A' * 200}${'A' * 86}", "pbkdf2-sha512 (rounds=1000): 307 letters"),
    ],
)
def test_what_can_not_be_checked_is_refused(hashed, reason):
    with pytest.raises(HashUnusable) as refused:
        describe(hashed)
    assert refused.value.reason.startswith(reason)
    assert "hunter2" not in refused.value.reason
    assert BCRYPT[10:] not in refused.value.reason


@given(
    st.text()
    | st.from_regex(r"\A\$?(2[abxy]|argon2id?|scrypt|pbkdf2|fbscrypt|wp|P|H|S|pbkdf2_sha256)\$.{0,80}\Z")
)
def test_no_text_raises_anything_else(text):
    with suppress(HashUnusable):
        describe(text)
    assert longest_password(text) in (72, 1024)


@pytest.mark.parametrize(
    ("hashed", "longest"),
    [(None, 72), ("", 72), (BCRYPT, 72), (f"$peppered${BCRYPT}", 72), (FIREBASE[1], 1024)],
)
def test_how_long_a_password_may_be(hashed, longest):
    assert longest_password(hashed) == longest
