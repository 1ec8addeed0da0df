"""YAML as Hanko reads it, and clear words about what is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.config.documents import parse, read
from hanko_compat.errors.config import ConfigError

BROKEN = [
    ("a: b: c", "at line 1, column 5: mapping values are not allowed here."),
    ("a: 1\nb: [1, 2\n", "at line 3, column 1: expected ..."),
    ("a: 1\nb:\n  c: 1\n  c: 2\n", "at line 4, column 3: a key stands twice."),
    ("a: 1\nb: 2\n'a': 3\n", "at line 3, column 1: a key stands twice."),
    ("password: %hunter2", "at line 1, column 11: found character ..."),
    ("password: *hunter2", "at line 1, column 11: found undefined alias ..."),
    ("password: !hunter2 x", "at line 1, column 11: could not determine a constructor for the tag ..."),
    ("a: !!python/object:os.system {}", "could not determine a constructor"),
    ("? [a]\n: 1", "found unhashable key."),
    ("a: &b [*b]", "found unconstructable recursive node"),
    ("a: &b {c: *b}", "found unconstructable recursive node"),
    ("a: 1\n--- \nb: 2", "but found another document"),
    ("a: \x07", "characters or values that can't be read"),
    ("a: !!int x", "characters or values that can't be read"),
    ("[" * 5000, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_broken_yaml_is_refused_with_its_line_and_none_of_its_text(text, message):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert message.rstrip(".") in str(caught.value)
    assert str(caught.value).startswith("Broken YAML")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("012", "012"),
        ("12", 12),
        ("-1_000", -1000),
        ("0x1f", 31),
        ("1.5", 1.5),
        ("2024-01-31", "2024-01-31"),
        ("12h", "12h"),
        ("~", None),
        ("{a: &x {b: 1}, c: {<<: *x, d: 2}, e: *x}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}, "e": {"b": 1}}),
    ],
)
def test_values_are_what_they_look_like(text, value):
    assert parse(text) == value
    assert type(parse(text)) is type(value)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_yaml_or_a_config_error(text):
    try:
        value = parse(text)
    except ConfigError as error:
        value = error
    assert not isinstance(value, ConfigError) or value.problems[0].message.startswith("Broken YAML")


@pytest.mark.parametrize("text", ["- a\n- b\n", "hello", "5"])
def test_a_file_must_hold_a_mapping(tmp_path, text):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml must hold a mapping of keys at line 1"):
        read(file)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"Can't read .*config\.yaml: No such file or directory"):
        read(tmp_path / "config.yaml")


def test_a_file_that_is_not_in_utf_8(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_bytes(b"a: \xff")
    with pytest.raises(ConfigError, match="it is not in UTF-8"):
        read(file)
