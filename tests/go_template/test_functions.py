import pytest

from hanko_compat.errors.sessions import ClaimTemplateInvalid
from hanko_compat.go_template.functions import call


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("eq", [1, 1.0], True),
        ("eq", ["a", "b", "a"], True),
        ("eq", ["a", "b", "c"], False),
        ("eq", [None, "a"], False),
        ("eq", [None, None], True),
        ("eq", [True, True], True),
        ("ne", ["a", "b"], True),
        ("lt", [1, 2], True),
        ("le", ["a", "a"], True),
        ("gt", [1, 2], False),
        ("ge", [2, 2], True),
        ("not", [[]], True),
        ("not", ["x"], False),
        ("len", ["ä"], 2),
        ("len", [[1, 2]], 2),
        ("index", [{"a": [5, 6]}, "a", 1], 6),
        ("index", [{"a": 1}, "b"], None),
        ("print", ["a", 1, 2, "b", True, None], "a1 2btrue "),
        ("printf", ["%s %v %d %q %t %5.1f %%", "a", 2.0, 3, 'x"', True, 1.25], 'a 2 3 "x\\"" true   1.2 %'),
        ("printf", ["%04d", 7], "0007"),
        ("println", ["a", 1, "b"], "a 1 b\n"),
        ("html", ['<a href="x">\'&'], "&lt;a href=&#34;x&#34;&gt;&#39;&amp;"),
        ("js", ['it\'s <b>="&"\n\\é'], r"it\'s \u003Cb\u003E\u003D\"\u0026\"\u000A\\é"),
        ("urlquery", ["a b&c/~", 1], "a+b%26c%2F~1"),
        ("slice", ["häuser", 3, 5], "us"),
        ("slice", ["text", 2], "xt"),
        ("slice", ["text"], "text"),
        ("slice", [[1, 2, 3], 1, 2], [2]),
    ],
)
def test_call(name, arguments, value):
    assert call(name, arguments) == value


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("eq", []),
        ("eq", [1]),
        ("eq", [1, "1"]),
        ("eq", [True, 1]),
        ("eq", [[], []]),
        ("ne", [1]),
        ("lt", [1, "a"]),
        ("lt", [True, False]),
        ("len", [1]),
        ("index", [[1], 1]),
        ("index", [[1], -1]),
        ("index", [[1], True]),
        ("index", ["text", 0]),
        ("print", [{"a"}]),
        ("slice", ["text", 3, 2]),
        ("slice", ["text", 0, 5]),
        ("slice", ["text", -1]),
        ("slice", ["text", True]),
        ("slice", ["häuser", 2]),
        ("slice", [5, 1]),
        ("slice", ["text", 0, 1, 1]),
        ("printf", []),
        ("printf", [1]),
        ("printf", ["%s"]),
        ("printf", ["%s", 1, 2]),
        ("printf", ["%x", 1]),
        ("printf", ["100%", 1]),
        ("printf", ["%d", "1"]),
        ("printf", ["%9999999s", "x"]),
        ("not", [1, 2]),
    ],
)
def test_wrong_arguments(name, arguments):
    with pytest.raises(ClaimTemplateInvalid):
        call(name, arguments)
