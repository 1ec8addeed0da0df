import base64
import hashlib

import pytest
from werkzeug.security import generate_password_hash

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.foreign import pbkdf2
from tests.hashing.samples import GOOD, PBKDF2

SALT, KEY = "c29tZXNhbHQ", "A" * 43


def unpadded(raw):
    return base64.b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("text", PBKDF2)
def test_hashes_of_libpass_verify(text):
    stored = pbkdf2.read(text)
    assert stored.verify(GOOD.encode())
    assert not stored.verify(b"another")
    assert not pbkdf2.read(text.replace("$1000$", "$1001$")).verify(GOOD.encode())


def test_the_example_of_the_standard_verifies():
    # RFC 6070
    digest = bytes.fromhex("4b007901b765489abead49d926f721d065a429c1")
    assert pbkdf2.read(f"$pbkdf2$4096${unpadded(b'salt')}${unpadded(digest)}").verify(b"password")


@pytest.mark.parametrize("digest", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("length", [16, 20, 32, 64, 128])
def test_hashes_of_any_length_verify(digest, length):
    """Keycloak writes 64 bytes with SHA-256, Kratos 32 with SHA-512."""
    derived = hashlib.pbkdf2_hmac(digest, GOOD.encode(), b"some salt", 10, dklen=length)
    stored = pbkdf2.read(f"$pbkdf2-{digest}$10${unpadded(b'some salt')}${unpadded(derived)}")
    assert stored.verify(GOOD.encode())
    assert not stored.verify(b"another")


def test_those_of_werkzeug_verify_once_they_are_rewritten():
    method, salt, digest = generate_password_hash(GOOD, "pbkdf2:sha256:1000").split("$")
    assert method == "pbkdf2:sha256:1000"
    text = f"$pbkdf2-sha256$1000${unpadded(salt.encode())}${unpadded(bytes.fromhex(digest))}"
    assert pbkdf2.read(text).verify(GOOD.encode())


@pytest.mark.parametrize(
    "text",
    [
        "$pbkdf2$", f"$pbkdf2-md5$1000${SALT}${KEY}", f"$pbkdf2-sha256$0${SALT}${KEY}",
        f"$pbkdf2-sha256$01000${SALT}${KEY}", f"$pbkdf2-sha256$-1${SALT}${KEY}",
        f"$pbkdf2-sha256$9999999999${SALT}${KEY}", f"$pbkdf2-sha256$1000$§${KEY}",
        f"$pbkdf2-sha256$1000${SALT}$a", f"$pbkdf2-sha256$1000${SALT}$AAAA",
        f"$pbkdf2-sha256$1000${SALT}${KEY}$",
        f"$pbkdf2-sha256$1000${SALT}${KEY}\n",
    ],
)  # fmt: skip
def test_what_is_none_is_refused(text):
    with pytest.raises(HashUnusable):
        pbkdf2.read(text)
