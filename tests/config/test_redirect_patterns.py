"""The language of patterns for redirects."""

import re

import pytest

from hanko_compat.config.redirect_patterns import lets_strangers_in, parse
from hanko_compat.errors.config import PatternMalformed
from hanko_compat.services.redirects import AllowedRedirects


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        (
            "https://a.test/x",
            ["https://a.test/x"],
            ["https://a.test/xy", "https://a.test/X", "https://b.test/x"],
        ),
        (
            "https://a.test/*",
            ["https://a.test/x", "https://a.test/"],
            ["https://a.test/x/y", "https://a.test/x.html"],
        ),
        (
            "https://a.test/**",
            ["https://a.test/x/y.html", "https://a.test/", "https://a.test"],
            ["https://b.test/"],
        ),
        (
            "https://a.test/x?",
            ["https://a.test/xy"],
            ["https://a.test/x", "https://a.test/x.", "https://a.test/xyz"],
        ),
        (
            "https://a.test/[a-cx]",
            ["https://a.test/b", "https://a.test/x"],
            ["https://a.test/d", "https://a.test/-"],
        ),
        ("https://a.test/[!a-c]", ["https://a.test/d"], ["https://a.test/b", "https://a.test/."]),
        ("https://a.test/[\\]\\-a]", ["https://a.test/-", "https://a.test/]"], ["https://a.test/b"]),
        ("https://a.test/\\*", ["https://a.test/*"], ["https://a.test/x"]),
        ("https://{a,b}.test/x", ["https://a.test/x", "https://b.test/x"], ["https://c.test/x"]),
        ("https://a.test/{,x/{y,z}}", ["https://a.test/", "https://a.test/x/z"], ["https://a.test/x"]),
        ("http{,s}://a.test/x", ["http://a.test/x", "https://a.test/x"], ["ftp://a.test/x"]),
        ("https://*.a.test/x", ["https://b.a.test/x"], ["https://a.test/x", "https://c.b.a.test/x"]),
        ("https://**.a.test/x", ["https://c.b.a.test/x"], ["https://a.test/x", "https://b.test/a.test/x"]),
        ("https://A.Test/x", ["https://a.test/x", "HTTPS://a.TEST/x"], ["https://a.test/X"]),
        ("http://localhost:*/x", ["http://localhost:1234/x"], ["http://localhost/y", "http://localhost:1/y"]),
        ("http://localhost:[3-5]000/x", ["http://localhost:4000/x"], ["http://localhost:6000/x"]),
        ("http://localhost/x", ["http://localhost/x", "http://localhost:80/x"], ["http://localhost:8080/x"]),
        (
            "my.app://callback",
            ["my.app://callback", "my.app://callback/"],
            ["my.app://other", "my.app://callback:1"],
        ),
        ("*://a.test/x", ["http://a.test/x", "https://a.test/x"], ["ftp://a.test/x", "app://a.test/x"]),
        ("https://a.test", ["https://a.test", "https://a.test/", "https://a.test?x=1"], ["https://a.test/x"]),
    ],
)
def test_patterns_match_as_described(pattern: str, matching: list[str], others: list[str]) -> None:
    allowed = AllowedRedirects([pattern])
    assert [url for url in matching if not allowed.allows(url)] == []
    assert [url for url in others if allowed.allows(url)] == []


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("https://a.test/x?y=*", ["https://a.test/x?y=1"], ["https://a.test/x?z=1", "https://a.test/z?y=1"]),
        ("https://a.test/x\\?y=1", ["https://a.test/x?y=1"], ["https://a.test/x?y=2", "https://a.test/x"]),
        ("https://a.test/**/x", ["https://a.test/b/x"], ["https://a.test/b?c=/x", "https://a.test/b#/x"]),
    ],
)
def test_a_query_is_compared_by_itself(pattern: str, matching: list[str], others: list[str]) -> None:
    allowed = AllowedRedirects([pattern])
    assert [url for url in matching if not allowed.allows(url)] == []
    assert [url for url in others if allowed.allows(url)] == []


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        (
            "https://a.test/app#/in",
            ["https://a.test/app#/in", "https://a.test/app?x=1#/in"],
            ["https://a.test/app", "https://a.test/app#/out", "https://a.test/app/in", "https://a.test/#/in"],
        ),
        ("https://a.test#/*", ["https://a.test#/x", "https://a.test/#/x"], ["https://a.test/x"]),
        ("https://a.test/**#in", ["https://a.test/x/y#in"], ["https://a.test/x", "https://b.test/#in"]),
        (
            "https://a.test/x?y=1#in",
            ["https://a.test/x?y=1#in"],
            ["https://a.test/x?y=1", "https://a.test/x#in"],
        ),
        ("https://a.test/x", ["https://a.test/x", "https://a.test/x#in"], ["https://a.test/#/x"]),
    ],
)
def test_a_fragment_is_compared_by_itself(pattern: str, matching: list[str], others: list[str]) -> None:
    allowed = AllowedRedirects([pattern])
    assert [url for url in matching if not allowed.allows(url)] == []
    assert [url for url in others if allowed.allows(url)] == []


@pytest.mark.parametrize(
    ("pattern", "others"),
    [
        ("https://a.test**", ["https://a.test.evil.test/", "https://a.tested/", "https://a.test:1/"]),
        ("https://a.test*", ["https://a.test.evil.test/", "https://a.test:1/", "https://a.test/x"]),
        ("https://**.a.test/**", ["https://evil.test/.a.test/", "https://evil.test:1/.a.test/"]),
        ("https://a.*/x", ["https://a.b.test/x", "https://a.b:1/x"]),
        ("http**://a.test/x", ["http://evil.test/http://a.test/x"]),
        ("https://a.test:**/x", ["https://a.test:1/y/x"]),
    ],
)
def test_no_wildcard_reaches_across_a_boundary(pattern: str, others: list[str]) -> None:
    assert [url for url in others if AllowedRedirects([pattern]).allows(url)] == []


def test_two_asterisks_behind_a_host_mean_its_paths() -> None:
    allowed = AllowedRedirects(["https://a.test**", "https://b.**"])
    assert allowed.allows("https://a.test/x/y")
    assert allowed.allows("https://b.any.test/x")


EVERYWHERE = ("https://**", "https://**/x", "https://*.*/x", "http*://{a,**}", "https://*.test/x")
SHARED = (
    "https://*.com/**",
    "https://*.vercel.app/**",
    "https://*.netlify.app",
    "https://{a.b,*.github.io}/",
)


def test_patterns_that_sites_of_strangers_fit_are_known() -> None:
    for pattern in (*EVERYWHERE, *SHARED):
        assert lets_strangers_in(pattern)
    for pattern in ("https://*.example.com/**", "http://localhost:*", "https://**.a.test", "https://[", ""):
        assert not lets_strangers_in(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "**",
        "/done",
        "a.test/x",
        "://a.test",
        "https://",
        "https:///x",
        "https://:80/x",
        "https://a.test/[",
        "https://a.test/[]",
        "https://a.test/[!]",
        "https://a.test/[a",
        "https://a.test/[b-a]",
        "https://a.test/{a",
        "https://a.test/{a,b",
        "https://a.test/{a]}",
        "https://a.test/a}",
        "https://a.test/a]",
        "https://a.test/\\",
        "https://" + "{a,b}" * 11 + ".test",
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternMalformed, match=re.compile(r"\w+")):
        parse(pattern)
