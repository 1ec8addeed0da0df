"""Which origins a list matches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.web.origins import Origins

LIST = ("https://one.example.test", "https://two.example.test:8443", "https://*.wild.example.test")


@pytest.mark.parametrize(
    ("origin", "is_listed"),
    [
        ("https://one.example.test", True),
        ("https://two.example.test:8443", True),
        ("https://a.wild.example.test", True),
        ("https://a.b.wild.example.test", True),
        ("https://two.example.test", False),
        ("http://one.example.test", False),
        ("https://one.example.test:443", False),
        ("https://one.example.test.evil.test", False),
        ("https://evil-one.example.test", False),
        ("https://oneXexample.test", False),
        ("HTTPS://ONE.EXAMPLE.TEST", False),
        ("https://wild.example.test", False),
        ("https://.wild.example.test", False),
        ("https://a-wild.example.test", False),
        ("http://a.wild.example.test", False),
        ("https://a.wild.example.test:8443", False),
        ("https://a.wild.example.test.evil.test", False),
        ("https://a.wildXexample.test", False),
        ("https://evil.test/.wild.example.test", False),
        ("https://evil.test@a.wild.example.test", False),
        ("https://evil.test:80.wild.example.test", False),
        ("https://evil.test#.wild.example.test", False),
        ("https://evil.test\\.wild.example.test", False),
        ("https://a.wild.example.test\n", False),
        ("https://\u00e4.wild.example.test", False),
        ("https://" + "a" * 600 + ".wild.example.test", False),
        ("null", False),
        ("", False),
        ("*", False),
    ],
)
def test_exact_origins_and_patterns(origin, is_listed):
    assert Origins(LIST).match(origin) is is_listed


@pytest.mark.parametrize(
    ("pattern", "origin", "is_listed"),
    [
        ("http://localhost:*", "http://localhost:3000", True),
        ("http://localhost:*", "http://localhost", False),
        ("https://app-?.example.test", "https://app-1.example.test", True),
        ("https://app-?.example.test", "https://app-12.example.test", False),
        ("https://app-?.example.test", "https://app-:.example.test", False),
        ("*://example.test", "http://example.test", True),
        ("chrome-extension://abc", "chrome-extension://abc", True),
        ("chrome-extension://abc", "chrome-extension://abcd", False),
        ("moz-extension://0c2e-*", "moz-extension://0c2e-a1", True),
        ("tauri://localhost", "tauri://localhost", True),
        ("tauri://localhost", "http://localhost", False),
        ("https://a.test/app", "https://a.test", False),
        ("https://*.a.test/*", "https://b.a.test", False),
        ("*.a.test", "https://b.a.test", False),
        ("", "", False),
        ("https://a+.example.test", "https://aa.example.test", False),
        ("https://(a|b).example.test", "https://a.example.test", False),
    ],
)
def test_wildcards_stand_for_characters_of_hosts_and_nothing_is_a_regular_expression(
    pattern, origin, is_listed
):
    assert Origins([pattern]).match(origin) is is_listed


@pytest.mark.parametrize("origin", ["https://anything.test", "http://localhost:1", "app://phone"])
def test_a_lone_asterisk_counts_only_where_that_is_declared_to_be_wanted(origin):
    assert Origins(["*"], allow_any=True).match(origin)
    assert not Origins(["*"]).match(origin)


@pytest.mark.parametrize("patterns", [["*"], ["null"], ["*://*"], ["n*"]])
def test_null_is_nobody(patterns):
    assert not Origins(patterns, allow_any=True).match("null")


def test_an_empty_list_matches_nothing():
    assert not Origins([]).match("https://one.example.test")
    assert not Origins([]).match("")


@given(st.text())
def test_what_a_pattern_matches_always_ends_in_its_domain(text):
    origin = f"https://{text}"
    if Origins(["https://*.example.test"]).match(origin):
        assert origin.endswith(".example.test")
        assert not set(text) & set("/@:?#\\ ")
