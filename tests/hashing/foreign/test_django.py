import pytest

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.foreign import django
from tests.hashing.samples import DJANGO, GOOD

PBKDF2, PBKDF2_SHA1, ARGON2, _, BCRYPT, SCRYPT = DJANGO


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (django.read_pbkdf2, PBKDF2),
        (django.read_pbkdf2, PBKDF2_SHA1),
        # hashcat's example
        (django.read_pbkdf2, "pbkdf2_sha256$20000$H0dPx8NeajVu$GiC4k5kqbbR9qWBlsRgDywNqC2vd9kqfk7zdorEnNas="),
        (django.read_argon2, ARGON2),
        (django.read_bcrypt, BCRYPT),
        (django.read_scrypt, SCRYPT),
    ],
)
def test_what_django_writes_verifies(reader, text):
    stored = reader(text)
    assert stored.verify(b"hashcat" if "$20000$" in text else GOOD.encode())
    assert not stored.verify(b"another")


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (django.read_pbkdf2, PBKDF2.replace("sha256", "sha512")),
        (django.read_pbkdf2, PBKDF2.replace("$1000$", "$0$")),
        (django.read_pbkdf2, PBKDF2[:-2] + "!="),
        (django.read_pbkdf2, PBKDF2 + "$"),
        (django.read_scrypt, SCRYPT.replace("$1024$", "$1000$")),
        (django.read_scrypt, SCRYPT.replace("$1024$", "$1$")),
        (django.read_scrypt, SCRYPT.replace("$8$", "$0$")),
        (django.read_scrypt, SCRYPT.replace("==", "!!")),
        (django.read_scrypt, SCRYPT[:20]),
        (django.read_argon2, ARGON2.replace("argon2id", "argon2x")),
        (django.read_bcrypt, BCRYPT[:-1]),
    ],
)
def test_what_is_none_is_refused(reader, text):
    with pytest.raises(HashUnusable):
        reader(text)
