"""What counts as a JSON object."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.json_text import JSONCutShort, JSONRefused
from hanko_compat.web.json_text import MAX_DEPTH, parse_object, parse_value


def nested(depth: int) -> bytes:
    """An object with so many containers inside each other."""
    return b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"a": 1', "not valid JSON"),
        (b"hello", "not valid JSON"),
        (b"   ", "not valid JSON"),
        (b'{"a": 1} {"b": 2}', "not valid JSON"),
        (b"{'a': 1}", "not valid JSON"),
        (b'{"a": 1,}', "not valid JSON"),
        (b'{"a": "\x00"}', "not valid JSON"),
        (b'{"a": "line\nbreak"}', "not valid JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b'{"a": "\xff"}', "not valid UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not valid UTF-8"),
        ('{"a": 1}'.encode("utf-32-le"), "not valid JSON"),
        (b"[]", "must be a JSON object"),
        (b'"text"', "must be a JSON object"),
        (b"null", "must be a JSON object"),
        (b"5", "must be a JSON object"),
        (b'{"a": 1, "a": 2}', "given twice"),
        (b'{"b": [{"a": 1, "a": 1}]}', "given twice"),
        (b'{"a": 1, "\\u0061": 2}', "given twice"),
        (b'{"a": NaN}', "NaN is not valid"),
        (b'{"a": Infinity}', "Infinity is not valid"),
        (b'{"a": -Infinity}', "Infinity is not valid"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": "\\u0000"}', "can't be stored"),
        (b'{"a": [{"b": "x\\u0000"}]}', "can't be stored"),
        (b'{"\\u0000": 1}', "can't be stored"),
        (b'{"a": "\\ud800"}', "can't be stored"),
        (b'{"a": "\\udc00\\ud800"}', "can't be stored"),
        (nested(MAX_DEPTH + 1), "too deeply"),
        (b'{"a":' * 100_000, "too deeply"),
        (b'{"a":' + b"[" * 500_000, "too deeply"),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else None,
)
def test_what_is_refused(data, reason):
    with pytest.raises(JSONRefused, match=reason):
        parse_object(data)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"{}", {}),
        (b' {"a": [1, 2.5, true, null]} ', {"a": [1, 2.5, True, None]}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        ('{"\u00e4": "\u00fc"}'.encode(), {"\u00e4": "\u00fc"}),
        (b'{"a": "\\\\u0000"}', {"a": "\\u0000"}),
        (b'{"a": {"x": 1}, "b": {"x": 2}}', {"a": {"x": 1}, "b": {"x": 2}}),
    ],
)
def test_what_is_taken(data, value):
    assert parse_object(data) == value


def test_depth_up_to_the_limit_is_fine():
    assert parse_object(nested(MAX_DEPTH))
    assert parse_object(b'{"a": [' + b"{}," * 1000 + b"{}]}")


texts = st.text('ab\u00e9\u2028\U0001f600"\\/{[\n\x1f', max_size=8)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=3), st.booleans())
def test_every_ordinary_object_comes_back(value, ensure_ascii):
    assert parse_object(json.dumps(value, ensure_ascii=ensure_ascii).encode()) == value


WHOLE = b' {"a": [1, -2.5e+3, true, false, null], "b\\u00e4\\"": {"c": "x\\ud83d\\ude00"}} '
CUTS = [WHOLE[:length] for length in range(len(WHOLE.rstrip()))]


@pytest.mark.parametrize("data", [*CUTS, b"-", b"[1.", b"[1e", b"[1E-", b"nul", b'"', b'"\\u12'], ids=repr)
def test_the_beginning_of_a_text_is_known_as_such(data):
    with pytest.raises(JSONCutShort):
        parse_value(data)


@pytest.mark.parametrize(
    "data", [b"hello", b"{,", b'"\\u12x', b'{"a": 1} {', b"[1..", b"nulx", b"[NaN", b"'", b'{"a" 1', b"[1a"]
)
def test_a_text_that_no_more_text_can_mend_is_not_cut_short(data):
    with pytest.raises(JSONRefused) as caught:
        parse_value(data)
    assert not isinstance(caught.value, JSONCutShort)


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_raise_anything_else(data):
    with suppress(JSONRefused):
        assert isinstance(parse_object(data), dict)
