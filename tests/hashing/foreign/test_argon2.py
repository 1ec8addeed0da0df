from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hanko_compat.errors.hashing import HashUnusable
from hanko_compat.hashing.foreign import argon2
from tests.hashing.samples import ARGON2, GOOD

SALT, KEY = "c29tZXNhbHQ", "A" * 43


def text_of(**changes):
    parts = {"type": "argon2id", "v": 19, "m": 1024, "t": 2, "p": 1, "salt": SALT, "hash": KEY} | changes
    return "${type}$v={v}$m={m},t={t},p={p}${salt}${hash}".format(**parts)


@pytest.mark.parametrize("text", ARGON2)
def test_every_variant_verifies(text):
    stored = argon2.read(text)
    assert stored.verify(GOOD.encode())
    assert not stored.verify(b"another")
    assert not stored.verify(b"")


def test_each_part_decides():
    kind, version, costs, salt, digest = ARGON2[0].removeprefix("$").split("$")
    for parts in (
        ("argon2i", version, costs, salt, digest),
        (kind, "v=16", costs, salt, digest),
        (kind, version, "m=1025,t=2,p=2", salt, digest),
        (kind, version, "m=1024,t=3,p=2", salt, digest),
        (kind, version, "m=1024,t=2,p=1", salt, digest),
        (kind, version, costs, "k" + salt[1:], digest),
        (kind, version, costs, salt, "8" + digest[1:]),
    ):
        assert not argon2.read("$" + "$".join(parts)).verify(GOOD.encode())


@pytest.mark.parametrize(
    "text",
    [
        "$argon2", text_of(type="argon2x"), text_of(v=18), text_of(m=0), text_of(m=7), text_of(t=0),
        text_of(p=0), text_of(p=256, m=99999), text_of(m=15, p=2), text_of(salt="c2hvcnQ"), text_of(salt="a"),
        text_of(hash="a"), text_of(hash="A" * 20), text_of(salt="§"), text_of() + "\n", text_of() + "$",
        text_of(t="x"), text_of(m="01024"), text_of(t="02"), text_of(p="01"),
        text_of(salt="c29tZXNhbHR"), text_of(hash="A" * 42 + "B"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(text):
    with pytest.raises(HashUnusable):
        argon2.read(text)


@given(st.from_regex(argon2.FORM.pattern, fullmatch=True, alphabet=st.characters(max_codepoint=126)))
@settings(max_examples=200, deadline=None)
def test_what_is_read_can_be_verified(text):
    """The library is stricter than the form: what it refuses must not end a log-in with an error."""
    with suppress(HashUnusable):
        stored = argon2.read(text)
        if stored.description.seconds < 0.01 and stored.description.memory < 1_000_000:
            assert stored.verify(b"password") is False


def test_what_the_library_refuses_after_all_is_a_value_error():
    with pytest.raises(ValueError, match="the library refuses the hash"):
        argon2._verify(text_of(m="01024"), b"password")
