import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.casefold import folded, hides_ascii, username_form, username_forms


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


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Jane", "jane"),
        ("\uff2a\uff41\uff4e\uff45", "jane"),
        ("\ufb01ona", "fiona"),
        ("STRASSE", "strasse"),
        ("Stra\u00dfe", "strasse"),
        ("e\u0301", "\u00e9"),
        ("\u039f\u03a3", "\u03bf\u03c3"),
        ("\u03bf\u03c2", "\u03bf\u03c3"),
        ("\u212aelly", "\u212aelly"),
    ],
)
def test_usernames_that_look_alike_have_one_form(name, form):
    assert username_form(name) == form


def test_a_username_is_looked_for_as_hanko_wrote_it_too():
    assert username_forms("Jane") == ("jane",)
    assert username_forms("Stra\u00dfe") == ("strasse", "stra\u00dfe")


@given(st.text())
def test_the_form_of_a_username_has_itself_as_its_form(name):
    form = username_form(name)
    assert username_form(form) == form
    assert hides_ascii(name) or username_form(name.lower()) == form
