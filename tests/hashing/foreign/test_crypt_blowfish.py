import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.hashing.foreign.crypt_blowfish import equivalent
from hanko_compat.hashing.reading import read
from tests.hashing.samples import CRYPT_BLOWFISH_2X

SALT = "$2x$05$/OK.fbVrR/bpIqNJ5ianF."


@pytest.mark.parametrize(
    ("password", "digest"),
    [
        (b"\xa3", CRYPT_BLOWFISH_2X.removeprefix(SALT)),
        (b"\xff\xff\xa3", CRYPT_BLOWFISH_2X.removeprefix(SALT)),
        # All by crypt() of PHP 8.2, the first of them in the tests of crypt_blowfish, too.
        (b"\xff\xa334\xff\xff\xff\xa3345", "o./n25XVfn6oAPaUvHe.Csk4zRfsYPi"),
        ("Grüße, 世界".encode(), "zrP6n8ZjndWQjwom7yFFyy/36AYV4bu"),
        ("é".encode(), "u4.4lk5bI0k2Mvkmn1uwKcFBckYZG36"),
        (b"ascii", "AmBkojSLXFpy2B7aPbInOYF5frkQdvC"),
        ("ä".encode() * 36, "6BwUw9Icw5K3WX2unlU0J0ITJtu8ipW"),
    ],
)
def test_the_old_fault_is_computed(password, digest):
    assert read(SALT + digest).verify(password)
    assert not read(SALT + digest).verify(password[:-1] + b"x")


@pytest.mark.parametrize("password", ["é", "Grüße, 世界"])
def test_without_the_fault_another_hash_comes_out(password):
    correct = bcrypt.hashpw(password.encode(), SALT.replace("x", "y").encode()).decode()
    assert not read(correct.replace("$2y$", "$2x$")).verify(password.encode())


@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=72))
def test_ascii_is_what_it_always_was(text):
    """The password and its end, over and over, as bcrypt itself reads them."""
    password = text.encode()
    assert equivalent(password) == ((password + b"\0") * 72)[:72]


def test_a_password_and_its_equivalent_have_one_hash():
    hashed = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4))
    assert bcrypt.checkpw(equivalent(b"correct horse"), hashed)
