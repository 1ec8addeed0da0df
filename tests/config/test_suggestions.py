"""Typing mistakes are found; words that mean something else are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.config.model import Config
from hanko_compat.config.settings import keys_of
from hanko_compat.config.suggestions import distance, nearest

WORDS = st.text(alphabet="abc", max_size=6)


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("limit", "limit", 0),
        ("limt", "limit", 1),
        ("limiit", "limit", 1),
        ("limut", "limit", 1),
        ("limti", "limit", 1),
        ("singup", "signup", 1),
        ("kitten", "sitting", 3),
        ("", "limit", 5),
        ("limit", "", 5),
    ],
)
def test_distance(one, other, steps):
    assert distance(one, other) == steps


@given(WORDS, WORDS, WORDS)
def test_distance_is_symmetric_and_zero_for_the_same_word_only(one, other, third):
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one + third, other + third) <= distance(one, other)


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("limt", {"limit", "issuer"}, "limit"),
        ("allow_singup", {"allow_signup", "allow_deletion"}, "allow_signup"),
        ("allow-signup", {"allow_signup"}, "allow_signup"),
        ("allowSignup", {"allow_signup"}, "allow_signup"),
        ("AllowDeletion", {"allow_deletion"}, "allow_deletion"),
        ("Session", {"session"}, "session"),
        ("prot", {"port", "host"}, "port"),
        ("ulr", {"url", "user"}, "url"),
        ("keyz", {"keys"}, "keys"),
        ("uri", {"id", "icon"}, None),
        ("ip", {"id"}, None),
        ("tag", {"log"}, None),
        ("part", {"port", "host"}, "port"),
        ("post", {"user"}, None),
        ("frontend", {"session", "email"}, None),
        ("", {"id", "log"}, None),
    ],
)
def test_nearest(word, known, meant):
    assert nearest(word, known) == meant


@pytest.mark.parametrize("name", sorted(keys_of(Config)))
def test_no_word_of_other_programs_is_taken_for_a_section(name):
    assert nearest(f"x-{name}-of-another-program", keys_of(Config)) is None
