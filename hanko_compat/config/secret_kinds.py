"""Kinds of values that may hold a secret, each with what of it may be shown.

What is masked depends on the kind of a key, never on its name, so that a new key of one of these kinds is
masked from the day it is declared.
"""

import re
from collections.abc import Mapping
from typing import Any

from hanko_compat.config.fields import Json, Text, is_address

MASK = "********"
_USER = re.compile(r"(?<=://)[^/?#]*@")
_SERVER = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<user>[^@/?#]*@)?"
    r"(?P<host>(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)(?P<rest>(?:[/?#][^@]*)?)"
)
_PLAIN = re.compile(r"[\w.:/~*-]*")  # a path, or a URI such as urn:example:sso
_HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]+")


class Hidden(Text):
    """Text that is a secret, or may hold one: nothing of it is shown."""

    may_hold_secret = True

    def mask(self, value: Any) -> Any:
        """Stars, however long it is; "" where nothing is given."""
        return MASK if value else ""


class Secret(Hidden):
    """A secret that encrypts: line ends behind it belong to it, as for Hanko, or nothing would decrypt."""

    def _read(self, value: Any) -> str:
        super()._read(value.rstrip("\r\n") if isinstance(value, str) else value)
        return str(value)


class HiddenJson(Json):
    """A mapping that nobody here knows the keys of: these are shown, and no value."""

    may_hold_secret = True

    def mask(self, value: Any) -> Any:
        """The same mapping with stars for values."""
        return _stars(value)


class Url(Text):
    """An address that people or browsers are sent to: no credentials, no values of its query are shown."""

    may_hold_secret = True

    def mask(self, value: Any) -> Any:
        """What is left of it."""
        return without_credentials(value)


class ServerUrl(Text):
    """The address of another server, whose path may be a key as well: scheme, host and port are shown."""

    may_hold_secret = True

    def mask(self, value: Any) -> Any:
        """What is left of it; nothing of what is no URL."""
        return server_of(value) if "://" in value or not value else MASK


class ServerAddress(Text):
    """A host, perhaps with a port; where somebody wrote a URL instead, no more of that than its server."""

    may_hold_secret = True

    def mask(self, value: Any) -> Any:
        """What is left of it."""
        return server_of(value)


def server_of(text: str) -> str:
    """The server that *text*, an address or a URL, names; stars stand for all the rest.

    What can't be told apart for certain is hidden as a whole: a password may hold any character.
    """
    if not text or is_address(text) or _HOST.fullmatch(text):
        return text
    match = _SERVER.fullmatch(text)
    if match is None:
        return MASK
    user = f"{MASK}@" if match["user"] else ""
    rest = f"/{MASK}" if match["rest"].strip("/") else match["rest"]
    return f"{match['scheme']}://{user}{match['host']}{rest}"


def without_credentials(text: str) -> str:
    """*text* without the user, the values of the query and the fragment of a URL."""
    scheme, separator, rest = _USER.sub(f"{MASK}@", text).partition("://")
    if not separator:
        return text if _PLAIN.fullmatch(text) else MASK
    if "@" in rest.removeprefix(f"{MASK}@"):
        # It may be the end of a password that holds a slash.
        return f"{scheme}://{MASK}"
    address, mark, query = rest.partition("?")
    place, sharp, _ = address.partition("#")
    end = f"#{MASK}" if sharp else mark + "&".join(map(_without_value, query.split("&"))) if mark else ""
    return f"{scheme}://{place}{end}"


def _without_value(pair: str) -> str:
    name, sign, _ = pair.partition("=")
    return f"{name}={MASK}" if sign else MASK


def _stars(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _stars(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_stars(item) for item in value]
    return value if value is None or isinstance(value, bool) else MASK
