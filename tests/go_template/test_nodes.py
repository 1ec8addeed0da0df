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


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ $n := .text }}{{ $n }}{{ $n | print | len }}", "x1"),
        ("{{ $s := .struct }}{{ $s.Known }}", "1"),
        ('{{ $c := .call }}{{ $c "ab" }}', "abab"),
        ("{{ range $item := .list }}<{{ $item }}>{{ end }}", "<1><2><3>"),
        ("{{ range $i, $item := .list }}{{ $i }}{{ $item }},{{ end }}", "01,12,23,"),
        ("{{ range $key, $item := .map }}{{ $key }}{{ $item }}{{ end }}", "a1b2"),
        ("{{ range $item := .empty }}{{ $item }}{{ else }}none{{ end }}", "none"),
        ("{{ with $s := .struct }}{{ $s.Known }}{{ .Known }}{{ end }}", "11"),
        ("{{ if $t := .text }}{{ $t }}{{ else }}none{{ end }}", "x"),
        ("{{ if false }}{{ else if $t := .text }}{{ $t }}{{ end }}", "x"),
        ("{{ $n := 1 }}{{ if true }}{{ $n = 2 }}{{ $n := 3 }}{{ end }}{{ $n }}", "2"),
        ('{{ $all := "" }}{{ range .list }}{{ $all = print $all . }}{{ end }}{{ $all }}', "123"),
    ],
)
def test_variables(source, text):
    assert render(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ $n }}",
        "{{ $n = 1 }}",
        "{{ $n := $n }}",
        "{{ $a, $b := .list }}",
        "{{ .text := 1 }}",
        "{{ $s.Known := 1 }}",
        "{{ $n := }}",
        "{{ := 1 }}",
        "{{ 1, 2 }}",
        "{{ if true }}{{ $n := 1 }}{{ end }}{{ $n }}",
        "{{ if $n := 1 }}{{ end }}{{ $n }}",
        "{{ if $a, $b := 1 }}{{ end }}",
        "{{ range $a, $b, $c := .list }}{{ end }}",
        "{{ range $a = .list }}{{ end }}",
    ],
)
def test_what_is_no_variable(source):
    with pytest.raises(ClaimTemplateInvalid):
        parse(source)
