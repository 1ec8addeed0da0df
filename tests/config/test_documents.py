"""YAML as Hanko reads it, and clear words about what is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.config.documents import parse, read
from hanko_compat.config.scalars import PlainScalar
from hanko_compat.errors.config import ConfigError

# The place, and what is wrong there.
BROKEN = [
    ("a: b: c", ", line 1, column 5: Broken YAML: mapping values are not allowed here."),
    ("a: 1\nb: [1, 2\n", ", line 3, column 1: Broken YAML: expected ..."),
    ("a: 1\nb:\n  c: 1\n  c: 2\n", ", line 4, column 3: Broken YAML: a key stands twice."),
    ("a: 1\nb: 2\n'a': 3\n", ", line 3, column 1: Broken YAML: a key stands twice."),
    ("a:\n\tb: hunter2\n", ", line 2, column 1: Broken YAML: a tab; indent with blanks."),
    ("a:\r\n  b: 1\r\n  \tc: 2\r\n", ", line 3, column 3: Broken YAML: a tab; indent with blanks."),
    ("a: 1\nb:\n-\thunter2\n", ", line 3, column 2: Broken YAML: a tab; use blanks."),
    ("password: %hunter2", ", line 1, column 11: Broken YAML: found character ..."),
    ("password: *hunter2", ", line 1, column 11: Broken YAML: found undefined alias ..."),
    (
        "password: !hunter2 x",
        ", line 1, column 11: Broken YAML: could not determine a constructor for the tag ...",
    ),
    ("a: !!python/object:os.system {}", ", line 1, column 4: Broken YAML: could not determine a constructor"),
    ("? [a]\n: 1", ", line 1, column 3: Broken YAML: found unhashable key."),
    ("a: &b [*b]", ", line 1, column 4: Broken YAML: found unconstructable recursive node"),
    ("a: &b {c: *b}", ", line 1, column 4: Broken YAML: found unconstructable recursive node"),
    ("a: 1\n--- \nb: 2", ", line 2, column 1: Broken YAML: but found another document"),
    ("---\n---\nb: 2", ", line 2, column 1: Broken YAML: but found another document"),
    ("a: 1\nb: \x07", ", line 2: Broken YAML: a character that can't be read."),
    ("a: !!int x", ": Broken YAML: it holds values that can't be read."),
    ("[" * 5000, ": Broken YAML: it is nested too deeply."),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_broken_yaml_is_refused_with_its_line_and_none_of_its_text(text, message):
    with pytest.raises(ConfigError) as caught:
        parse(text, source="auth.yaml")
    assert str(caught.value).startswith(f"auth.yaml{message.rstrip('.')}")
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
    assert type(parse(text)) in {type(value), PlainScalar}


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_yaml_or_a_config_error(text):
    try:
        value = parse(text)
    except ConfigError as error:
        value = error
    assert not isinstance(value, ConfigError) or value.problems[0].message.startswith("Broken YAML")


@pytest.mark.parametrize(("text", "line"), [("- a\n- b\n", 1), ("# users\n\nhello", 3), ("---\n5", 2)])
def test_a_file_must_hold_a_mapping(tmp_path, text, line):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert str(caught.value) == f"{file}, line {line}: Must be a mapping of keys."


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / "config.yaml")
    assert str(caught.value) == f"{tmp_path}/config.yaml: Can't be read: No such file or directory."


def test_a_file_that_is_not_in_utf_8(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_bytes(b"a: 1\nb: \xff")
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert str(caught.value) == f"{file}, line 2: Not in UTF-8."


@pytest.mark.parametrize(
    "text", ["a: 1\n---\n", "---\na: 1\n...\n", "a: 1\n---\n# nothing\n---\n", "a: 1\n---\n~\n"]
)
def test_empty_documents_may_follow(text):
    assert parse(text) == {"a": 1}


def test_an_anchor_may_be_set_again():
    assert parse("a: &x 1\nb: *x\nc: &x {d: 2}\ne: *x") == {"a": 1, "b": 1, "c": {"d": 2}, "e": {"d": 2}}


@pytest.mark.parametrize(
    "text", ["a:\t1", "a: 1\t", "a: 1\t# c\n", "{a:\t1\t}", "a: &x\t1\t\n", "# c\t\na: 1\n", "{\n\ta: 1\n}"]
)
def test_a_tab_behind_something_is_a_blank(text):
    assert parse(text) == {"a": 1}
