import pytest

from hanko_compat.web.header_lines import join


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ([], []),
        ([("COOKIE", "a=1"), ("HOST", "x")], [("COOKIE", "a=1"), ("HOST", "x")]),
        ([("COOKIE", "a=1"), ("HOST", "x"), ("COOKIE", "b=2")], [("COOKIE", "a=1; b=2"), ("HOST", "x")]),
        ([("COOKIE", "a=1"), ("COOKIE", ""), ("COOKIE", "b=2")], [("COOKIE", "a=1; ; b=2")]),
        (
            [("AUTHORIZATION", "Basic a"), ("AUTHORIZATION", "Bearer b")],
            [("AUTHORIZATION", "Basic a\nBearer b")],
        ),
        ([("ORIGIN", "https://a.test"), ("ORIGIN", "https://b.test")], [("ORIGIN", "https://a.test")]),
        ([("X-REQUEST-ID", "one"), ("X-REQUEST-ID", "two")], [("X-REQUEST-ID", "one")]),
        # Lists stay lists: each proxy adds a line, or to the last one.
        (
            [("X-FORWARDED-FOR", "1"), ("X-FORWARDED-FOR", "2")],
            [("X-FORWARDED-FOR", "1"), ("X-FORWARDED-FOR", "2")],
        ),
    ],
)
def test_lines_of_one_name_become_one_where_that_is_not_a_list(lines, joined):
    assert join(lines) == joined
