"""Names and versions of browsers and systems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.services.user_agents import browser_of, system_of

MOZILLA = "Mozilla/5.0"
SAFARI = "AppleWebKit/537.36 (KHTML, like Gecko)"
KNOWN = [
    (
        f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Chrome/133.0.0.0 Safari/537.36",
        "Chrome 133.0.0.0",
        "macOS 10.15.7",
    ),
    (
        f"{MOZILLA} (Windows NT 10.0; Win64; x64) {SAFARI} Chrome/133.0.0.0 Safari/537.36 Edg/133.0.3065.59",
        "Edge 133.0.3065.59",
        "Windows 10.0",
    ),
    (
        f"{MOZILLA} (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0",
        "Firefox 134.0",
        "Linux",
    ),
    (
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.3 Mobile/15E148 Safari/604.1"
        ),
        "Safari 18.3",
        "iOS 18.3",
    ),
    (
        (
            f"{MOZILLA} (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/119.0.6045.109 Mobile/15E148 Safari/604.1"
        ),
        "Chrome 119.0.6045.109",
        "iOS 17.0",
    ),
    (
        f"{MOZILLA} (Linux; Android 14; SM-S918B) {SAFARI} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile",
        "Samsung Internet 25.0",
        "Android 14",
    ),
    (
        f"{MOZILLA} (X11; CrOS x86_64 14541.0.0) {SAFARI} Chrome/133.0.0.0 Safari/537.36 OPR/117.0.0.0",
        "Opera 117.0.0.0",
        "Chrome OS 14541.0.0",
    ),
    ("OpenAPI-Generator/1.0.0/python", "", ""),
    ("axios/1.7.9", "", ""),
    ("", "", ""),
]


@pytest.mark.parametrize(("user_agent", "browser", "system"), KNOWN)
def test_known_ones(user_agent, browser, system):
    assert (browser_of(user_agent), system_of(user_agent)) == (browser, system)


@given(st.text(max_size=255))
def test_anything_may_be_sent(user_agent):
    assert len(browser_of(user_agent)) + len(system_of(user_agent)) < 80
