import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template.values import Lookup, Struct, get_field, is_true, number_to_text, to_text

STRUCT, LOOKUP = Struct({"A": 1}), Lookup(str.upper, {"a": 1})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (1.5, "1.5"),
        (2.0, "2"),
        (1e21, "1" + "0" * 21),
        (1e-7, "0.0000001"),
        ({"a": [1, "ä", None]}, '{"a":[1,"ä",null]}'),
    ],
)
def test_to_text(value, text):
    assert to_text(value) == text


def test_a_struct_is_printed_as_go_does_it():
    assert to_text(Struct({"A": "a", "B": True, "C": None})) == "{a true }"
    assert to_text(Struct({"A": "a"}, is_nil=True)) == ""


@pytest.mark.parametrize("value", [Struct({"A": STRUCT}), Struct({"A": LOOKUP}), LOOKUP, object()])
def test_what_has_no_text(value):
    with pytest.raises(ClaimTemplateInvalid):
        to_text(value)


@pytest.mark.parametrize("value", [STRUCT, LOOKUP, 1, "a", [0], True])
def test_true(value):
    assert is_true(value)


@pytest.mark.parametrize("value", [None, 0, 0.0, "", [], {}, False, Struct({"A": 1}, is_nil=True)])
def test_false(value):
    assert not is_true(value)


@pytest.mark.parametrize(("value", "name"), [(STRUCT, "A"), (LOOKUP, "a"), ({"a": 1}, "a")])
def test_get_field(value, name):
    assert get_field(value, name) == 1


@pytest.mark.parametrize(("value", "name"), [(STRUCT, "B"), (None, "a"), ("text", "a"), (["a"], "0")])
def test_no_such_field(value, name):
    with pytest.raises(ClaimTemplateInvalid):
        get_field(value, name)


def test_a_key_that_an_object_lacks_is_nil():
    assert get_field({"a": 1}, "b") is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(value):
    assert float(number_to_text(value)) == value
