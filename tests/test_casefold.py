import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.casefold import folded, hides_ascii


@pytest.mark.parametrize("text", ["\u212aelly", "al\u0130ce", "A\u212a"])
def test_letters_that_become_ascii_are_seen(text):
    assert hides_ascii(text)
    assert folded(text) == text


@pytest.mark.parametrize(("text", "expected"), [("Jane", "jane"), ("J\u00dcRGEN", "j\u00fcrgen"), ("", "")])
def test_lower_case(text, expected):
    assert not hides_ascii(text)
    assert folded(text) == expected


@given(st.text())
def test_nothing_becomes_an_ascii_text_that_was_none(text):
    assert folded(folded(text)) == folded(text)
    if folded(text).isascii():
        assert text.isascii()
