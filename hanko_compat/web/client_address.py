"""Who sends a request: the right-most hop that is not a trusted proxy.

Only ``X-Forwarded-For`` is read, and only from a peer in ``hanko_compat.trusted_proxies``: each proxy appends
the address it saw, so what stands left of the first untrusted hop is the caller's invention. ``Forwarded``
(RFC 7239) and ``X-Real-IP`` are never read: proxies pass on what the caller put there. Nor are
``X-Forwarded-Host`` and ``X-Forwarded-Proto``: links come from the configuration.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Lock
from typing import Any

from flask import current_app, g, request

from hanko_compat.client import Client
from hanko_compat.config import Config
from hanko_compat.web import device_cookie

logger = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FORWARDING_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED")
PROXY_FIX = "werkzeug.proxy_fix.orig"
# A peer at a unix socket has no address: it is on this host.
UNIX_SOCKET_PEER = "127.0.0.1"
LONGEST_HOP = 64  # characters; an IPv6 address in brackets with a port has at most 53
LONGEST_USER_AGENT = 255  # characters, as wide as the columns
LONGEST_LANGUAGES = 512  # characters; a browser with thirty languages sends fewer
WARNING_INTERVAL = 60.0  # seconds
SETTING = "hanko_compat.trusted_proxies"


class AddressSource:
    """Finds the address of a caller, given the networks of the trusted proxies."""

    def __init__(self, trusted: Iterable[Network]) -> None:
        self._trusted = tuple(trusted)
        self._is_trusted = lru_cache(maxsize=1024)(self._in_trusted_network)
        self._warned_at = -WARNING_INTERVAL
        self._lock = Lock()

    def find(self, environ: Mapping[str, Any]) -> str:
        """The caller's address, in its shortest form; an IPv4 address that came mapped into IPv6 as IPv4."""
        # Without the zone of a link-local address (RFC 4007 s. 11): it is this host's name for an interface.
        peer = (environ.get("REMOTE_ADDR") or UNIX_SOCKET_PEER).partition("%")[0]
        address = parse_hop(peer)
        if address is None or not self._is_trusted(address):
            # werkzeug's ProxyFix in front of us has read them: the peer is what it has found.
            if PROXY_FIX not in environ and any(name in environ for name in FORWARDING_HEADERS):
                self._warn(peer if address is None else str(address))
            return peer if address is None else str(address)
        return str(self._first_untrusted(address, environ.get("HTTP_X_FORWARDED_FOR", "")))

    def _first_untrusted(self, address: Address, forwarded_for: str) -> Address:
        for hop in reversed(forwarded_for.split(",")):
            if not self._is_trusted(address):
                break
            parsed = parse_hop(hop.strip())
            if parsed is None:
                # What stands left of a broken hop can't be trusted either: the proxy is what is known.
                break
            address = parsed
        return address

    def _in_trusted_network(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _warn(self, peer: str) -> None:
        with self._lock:
            now = time.monotonic()
            if now - self._warned_at < WARNING_INTERVAL:
                return
            self._warned_at = now
        # Every client behind such a proxy shares its rate limits: the operator must name it.
        logger.warning("forwarding_headers_ignored", extra={"peer": peer, "setting": SETTING})


@lru_cache(maxsize=1024)
def parse_hop(text: str) -> Address | None:
    """Read an address, perhaps with brackets (RFC 3986 s. 3.2.2) and a port; else None."""
    if len(text) > LONGEST_HOP or "%" in text:
        return None
    host = text
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        if not bracket or (port and not _is_port(port)):
            return None
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
        if not _is_port(":" + port):
            return None
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_port(text: str) -> bool:
    return text.startswith(":") and text[1:].isascii() and text[1:].isdecimal()


def describe_source(config: Config) -> str:
    """Say for the start-up lines which address counts as the caller's."""
    networks = config.hanko_compat.trusted_proxies
    if not networks:
        return f"the peer's own; forwarding headers are ignored ({SETTING} is empty)"
    return f"X-Forwarded-For, from proxies in {', '.join(map(str, networks))}"


def clean_user_agent(raw: str) -> str:
    """Read the header as UTF-8, which WSGI hands over as Latin-1 (PEP 3333), cut to what a column holds."""
    if not raw.isascii():
        raw = raw.encode("latin-1", "replace").decode("utf-8", "replace")
    return raw[:LONGEST_USER_AGENT]


def clean_languages(raw: str | None) -> str | None:
    """A header that names languages; one that is too long to be a browser's counts as absent.

    Reading a list takes longer than its length says: thousands of languages would hold a thread for a while.
    """
    return None if raw is None or len(raw) > LONGEST_LANGUAGES else raw


def client() -> Client:
    """The caller of the current request."""
    known: Client | None = g.get("client")
    if known is not None:
        return known
    environ = request.environ
    source: AddressSource = current_app.extensions["client_address"]
    g.client = caller = Client(
        ip_address=source.find(environ),
        user_agent=clean_user_agent(environ.get("HTTP_USER_AGENT", "")),
        request_id=g.request_id,
        x_language=clean_languages(environ.get("HTTP_X_LANGUAGE")),
        accept_language=clean_languages(environ.get("HTTP_ACCEPT_LANGUAGE")),
        device_cookie=device_cookie.read(request),
    )
    return caller
