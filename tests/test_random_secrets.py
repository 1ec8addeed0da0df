import string

import pytest

from hanko_compat import random_secrets


@pytest.mark.parametrize("alphabet", ["0123456789", "AB", random_secrets.LETTERS_AND_DIGITS])
def test_texts_have_their_length_and_use_their_whole_alphabet(alphabet):
    made = random_secrets.text(2000, alphabet=alphabet)
    assert len(made) == 2000
    assert set(made) == set(alphabet)


def test_no_character_is_likelier_than_another(monkeypatch):
    every = iter([bytes(range(256)), bytes(range(256))])
    monkeypatch.setattr(random_secrets, "octets", lambda _: next(every))
    made = random_secrets.text(248 + 62)  # of an octet's 256 values, 4 times 62 count
    counts = {made.count(character) for character in random_secrets.LETTERS_AND_DIGITS}
    assert counts == {5}


def test_by_default_texts_are_letters_and_digits():
    assert set(random_secrets.text(5000)) == {*string.ascii_letters, *string.digits}


def test_octets_have_their_length():
    assert [len(random_secrets.octets(length)) for length in (0, 12, 32)] == [0, 12, 32]


def test_numbers_have_so_many_bits_at_most():
    made = [random_secrets.number(bits=4) for _ in range(1000)]
    assert set(made) == set(range(16))


@pytest.mark.parametrize(
    "make",
    [
        lambda: random_secrets.text(30),
        lambda: random_secrets.octets(16),
        lambda: random_secrets.number(bits=128),
    ],
    ids=["text", "octets", "number"],
)
def test_no_two_are_alike(make):
    assert len({make() for _ in range(1000)}) == 1000
