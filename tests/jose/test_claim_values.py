import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.jose.claim_values import numeric_date, of_text, of_yaml, single_text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("true\n", True),
        ("True", "True"),
        ("[]", []),
        ('{"a": [true, null, "b"]}', {"a": [True, None, "b"]}),
        ("[1, 2.50, 3.0, 12345678901234567890]", [1, 2.5, 3, 12345678901234567890]),
        ("[read, write]", "[read, write]"),
        ("{role}", "{role}"),
        ("[NaN]", "[NaN]"),
        ("[1e999]", "[1e999]"),
        ('{"a": 1} x', '{"a": 1} x'),
        ("[" * 5000, "[" * 5000),
        ("[" * 100 + "]" * 100, "[" * 100 + "]" * 100),
    ],
)
def test_a_text_that_is_json_or_a_boolean_is_typed(text, value):
    found = of_text(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime.date(2026, 1, 2), "2026-01-02T00:00:00Z"),
        (datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), "2026-01-02T03:04:05Z"),
        (datetime.datetime(2026, 1, 2, 3, 4, 5, 120000, tzinfo=datetime.UTC), "2026-01-02T03:04:05.12Z"),
        (
            datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            "2026-01-02T03:04:00+02:00",
        ),
        (3.0, 3),
        (1e3, 1000),
        (-1.5, -1.5),
    ],
)
def test_what_yaml_has_is_written_as_go_writes_it(value, written):
    found = of_yaml(value)
    assert (found, type(found)) == (written, type(written))


@pytest.mark.parametrize("value", [float("inf"), float("nan"), b"bytes", {1}])
def test_what_json_does_not_have(value):
    with pytest.raises(ClaimTemplateInvalid):
        of_yaml(value)


@given(st.text(alphabet='[]{}":,0123.eE-tru \\n', max_size=20))
def test_any_text_stays_text_or_becomes_what_json_has(text):
    assert isinstance(of_text(text), str | bool | dict | list)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1700000000, 1700000000),
        (1.5, 1.5),
        ("1700000000", 1700000000),
        ("1.5", 1.5),
        (datetime.date(2026, 1, 2), 1767312000),
        (datetime.datetime(2026, 1, 2, 1, tzinfo=datetime.UTC), 1767315600),
    ],
)
def test_numeric_date(value, seconds):
    assert numeric_date(value) == seconds


@pytest.mark.parametrize("value", [True, None, "soon", "1e3", "9" * 30, [1]])
def test_no_numeric_date(value):
    with pytest.raises(ClaimTemplateInvalid):
        numeric_date(value)


@pytest.mark.parametrize("value", [5, None, ["a"]])
def test_no_single_text(value):
    assert single_text("a") == "a"
    with pytest.raises(ClaimTemplateInvalid):
        single_text(value)
