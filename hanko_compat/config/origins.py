"""Origins and URLs: scheme, host, port, and nothing after them (RFC 6454)."""

import re
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError

from hanko_compat.config.fields import Kind

_SCHEME = r"[a-zA-Z][a-zA-Z0-9+.-]*"
_PATTERN = re.compile(r"[a-zA-Z*?][a-zA-Z0-9+.*?-]*://[a-zA-Z0-9.*?\[\]:_-]+")
_ORIGIN = re.compile(rf"{_SCHEME}://([a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{{1,5}})?")
_URL = re.compile(r"(?P<origin>https?://[^/]+)(/[A-Za-z0-9._~/-]*)?")
_ANDROID = re.compile(r"android:apk-key-hash(-sha256)?:[A-Za-z0-9_-]+={0,2}")


class OriginPattern(Kind[str]):
    """A web origin, in which ``*`` stands for any characters and ``?`` for one; or ``*`` alone."""

    def _read(self, value: Any) -> str:
        text = value.removesuffix("/") if isinstance(value, str) else ""
        if text != "*" and not _PATTERN.fullmatch(text):
            raise ValidationError("Must be an origin such as https://example.com, without a path.")
        return text


class WebauthnOrigin(Kind[str]):
    """A web origin, or the hash of an Android application's certificate."""

    def _read(self, value: Any) -> str:
        text = value.removesuffix("/") if isinstance(value, str) else ""
        if not is_origin(text) and not _ANDROID.fullmatch(text):
            raise ValidationError(
                "Must be an origin such as https://example.com, or android:apk-key-hash:... of an app."
            )
        return text


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


def host_of(origin: str) -> str | None:
    """The host of a web origin in lower case; None for an application's."""
    return urlsplit(origin).hostname if "://" in origin else None


def is_origin(text: str) -> bool:
    """Whether *text* is a scheme, a host and at most a port."""
    try:
        return bool(_ORIGIN.fullmatch(text)) and urlsplit(text).port != 0
    except ValueError:  # brackets without an IPv6 address in them, or a port over 65535
        return False


def matches_every_host(pattern: str) -> bool:
    """Whether *pattern* is ``*``, or has nothing but wildcards where the host belongs."""
    host = pattern.partition("://")[2] or pattern
    return not re.sub(r":[0-9*?]*$", "", host).strip("*?.")
