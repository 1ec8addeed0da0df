import pytest

from hanko_compat.hashing.reading import read
from tests.hashing.samples import DEVISE, DJANGO, GOOD, PEPPER

PREFIX = "$peppered$"


@pytest.mark.parametrize(("password", "text"), DEVISE)
def test_hashes_of_devise_verify_with_its_pepper(password, text):
    stored = read(text, pepper=PEPPER.encode())
    assert stored.verify(password.encode())
    assert not stored.verify(b"z" + password.encode()[1:])
    assert stored.longest == 72  # bytes of the password alone


def test_another_pepper_does_not_fit():
    assert not read(DEVISE[0][1], pepper=b"another").verify(GOOD.encode())
    assert not read(DEVISE[0][1].removeprefix(PREFIX)).verify(GOOD.encode())


def test_any_other_kind_may_be_peppered():
    word, pepper = GOOD.split(" ", 1)
    stored = read(f"{PREFIX}{DJANGO[0]}", pepper=f" {pepper}".encode())
    assert stored.verify(word.encode())
    assert not stored.verify(GOOD.encode())


def test_without_a_pepper_nothing_verifies():
    with pytest.raises(ValueError, match="import_pepper"):
        read(DEVISE[0][1]).verify(GOOD.encode())
