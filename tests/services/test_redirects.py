"""Browsers are sent to allowed URLs only, whatever is made to look like one."""

import re
from string import printable
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.services.redirects import LONGEST_URL, AllowedRedirects, is_url, with_query

PATTERNS = ["http://localhost:8888/done", "https://*.app.example.test/**"]
ALLOWED = AllowedRedirects(PATTERNS)

# What URLs are made of, and what readers of URLs disagree about.
PIECES = [
    *"/:@?#%\\. \t\r\n;=&[]",
    *["//", "..", "%2f", "%5C", "%2e", "%00", "https:", "evil.test", "a", "a-b", "8443", ".app.example.test"],
    *["\uff0f", "\u3002", "\xa0", "\x00"],
]
SOME_PIECES = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)

DISGUISED = [
    "",
    "done",
    "/done",
    "//localhost:8888/done",
    "localhost:8888/done",
    "http:/localhost:8888/done",
    "http:localhost:8888/done",
    "http:///localhost:8888/done",
    "http://localhost:8888/done2",
    "http://localhost:8888/Done",
    "http://localhost:8888//done",
    "http://localhost:8888/x/../done",
    "http://localhost:8888/done/.",
    "http://localhost:8888/x/%2e%2E/done",
    "http://localhost/done",
    "http://localhost:88888/done",
    "http://localhost:08888/done",
    "http://localhost:+8888/done",
    "http://localhost:8888:80/done",
    "http://localhost:/done",
    "http://localhost:8889/done",
    "https://localhost:8888/done",
    "ftp://localhost:8888/done",
    "javascript://localhost:8888/done",
    "http://localhost.:8888/done",
    "http://localhost.evil.test:8888/done",
    "http://evil.test/http://localhost:8888/done",
    "http://evil.test?http://localhost:8888/done",
    "http://evil.test#http://localhost:8888/done",
    "http://user@localhost:8888/done",
    "http://localhost:8888@evil.test/done",
    "http://localhost:8888\\@evil.test/done",
    "http://localhost:8888\\done",
    "http:\\\\localhost:8888\\done",
    "http://localhost:8888/done\\",
    "http://localhost:8888/done%5c",
    "http://localhost:8888/done%00",
    "http://localhost:8888/done%0d%0aX:1",
    " http://localhost:8888/done",
    "http://localhost:8888/done ",
    "http://localhost:8888/do\tne",
    "http://localhost:8888/done\r\nX: 1",
    "http://localhost:8888/done\n",
    "http://localhost:8888/done?\x00",
    "http://localhost:8888/döne",
    "http://\uff4cocalhost:8888/done",
    "http://lo%63alhost:8888/done",
    "http://[::1]:8888/done",
    "http://127.0.0.1:8888/done",
    "https://app.example.test/x",
    "https://.app.example.test/x",
    "https://a..app.example.test/x",
    "https://a.b.app.example.test/x",
    "https://a.app.example.test.evil.test/x",
    "https://evil.test/.app.example.test/x",
    "https://evil.test\\.app.example.test/x",
    "https://evil.test#.app.example.test/x",
    "https://evil.test?.app.example.test/x",
    "https://evil.test@a.app.example.test/x",
    "https://evil.test%2f.app.example.test/x",
    "https://evil.test%00.app.example.test/x",
    "https://evil\u3002test.app.example.test/x",
    "https://xn--a.app.example.test:444/x",
    "https://[a].app.example.test/x",
    "https://a.app.example.test:8443/x",
    "http://a.app.example.test/x",
    "https://a.app.example.test/\u2028",
    f"https://a.app.example.test/{'x' * LONGEST_URL}",
    f"https://{'a' * 250}.app.example.test/",
]


@pytest.mark.parametrize("url", DISGUISED)
def test_what_only_looks_like_an_allowed_url_is_refused(url: str) -> None:
    assert not ALLOWED.allows(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8888/done",
        "http://localhost:8888/done/",
        "http://localhost:8888/done?next=https://evil.test/",
        "http://localhost:8888/done#/route",
        "HTTP://LocalHost:8888/done",
        "https://a.app.example.test",
        "https://a.app.example.test/",
        "https://a.app.example.test:443/deep/er.html?x=1&x=2#y",
        "https://xn--bcher-kva.app.example.test/a%20b",
    ],
)
def test_allowed_urls_are_allowed(url: str) -> None:
    assert ALLOWED.allows(url)


