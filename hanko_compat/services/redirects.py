"""Where browsers may be sent, and with what in the query.

A URL is taken apart first; scheme, host, port and path are compared each by itself. What readers of URLs
disagree about is refused: user information, control characters, blanks, backslashes, hosts that are not
plain names.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus, urlencode

from hanko_compat.config.origins import WEB_PORTS
from hanko_compat.config.redirect_patterns import RedirectPattern, parse
from hanko_compat.errors.config import PatternMalformed

LONGEST_URL = 2048  # characters: the state, which holds it, has to fit into a cookie
LONGEST_HOST = 253  # characters (RFC 1035 s. 3.1)
LARGEST_PORT = 65535

# Browsers run or read what follows these themselves.
LOCAL_SCHEMES = frozenset(
    {"about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"}
)

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*"
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_URL = re.compile(
    rf"(?P<scheme>{_SCHEME})://(?P<host>[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{{1,5}}))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?"
)
# Printable ASCII without what no URL holds (RFC 3986 s. 2).
_CHARACTERS = re.compile(r"[!#-;=?-\[\]^_a-~]*")
_HARMFUL_IN_PATH = re.compile(r"[\x00-\x20\x7f\\]")
# For what it is to be refused: as something that is no URL at all, or as one that is not allowed.
_AS_WRITTEN = re.compile(rf"{_SCHEME}:(?://[^\s/?#\\]+|[^/\s])[^\x00-\x1f\x7f]*")


class _Url(NamedTuple):
    """The parts of a URL that are compared; ``port`` as text, "" for none where the scheme has none."""

    scheme: str
    host: str
    port: str
    path: str
    query: str | None
    fragment: str


class AllowedRedirects:
    """The URLs that browsers may be sent to. Threads may share it."""

    def __init__(self, patterns: Iterable[str], *, sites: Iterable[str] = ()) -> None:
        """*patterns* are as `hanko_compat.config.redirect_patterns` reads them; what is none allows nothing.

        *sites* are origins that errors may be shown at, too: our own pages.
        """
        self._patterns = tuple(_read(patterns))
        self._sites = frozenset(_site(url) for site in sites if (url := _take_apart(site)))

    def allows(self, url: str) -> bool:
        """Whether a browser may be sent to *url*."""
        parts = _take_apart(url)
        return parts is not None and any(_matches(pattern, parts) for pattern in self._patterns)

    def allows_site_of(self, url: str) -> bool:
        """Whether *url* is of the same scheme, host and port as an allowed one, or of our own pages."""
        parts = _take_apart(url)
        if parts is None:
            return False
        return _site(parts) in self._sites or any(_is_site_of(pattern, parts) for pattern in self._patterns)


def is_url(text: str) -> bool:
    """Whether *text* has the form of a URL with a scheme, allowed or not."""
    return _AS_WRITTEN.fullmatch(text) is not None


def with_query(url: str, **parameters: str) -> str:
    """*url* with more parameters. What stands in its query stays as it is written, and so does its fragment.

    As Hanko 2.7.0: the names are sorted; a parameter of the same name stays beside the new one.
    """
    rest, sharp, fragment = url.partition("#")
    place, _, query = rest.partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    pairs += [urlencode({name: value}) for name, value in parameters.items()]
    pairs.sort(key=lambda pair: unquote_plus(pair.partition("=")[0]))
    return f"{place}?{'&'.join(pairs)}{sharp}{fragment}"


def _read(patterns: Iterable[str]) -> Iterable[RedirectPattern]:
    for pattern in patterns:
        try:
            yield from parse(pattern)
        except PatternMalformed:
            continue


def _take_apart(url: str) -> _Url | None:
    """The parts of *url*; None for one that nobody is sent to."""
    found = _URL.fullmatch(url) if len(url) <= LONGEST_URL and _CHARACTERS.fullmatch(url) else None
    if found is None:
        return None
    scheme, host, path = found["scheme"].lower(), found["host"].lower(), found["path"] or ""
    port = _port(found["port"], scheme)
    if scheme in LOCAL_SCHEMES or len(host) > LONGEST_HOST or not _HOST.fullmatch(host) or port is None:
        return None
    decoded = unquote(path)
    if _HARMFUL_IN_PATH.search(decoded.replace(" ", "")) or not {".", ".."}.isdisjoint(decoded.split("/")):
        return None  # a browser or a server would read it as another path
    return _Url(scheme, host, port, path, found["query"], found["fragment"] or "")


def _port(text: str | None, scheme: str) -> str | None:
    """The port in force, as text; None for what is no port."""
    if text is None:
        return str(WEB_PORTS.get(scheme, ""))
    return text if text[0] != "0" and int(text) <= LARGEST_PORT else None


def _matches(pattern: RedirectPattern, url: _Url) -> bool:
    if not _is_site_of(pattern, url):
        return False
    if pattern.fragment is not None and not pattern.fragment.fullmatch(url.fragment):
        return False
    # No path is that of a slash (RFC 3986 s. 6.2.3), and a pattern never ends in one.
    paths = (url.path or "/", url.path.removesuffix("/"))
    if any(map(pattern.path.fullmatch, paths)):
        return True
    if pattern.before_query is None or pattern.query is None or url.query is None:
        return False
    return any(map(pattern.before_query.fullmatch, paths)) and bool(pattern.query.fullmatch(url.query))


def _is_site_of(pattern: RedirectPattern, url: _Url) -> bool:
    port = str(WEB_PORTS.get(url.scheme, ""))
    return bool(
        pattern.scheme.fullmatch(url.scheme)
        and pattern.host.fullmatch(url.host)
        and (url.port == port if pattern.port is None else pattern.port.fullmatch(url.port))
    )


def _site(url: _Url) -> tuple[str, str, str]:
    return url.scheme, url.host, url.port
