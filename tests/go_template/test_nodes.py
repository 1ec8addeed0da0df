import pytest

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template import Lookup, Struct, parse

DATA = {
    "none": None,
    "list": [1, 2, 3],
    "empty": [],
    "map": {"b": "2", "a": "1"},
    "text": "x",
    "struct": Struct({"Known": 1}),
    "call": Lookup(lambda path: path * 2, {}),
}


def render(source):
    return parse(source).render(DATA)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ range .list }}<{{ . }}>{{ end }}", "<1><2><3>"),
        ("{{ range .map }}{{ . }}{{ end }}", "12"),
        ("{{ range .empty }}x{{ else }}none{{ end }}", "none"),
        ("{{ with .none }}x{{ else }}nil{{ end }}", "nil"),
        ("{{ if .struct }}there{{ end }}", "there"),
        ("{{ if and .text .list }}both{{ end }}", "both"),
        ("{{ and .empty .struct.Nothing }}", "[]"),
        ("{{ or .text .struct.Nothing }}", "x"),
        ("{{ or .empty .none }}", ""),
        ("{{ .text | print | len }}", "1"),
        ('{{ .call "ab" }}', "abab"),
        ("{{ .missing }}", ""),
    ],
)
def test_render(source, text):
    assert render(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ .struct.Nothing }}",
        "{{ .none.a }}",
        "{{ .text.a }}",
        "{{ .text 1 }}",
        "{{ 1 | .text }}",
        "{{ .call }}",
        "{{ .call 1 }}",
        '{{ .call "a" "b" }}',
        "{{ range .text }}{{ end }}",
        "{{ and }}",
        "{{ . }}",
    ],
)
def test_what_fails(source):
    with pytest.raises(ClaimTemplateInvalid):
        render(source)