@given(st.text(printable, max_size=12), st.sampled_from(PATTERNS[:1]), st.integers(0, 30))
def test_nothing_put_into_an_allowed_url_leads_elsewhere(text: str, url: str, place: int) -> None:
    changed = url[:place] + text + url[place:]
    if ALLOWED.allows(changed):
        parts = urlsplit(changed)
        assert (parts.scheme, parts.hostname, parts.port) == ("http", "localhost", 8888)
        assert parts.path in ("/done", "/done/")
        assert parts.username is None


@given(st.just("a") | SOME_PIECES, SOME_PIECES)
def test_no_pieces_of_urls_lead_around_a_wildcard(before: str, behind: str) -> None:
    url = f"https://{before}.app.example.test/{behind}"
    if ALLOWED.allows(url):
        host, _, port = urlsplit(url).netloc.partition(":")
        assert re.fullmatch(r"[a-z0-9-]+\.app\.example\.test", host)
        assert port in ("", "443")
        assert ".." not in unquote(urlsplit(url).path).split("/")


@given(st.lists(st.text(max_size=20), max_size=3), st.text(max_size=40))
def test_no_pattern_and_no_url_break_it(patterns: list[str], url: str) -> None:
    allowed = AllowedRedirects(patterns, sites=patterns)
    assert allowed.allows(url) in (True, False)
    assert allowed.allows_site_of(url) in (True, False)
    assert is_url(url) in (True, False)


def test_a_page_of_the_same_site_may_be_told_of_an_error() -> None:
    for page in ("http://localhost:8888/login?x=1", "https://a.app.example.test/"):
        assert ALLOWED.allows_site_of(page)
    for page in (
        "http://localhost:8889/login",
        "https://localhost:8888/",
        "http://u@localhost:8888/",
        "/login",
        "",
    ):
        assert not ALLOWED.allows_site_of(page)


def test_our_own_pages_may_be_told_of_an_error_and_are_no_redirect() -> None:
    allowed = AllowedRedirects(
        [], sites=["https://example.test", "android:apk-key-hash:x", "http://a.test:81"]
    )
    assert allowed.allows_site_of("https://example.test/login")
    assert allowed.allows_site_of("http://a.test:81/")
    assert not allowed.allows_site_of("http://a.test/")
    assert not allowed.allows("https://example.test/login")


@pytest.mark.parametrize(
    "text", ["http://a", "https://a.test/x?y#z", "app://x", "mailto:a@b.test", "http://ä.test"]
)
def test_urls_are_known_by_their_form(text: str) -> None:
    assert is_url(text)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "/done", "//a.test", "http://", "http:", "1http://a", " http://a"]
)
def test_what_has_no_scheme_and_host_is_no_url(text: str) -> None:
    assert not is_url(text)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "?error=a+b"),
        ("http://a.test", "http://a.test?error=a+b"),
        ("http://a.test/x?", "http://a.test/x?error=a+b"),
        ("http://a.test/x?z=%2f&b", "http://a.test/x?b&error=a+b&z=%2f"),
        ("http://a.test/x?error=old#f?g", "http://a.test/x?error=old&error=a+b#f?g"),
        ("http://a.test/#f", "http://a.test/?error=a+b#f"),
    ],
)
def test_parameters_are_added_to_those_that_are_there(url: str, expected: str) -> None:
    assert with_query(url, error="a b") == expected


@given(
    st.text(max_size=20), st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=3)
)
def test_added_parameters_arrive_whole(value: str, before: dict[str, str]) -> None:
    url = with_query(
        with_query("http://a.test/", **before) if before else "http://a.test/", hanko_token=value
    )
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert ("hanko_token", value) in pairs
    assert set(before.items()) <= set(pairs)
    assert url.isascii()
    assert parse_qs(urlsplit(url).query, keep_blank_values=True).keys() == {*before, "hanko_token"}
