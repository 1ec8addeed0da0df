"""What the header ``User-Agent`` tells of a browser and its operating system (RFC 9110 s. 10.1.5)."""

import re

VERSION = r"([0-9][0-9._]{0,19})"
BROWSERS = (
    ("Edge", rf"\bEdg(?:e|A|iOS)?/{VERSION}"),
    ("Opera", rf"\bOPR/{VERSION}"),
    ("Samsung Internet", rf"\bSamsungBrowser/{VERSION}"),
    ("Firefox", rf"\b(?:Firefox|FxiOS)/{VERSION}"),
    ("Chrome", rf"\b(?:Chrome|CriOS)/{VERSION}"),
    ("Safari", rf"\bVersion/{VERSION}[^(]* Safari/"),
)
SYSTEMS = (
    ("Windows", rf"\bWindows NT {VERSION}"),
    ("Android", rf"\bAndroid {VERSION}"),
    ("iOS", rf"\b(?:iPhone|iPad)\b[^)]* OS {VERSION}"),
    ("macOS", rf"\bMac OS X {VERSION}"),
    ("Chrome OS", rf"\bCrOS \w+ {VERSION}"),
    ("Linux", r"\bLinux\b()"),
)


def browser_of(user_agent: str) -> str:
    """Such as ``Chrome 133.0.0.0``; "" for what is no browser that we know."""
    return _first(BROWSERS, user_agent)


def system_of(user_agent: str) -> str:
    """Such as ``macOS 10.15.7``; "" where it is not known."""
    return _first(SYSTEMS, user_agent)


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    for name, pattern in known:
        found = re.search(pattern, user_agent, re.ASCII)
        if found:
            return f"{name} {found[1].replace('_', '.')}".strip()
    return ""
