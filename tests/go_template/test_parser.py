import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template import Lookup, Struct, parse
from hanko_compat.go_template.parser import MAX_DEPTH

USER = Struct({"User": Struct({"Name": "Ann", "Data": Lookup(str.upper, {"a": {"b": "deep"}})})})


def render(source, data=USER):
    return parse(source).render(data)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{{ .User.Name }}", "Ann"),
        ("{{.User.Name}}", "Ann"),
        ("{{ $.User.Name }}", "Ann"),
        ("<{{ .User.Name }}>", "<Ann>"),
        ('{{ .User.Data "x" }}', "X"),
        ('{{ "x" | .User.Data }}', "X"),
        ("{{ .User.Data.a.b }}", "deep"),
        ('{{ "a\\"\\u00e4" }}', 'a"ä'),
        ("{{ `a\\b` }}", "a\\b"),
        ("{{ 3 }}{{ -1.5 }}{{ true }}", "3-1.5true"),
        ('{{ printf "%s!" (print .User.Name "a") }}', "Anna!"),
        ("{{ if true }}a{{ end }}b", "ab"),
        ("{{ if false }}a{{ else }}b{{ end }}", "b"),
        ("{{ if false }}a{{ else if true }}b{{ else }}c{{ end }}", "b"),
        ("{{ if false }}a{{ else if false }}b{{ else }}c{{ end }}d", "cd"),
        ("{{ if false }}a{{ else if false }}b{{ else if true }}c{{ end }}d", "cd"),
        ("{{ if true }}{{ if false }}a{{ else }}b{{ end }}c{{ else }}d{{ end }}", "bc"),
        ("{{ with .User }}{{ .Name }}{{ $.User.Name }}{{ end }}", "AnnAnn"),
        ('{{ with "" }}a{{ else with "b" }}{{ . }}{{ end }}', "b"),
        ("{{ range .User.Data.list }}x{{ else }}none{{ end }}", "none"),
    ],
)
def test_render(source, text):
    assert render(source) == text


def test_a_template_renders_again_with_other_data():
    template = parse("{{ .a }}")
    assert [template.render({"a": 1}), template.render({"a": 2})] == ["1", "2"]


@pytest.mark.parametrize(
    "source",
    [
        "{{}}",
        "{{ | print }}",
        "{{ print | }}",
        "{{ (print }}",
        "{{ print) }}",
        "{{ () }}",
        "{{ unknown }}",
        "{{ if true }}",
        "{{ if }}{{ end }}",
        "{{ end }}",
        "{{ else }}",
        "{{ if true }}{{ else }}{{ else }}{{ end }}",
        "{{ if true }}{{ else with 1 }}{{ end }}",
        "{{ if true }}{{ else print }}{{ end }}",
        "{{ range .a }}{{ else range .b }}{{ end }}",
        "{{ if true }}{{ end 1 }}",
        "{{ define `a` }}{{ end }}",
        "{{ template `a` }}",
        "{{ block `a` . }}{{ end }}",
        "{{ break }}",
        '{{ "\\q" }}',
        "{{ " + "9" * 5000 + " }}",
        "{{ " + "(" * (MAX_DEPTH + 5) + "1" + ")" * (MAX_DEPTH + 5) + " }}",
        "{{ if true }}" * (MAX_DEPTH + 5) + "{{ end }}" * (MAX_DEPTH + 5),
        "{{ if true }}" + "{{ else if true }}" * 2000 + "{{ end }}",
    ],
    ids=range(25),
)
def test_what_is_no_template(source):
    with pytest.raises(ClaimTemplateInvalid):
        parse(source)


WORDS = """{{ }} {{- -}} if else end range with .User .Name .Data eq and printf "%d" `a` 1 | ( ) $ . nil index
len /* */"""
PIECES = st.sampled_from([" ", *WORDS.split()])


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=50))
def test_any_text_raises_nothing_but_its_error(source):
    try:
        text = render(source)
    except ClaimTemplateInvalid:
        return
    assert isinstance(text, str)


@given(st.text().filter(lambda text: "{{" not in text))
def test_text_without_an_action_stays_as_it_is(text):
    assert render(text) == text


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ("1e3", "1000"), ("1.5E-1", "0.15"), (".5", "0.5"), ("-.5", "-0.5"), ("1.", "1"), ("0x1F", "31"),
        ("0b101", "5"), ("0o17", "15"), ("017", "15"), ("1_000", "1000"), ("-0x10", "-16"), ("0", "0"),
    ],
)  # fmt: skip
def test_numbers_as_go_writes_them(literal, text):
    assert parse(f"{{{{ {literal} }}}}").render(None) == text


@pytest.mark.parametrize("literal", ["09", "0x", "0b_", "1e999999999", "9" * 5000])
def test_numbers_that_are_none(literal):
    with pytest.raises(ClaimTemplateInvalid):
        parse(f"{{{{ {literal} }}}}").render(None)
