"""Origins and URLs: scheme, host, port, and nothing after them (RFC 6454)."""

import re
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError

from hanko_compat.config.fields import Kind

WEB_PORTS = {"http": 80, "https": 443}
"""The schemes of web sites, with the ports that browsers leave out of an origin."""
WILDCARDS = frozenset("*?")
THIS_HOST = ("localhost", "127.0.0.1", "::1")
"""Where a server is reached from its own machine only."""

_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]*"
_ORIGIN = re.compile(rf"{_SCHEME}://([a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{{1,5}})?")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_BROKEN_WEB = re.compile(r"https?:/?(?!/)", re.IGNORECASE)
_APP = re.compile(rf"{_SCHEME}:(?![0-9]*$)\S+")
_URL = re.compile(r"(?P<origin>https?://[^/]+)(/[A-Za-z0-9._~/-]*)?")


class Origin(Kind[str]):
    """An origin of a web site, an app or an extension; or a pattern, in which ``*`` stands for any text.

    Any text is accepted, as by Hanko: what can't match an origin matches none, and `origin_advice` says so.
    """

    def _read(self, value: Any) -> str:
        if not isinstance(value, str) or not value.isprintable():
            raise ValidationError("Must be an origin such as https://example.com.")
        return without_slash(value)


class PublicUrl(Kind[str]):
    """The address under which browsers reach the server: http or https, without query; or ""."""

    def _read(self, value: Any) -> str:
        if value == "":
            return ""
        text = value.rstrip("/") if isinstance(value, str) else ""
        match = _URL.fullmatch(text)
        if not match or not is_origin(match["origin"]):
            raise ValidationError("Must be an address such as https://auth.example.com.")
        return text


def origin_of(url: str) -> str:
    """The origin of a web address, as browsers write it."""
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}"


def is_web(origin: str) -> bool:
    """Whether it is meant for a browser's pages, and not for an app or an extension."""
    return _WEB.match(origin) is not None


def is_app(origin: str) -> bool:
    """Whether an app or an extension sends it: ``tauri://localhost``, ``android:apk-key-hash:...``."""
    return _APP.fullmatch(origin) is not None and not is_web(origin) and with_slashes(origin) is None


def with_slashes(text: str) -> str | None:
    """What was meant by a web address that lacks slashes after its scheme; None where it does not."""
    meant = _BROKEN_WEB.sub(lambda match: match[0].rstrip("/") + "//", text, count=1)
    return meant if _BROKEN_WEB.match(text) else None


def as_browsers_write(origin: str) -> str:
    """A web origin in lower case. What apps send stays as it is."""
    return origin.lower() if is_web(origin) else origin


def is_origin_of_a_client(text: str) -> bool:
    """Whether a browser, an app or an extension sends exactly this; ``null`` is nobody's."""
    return web_origin(text) == text if is_web(text) else is_app(text)


def without_slash(origin: str) -> str:
    """An origin without the slash at its end, if that is all it has too much."""
    shorter = origin.removesuffix("/")
    return shorter if shorter.count("/") == 2 and not shorter.endswith("/") else origin


def web_origin(text: str) -> str | None:
    """What a browser sends as the origin of a page at *text*; None where there is no such address."""
    if not is_web(text):
        return None
    try:
        parts = urlsplit(text)
        host, port = (
            (parts.hostname or "").encode("idna" if not text.isascii() else "ascii").decode(),
            parts.port,
        )
    except ValueError:  # no port, brackets without an IPv6 address, or a name that is none
        return None
    shown = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{shown}" + (f":{port}" if port and port != WEB_PORTS[parts.scheme] else "")
    return origin if is_origin(origin) else None


def web_host(text: str) -> str | None:
    """The host of a web origin; None for an app's, and for what is no origin."""
    origin = web_origin(text)
    return urlsplit(origin).hostname if origin else None


def is_below(host: str, domain: str) -> bool:
    """Whether *host* is *domain* or lies below it (RFC 6265 s. 5.1.3), both in lower case."""
    return host == domain or host.endswith(f".{domain}")


def is_origin(text: str) -> bool:
    """Whether *text* is a scheme, a host and at most a port."""
    try:
        return bool(_ORIGIN.fullmatch(text)) and urlsplit(text).port != 0
    except ValueError:  # brackets without an IPv6 address in them, or a port over 65535
        return False


def matches_every_host(pattern: str) -> bool:
    """Whether *pattern* is ``*``, or has nothing but wildcards where the host of a web site belongs."""
    scheme, separator, host = pattern.partition("://")
    if separator and not any(fnmatchcase(web, scheme) for web in WEB_PORTS):
        return False
    return _is_any(host if separator else pattern)


def lets_all_of_a_scheme_in(pattern: str) -> bool:
    """Whether *pattern* is an app's or an extension's, with nothing but wildcards where its name belongs."""
    _, separator, name = pattern.partition("://")
    return bool(separator) and is_app(pattern) and _is_any(name)


def _is_any(host: str) -> bool:
    name = re.sub(r":[0-9*?]*$", "", host)
    return not WILDCARDS.isdisjoint(name) and not name.strip("*?.")
