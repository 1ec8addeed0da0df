import base64

import pytest
from werkzeug.security import generate_password_hash

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.foreign import scrypt
from tests.hashing.samples import GOOD, SCRYPT

SALT, KEY = "c29tZXNhbHQ", "A" * 43


def unpadded(raw):
    return base64.b64encode(raw).decode().rstrip("=")


def test_hashes_of_libpass_verify():
    stored = scrypt.read(SCRYPT)
    assert stored.verify(GOOD.encode())
    assert not stored.verify(b"another")


@pytest.mark.parametrize(
    ("text", "password"),
    [
        # RFC 7914 s. 12: with no password and no salt, and two others
        (
            "$scrypt$ln=4,r=1,p=1$$"
            + unpadded(
                bytes.fromhex(
                    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                    "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
                )
            ),
            b"",
        ),
        (
            f"$scrypt$ln=10,r=8,p=16${unpadded(b'NaCl')}$"
            + unpadded(
                bytes.fromhex(
                    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                    "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
                )
            ),
            b"password",
        ),
        (
            f"$scrypt$ln=14,r=8,p=1${unpadded(b'SodiumChloride')}$"
            + unpadded(
                bytes.fromhex(
                    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
                )
            ),
            b"pleaseletmein",
        ),
    ],
)
def test_those_of_the_standard_verify(text, password):
    assert scrypt.read(text).verify(password)
    assert not scrypt.read(text).verify(password + b"x")


def test_those_of_werkzeug_verify_once_they_are_rewritten():
    method, salt, digest = generate_password_hash(GOOD, "scrypt:1024:8:2").split("$")
    assert method == "scrypt:1024:8:2"
    text = f"$scrypt$ln=10,r=8,p=2${unpadded(salt.encode())}${unpadded(bytes.fromhex(digest))}"
    assert scrypt.read(text).verify(GOOD.encode())


@pytest.mark.parametrize(
    "text",
    [
        "$scrypt$", f"$scrypt$ln=0,r=8,p=1${SALT}${KEY}", f"$scrypt$ln=14,r=0,p=1${SALT}${KEY}",
        f"$scrypt$ln=14,r=8,p=0${SALT}${KEY}", f"$scrypt$ln=16,r=1,p=1${SALT}${KEY}",
        f"$scrypt$ln=99,r=8,p=1${SALT}${KEY}", f"$scrypt$ln=16384,r=8,p=1${SALT}${KEY}",
        f"$scrypt$ln=14,r=8,p=1$§${KEY}", f"$scrypt$ln=14,r=8,p=1${SALT}$a",
        f"$scrypt$ln=14,r=8,p=1${SALT}$AAAA",
        f"$scrypt$ln=14,r=8,p=1${SALT}${KEY}$", f"$scrypt$ln=14,r=8,p=1${SALT}${KEY}\n",
    ],
)  # fmt: skip
def test_what_is_none_is_refused(text):
    with pytest.raises(HashUnusable):
        scrypt.read(text)


@pytest.mark.slow
def test_the_largest_that_is_let_in_has_memory_enough():
    stored = scrypt.read(f"$scrypt$ln=10,r=1024,p=2${SALT}${KEY}")
    assert stored.verify(b"anything") is False
