"""Text that every database stores."""

from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.storable_text import is_storable


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_what_utf_8_can_write_is_stored(text: str) -> None:
    assert is_storable(text)


@given(st.text(), st.sampled_from("\0\ud800\udbff\udc00\udfff"), st.text())
def test_nul_and_half_a_surrogate_pair_are_found_anywhere(before: str, letter: str, after: str) -> None:
    assert not is_storable(before + letter + after)
