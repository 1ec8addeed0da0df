import pytest

from hanko_compat.errors.convert import Unconvertible
from hanko_compat.services.convert.fields import Fields


def test_what_nobody_asks_for_is_told():
    fields = Fields(
        {
            "a": "x",
            "b": "y",
            "no": False,
            "zero": 0,
            "none": None,
            "nothing": "",
            "FALSE": "FALSE",
            "list": [],
        }
    )
    assert fields.text("a") == "x"
    assert [*fields.left()] == ["b"]
    fields.ignore("b")
    assert [*fields.left()] == []


def test_what_is_left_of_inner_objects_is_told_with_their_names():
    fields = Fields({"traits": {"email": "a", "phone": {"home": "1"}}})
    inner = fields.inner("traits")
    assert inner.text("email") == "a"
    assert [*fields.left()] == ["traits.phone"]
    inner.inner("phone")
    assert [*fields.left()] == ["traits.phone.home"]


def test_texts():
    fields = Fields({"a": " x ", "number": 7, "empty": "", "none": None})
    assert fields.text("missing", "empty", "none", "a") == "x"
    assert fields.text("number") == "7"
    assert fields.text("empty") == ""


@pytest.mark.parametrize(
    "value", [True, 1.5, [], ["x"], {}, "a\0b", "\ud800", pytest.param(10**5000, id="long")]
)
def test_what_is_no_text_is_refused(value):
    with pytest.raises(Unconvertible, match=r"^a (is no text|has characters)"):
        Fields({"a": value}).text("a")


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        (True, True),
        (False, False),
        ("TRUE", True),
        (" f ", False),
        ("1", True),
        (0, False),
        (None, None),
        ("", None),
    ],
)
def test_flags(value, flag):
    assert Fields({"a": value}).flag("a") is flag


@pytest.mark.parametrize("value", ["perhaps", 2, 1.0, [], {}, [True]])
def test_what_is_no_flag_is_refused(value):
    with pytest.raises(Unconvertible, match="a is neither true nor false"):
        Fields({"a": value}).flag("a")


def test_a_time_that_is_none_is_told_and_no_obstacle():
    fields = Fields({"a": "yesterday", "b": 1704067200})
    assert fields.moment("a") is None
    assert fields.moment("b") is not None
    assert [*fields.left()] == ["a (no time)"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{broken", "a (no JSON)"),
        ("[1]", "a (no object)"),
        ([1], "a (no object)"),
        ("[" * 100_000, "a (no JSON)"),
    ],
)
def test_an_object_that_is_none_is_told(value, told):
    fields = Fields({"a": value})
    assert fields.mapping("a") == {}
    assert [*fields.left()] == [told]


def test_objects_may_be_texts():
    assert Fields({"a": '{"b": 1}'}).mapping("a") == {"b": 1}


def test_lists_may_be_texts_or_lone():
    fields = Fields({"a": '["x"]', "b": "x", "c": ["x"], "d": "[broken", "e": None})
    assert [fields.values(name) for name in "abcde"] == [["x"], ["x"], ["x"], [], []]


def test_elements_that_are_no_objects_are_told():
    fields = Fields({"a": [{"b": "x"}, 7]})
    assert [each.text("b") for each in fields.each("a")] == ["x"]
    assert [*fields.left()] == ["a (no object)"]


def test_the_rest():
    fields = Fields({"a": "x", "b": False, "c": None, "d": []})
    fields.text("a")
    assert fields.rest() == {"b": False}
    assert [*fields.left()] == []


def test_names_are_told_so_that_no_terminal_obeys_them():
    assert [*Fields({"\x1b[31m": 1, "\ud800": 1, "x" * 100: 1}).left()] == [
        "'\\x1b[31m'",
        "'\\ud800'",
        "x" * 80,
    ]
