"""Positions in JSON texts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.web.json_position import bytes_read

names = st.text('ab\u00e9\u2028\U0001f600"\\/{[: ,', max_size=6)
scalars = st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-9, 9) | names
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
NEEDLE = 987654321


@st.composite
def documents(draw):
    """A text with one needle, and the path to it."""
    value, path = NEEDLE, []
    for _ in range(draw(st.integers(0, 4))):
        if draw(st.booleans()):
            before, after = draw(st.lists(values, max_size=2)), draw(st.lists(values, max_size=2))
            value, path = [*before, value, *after], [len(before), *path]
        else:
            members = draw(st.lists(st.tuples(names, values), max_size=3, unique_by=lambda pair: pair[0]))
            name = draw(names.filter(lambda name, taken=dict(members): name not in taken))
            members.insert(draw(st.integers(0, len(members))), (name, value))
            value, path = dict(members), [name, *path]
    separators = draw(st.sampled_from([(",", ":"), (" ,\n", "\t: ")]))
    text = json.dumps(
        value,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.none() | st.integers(0, 2)),
        separators=separators,
    )
    return draw(st.sampled_from(["", " \r\n"])) + text, path


@given(documents())
def test_the_end_of_a_value_is_found(document):
    text, path = document
    before, needle, _ = text.partition(str(NEEDLE))
    assert bytes_read(text, path) == len((before + needle).encode())


@pytest.mark.parametrize(
    ("text", "path", "position"),
    [
        ('{"user_id": 1}', ["user_id"], 13),
        ('{"email_id":"é", "user_id": {"a": 1}}', ["user_id"], 30),
        ('{"a": {"b": [7, true]}}', ["a", "b", 1], 20),
        (' ["x"]', [], 2),
        ("  5", [], 3),
    ],
)
def test_what_a_parser_has_read(text, path, position):
    assert bytes_read(text, path) == position
