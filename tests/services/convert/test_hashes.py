import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.convert import HashNotVerified
from hanko_compat.services.convert import hashes
from tests.services.convert.converting import BCRYPT

TAIL = BCRYPT.removeprefix("$2b")
SALT, KEY = "AAECAwQFBgcICQoLDA0ODw", "A" * 43


@pytest.mark.parametrize(
    "text",
    [
        *(f"$2{letter}{TAIL}" for letter in "abxy"),
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${KEY}",
        f"$argon2i$m=65536,t=3,p=4${SALT}${KEY}",
        f"$argon2d$v=16$m=65536,t=3,p=4${SALT}${KEY}",
        f"$scrypt$ln=14,r=8,p=1${SALT}${KEY}",
        f"$pbkdf2$1000${SALT}${KEY}",
        f"$pbkdf2-sha512$1000${SALT}${KEY}",
        f"$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk={KEY}${SALT}${KEY}",
        "$H$B" + "a" * 30,
        f"$wp$2y{TAIL}",
        "$S$D" + "a" * 51,
        "U$S$D" + "a" * 51,
        f"$peppered${BCRYPT}",
    ],
)
def test_forms_that_log_ins_verify(text):
    assert hashes.verified(text) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "of an unknown kind"),
        ("secret", "of an unknown kind"),
        ("$", "of an unknown kind"),
        ("$1$salt$secret", "1"),
        ("$5$salt$secret", "5"),
        ("md5$salt$secret", "md5"),
        ("{SSHA}secret", "ssha"),
        ("pbkdf2:sha256:1000$salt$secret", "pbkdf2"),
        (BCRYPT + "x", "bcrypt: not of the form"),
        (BCRYPT + "\n", "bcrypt: not of the form"),
        (f"$peppered$$peppered${BCRYPT}", "the hash is of no kind that can be checked here"),
        ("$argon2id$v=19$m=1,t=1,p=1$!$!", "argon2: not of the form"),
        (f"$pbkdf2-sha256$99999999${SALT}${KEY}", "pbkdf2-sha256 (rounds=99999999)"),
    ],
)
def test_others_are_named_by_their_kind(text, kind):
    with pytest.raises(HashNotVerified) as caught:
        hashes.verified(text)
    assert str(caught.value).startswith(kind)
    assert "secret" not in str(caught.value)


@given(st.text())
def test_nothing_of_a_hash_is_told(text):
    kind = hashes.kind_of(text)
    assert kind == "of an unknown kind" or len(kind) <= 31


@pytest.mark.parametrize(("rounds", "key"), [(0, b"k"), (2**32, b"k"), (1000, b"")])
def test_pbkdf2_that_is_none(rounds, key):
    with pytest.raises(HashNotVerified, match="broken"):
        hashes.pbkdf2("sha256", rounds, salt=b"", key=key)


def test_pbkdf2_is_written_in_the_alphabet_of_passlib():
    assert hashes.pbkdf2("sha1", 1, salt=b"\xfb\xef\xff", key=b"\xfb\xef\xff") == "$pbkdf2$1$..//$..//"


@pytest.mark.parametrize(
    "change",
    [
        {"cost": 0},
        {"cost": 1},
        {"cost": 3},
        {"cost": 1 << 32},
        {"block_size": 0},
        {"parallel": 0},
        {"salt": b""},
        {"key": b""},
    ],
)
def test_scrypt_that_is_none(change):
    usual = {"cost": 1024, "block_size": 8, "parallel": 1, "salt": b"s", "key": b"k"} | change
    with pytest.raises(HashNotVerified, match="broken"):
        hashes.scrypt(usual.pop("cost"), **usual)


@pytest.mark.parametrize("text", ["AQID", "AQID====", "A", "AAAAA", "A=A", "é", "AA\n"])
def test_base64(text):
    if text == "AQID":
        assert hashes.from_base64(text) == b"\1\2\3"
    else:
        with pytest.raises(HashNotVerified):
            hashes.from_base64(text)


@pytest.mark.parametrize(
    ("text", "encoding", "data"),
    [("AQID", "base64", b"\1\2\3"), ("0a", "hex", b"\n"), ("é", "utf8", "é".encode())],
)
def test_encodings(text, encoding, data):
    assert hashes.encoded_bytes(text, encoding) == data


@pytest.mark.parametrize(("text", "encoding"), [("0", "hex"), ("é", "hex"), ("x", "utf16le"), ("x", "")])
def test_other_encodings(text, encoding):
    with pytest.raises(HashNotVerified):
        hashes.encoded_bytes(text, encoding)
