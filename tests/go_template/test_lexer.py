import pytest

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template.lexer import Action, Text, lex


def shown(source):
    """The pieces of *source*: texts as they are, actions as lists of (kind, text)."""
    return [
        piece.text if isinstance(piece, Text) else [(token.kind, token.text) for token in piece.tokens]
        for piece in lex(source)
        if not (isinstance(piece, Text) and not piece.text)
    ]


def test_text_without_an_action():
    assert shown("a } b {") == ["a } b {"]


def test_every_kind_of_token():
    [tokens] = shown('{{if .A.B $.C $ . "}}" `raw` -1.5 | eq (x)}}')
    assert tokens == [
        ("word", "if"),
        ("field", ".A.B"),
        ("field", "$.C"),
        ("root", "$"),
        ("dot", "."),
        ("string", '"}}"'),
        ("raw", "`raw`"),
        ("number", "-1.5"),
        ("mark", "|"),
        ("word", "eq"),
        ("mark", "("),
        ("word", "x"),
        ("mark", ")"),
    ]


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("a {{x}} b", ["a ", [("word", "x")], " b"]),
        ("a {{- x}} b", ["a", [("word", "x")], " b"]),
        ("a {{x -}} b", ["a ", [("word", "x")], "b"]),
        ("a \n\t{{- x -}}\n b", ["a", [("word", "x")], "b"]),
        ("a {{- x -}} {{- y -}} b", ["a", [("word", "x")], [("word", "y")], "b"]),
        ("a {{/* {{x}} */}} b", ["a ", " b"]),
        ("a {{- /* x */ -}} b", ["a", "b"]),
        ("{{-1}}", [[("number", "-1")]]),
    ],
)
def test_trim_markers_and_comments(source, pieces):
    assert shown(source) == pieces


@pytest.mark.parametrize(
    "source", ["{{", "{{x", "{{x}", '{{"x}}', "{{'x'}}", "{{x ; y}}", "{{:}}", "{{/* x }}"]
)
def test_what_can_not_be_read(source):
    with pytest.raises(ClaimTemplateInvalid):
        list(lex(source))


def test_actions_and_texts_alternate():
    assert [type(piece) for piece in lex("{{x}}{{y}}")] == [Text, Action, Text, Action, Text]
