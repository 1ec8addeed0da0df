"""What the server records, where a database lacks characters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.storage.engine.recorded_text import only_ascii, recorded, recorded_json

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain", "plain"), ("S\u00e9same", "Sesame"), ("\N{GRINNING FACE}", "?"), ("\ufb03\ud55c", "??")],
)
def test_text_in_ascii(text: str, expected: str) -> None:
    assert recorded(text) == text
    with only_ascii():
        assert recorded(text) == expected
    assert recorded(text) == text


@given(TEXTS)
def test_it_is_ascii_and_gets_no_longer(text: str) -> None:
    with only_ascii():
        assert recorded(text).isascii()
        assert len(recorded(text)) == len(text)


@given(TEXTS)
def test_json_stays_the_same_value(text: str) -> None:
    stored = json.dumps({text: text}, ensure_ascii=False)
    with only_ascii():
        assert recorded_json(stored).isascii()
        assert json.loads(recorded_json(stored)) == {text: text}
    assert recorded_json(stored) == stored
