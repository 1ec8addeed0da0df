"""Requests to other servers (RFC 9110): bounded in time and length, to allowed addresses only, no cookies.

Proxies that the environment names are not used: they would connect to addresses that are not allowed here.
"""

import json
import re
import socket
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.kept import KeptConnection
from hanko_compat.http_client.look_up import Resolve
from hanko_compat.http_client.transport import MAX_BYTES, Transport
from hanko_compat.special_purpose import Networks

NO_URL = "no URL"
PRINTABLE = re.compile(r"[!-~]+", re.ASCII)
NONE: Mapping[str, str] = MappingProxyType({})
FRAMING = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""Headers that are made from URL and body."""
HARMLESS = frozenset({"accept", "accept-language", "user-agent"})
"""Headers that are sent on to another server: none that could hold a secret."""
MOST_URLS = 128
"""How many URLs are kept as they were read: those of providers and hooks are asked again and again."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, which may hold secrets. Names of headers are in lower case; ``body`` is decoded."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def told_at(self) -> datetime | None:
        """The time by the server's clock (RFC 9110 s. 6.6.1), also where a cache has kept the answer.

        None where it does not tell.
        """
        try:
            age = timedelta(seconds=int(self.headers.get("age", "0")))
            sent_at = parsedate_to_datetime(self.headers.get("date", ""))
            return sent_at + age if sent_at.tzinfo else None
        except (ValueError, OverflowError):
            return None

    def json(self) -> Any:
        """Read the body as JSON (RFC 8259).

        Raises:
            RequestFailed: it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise RequestFailed("an answer that is no JSON") from error


class Client:
    """Asks other servers. Threads may share it."""

    def __init__(
        self,
        *,
        timeout: float,
        networks: Networks = (),
        private_hosts: Collection[str] = (),
        max_bytes: int = MAX_BYTES,
        resolve: Resolve = socket.getaddrinfo,
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        """Build it without a connection.

        Each call takes no longer than *timeout* seconds, redirects and look-ups of names included. *networks*
        may be connected to although they are not public, and so may *private_hosts*, names or addresses in
        lower case, as far as they are in a private network. No answer's body is longer than *max_bytes*.
        *resolve* looks names up. *make_tls* says which certificates are trusted, by default those of the
        system.
        """
        self._timeout = timeout
        self._transport = Transport(
            timeout=timeout,
            networks=networks,
            private_hosts=private_hosts,
            max_bytes=max_bytes,
            resolve=resolve,
            make_tls=make_tls,
        )

    def get(
        self,
        url: str,
        headers: Mapping[str, str] = NONE,
        *,
        redirects: int = 0,
        deadline: Deadline | None = None,
        kept: KeptConnection | None = None,
    ) -> Response:
        """Get what is at *url*, and follow so many *redirects*; with none, one is an answer like others.

        To another server no header is sent on that could hold a secret. A *deadline* counts instead of the
        timeout. With *kept*, a connection is taken from there, and kept there.

        Raises:
            RequestFailed: no answer, one that is too long, or none in time; an address that is not allowed;
                more redirects, or one from https to http.
        """
        deadline = deadline or Deadline(self._timeout)
        response = self._answer(_request("GET", url, headers, deadline=deadline, kept=kept))
        for _ in range(redirects):
            if not _is_redirect(response):
                return response
            url, headers = _redirected(url, headers, response.headers["location"])
            response = self._answer(_request("GET", url, headers, deadline=deadline, kept=kept))
        if redirects and _is_redirect(response):
            raise RequestFailed(f"more than {redirects} redirects")
        return response

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str] = NONE,
        *,
        deadline: Deadline | None = None,
        kept: KeptConnection | None = None,
    ) -> Response:
        """Post *body* to *url*; no redirect is followed. A *deadline* counts instead of the timeout.

        The connection is new, as a post can't be sent again should the server end one; it is *kept* then.

        Raises:
            RequestFailed: no answer, one that is too long, or none in time; an address that is not allowed.
        """
        deadline = deadline or Deadline(self._timeout)
        return self._answer(_request("POST", url, headers, body=body, deadline=deadline, kept=kept))

    def post_for_status(self, url: str, body: bytes, headers: Mapping[str, str] = NONE) -> int:
        """Post *body* to *url*; return the status of the answer, and read nothing of its body.

        Raises:
            RequestFailed: no answer, or none in time; an address that is not allowed.
        """
        request = _request("POST", url, headers, body=body, deadline=Deadline(self._timeout))
        return self._transport.status_of(request)

    def _answer(self, request: httpx2.Request) -> Response:
        answer = self._transport.handle_request(request)
        return Response(answer.status_code, dict(answer.headers), answer.content)


def _request(
    method: str,
    url: str,
    headers: Mapping[str, str],
    *,
    body: bytes | None = None,
    deadline: Deadline,
    kept: KeptConnection | None = None,
) -> httpx2.Request:
    if any(name.lower() in FRAMING for name in headers):
        raise RequestFailed("a header that is made from URL and body")
    try:
        raw = [
            (name.encode("ascii"), value.strip(" \t").encode("latin-1")) for name, value in headers.items()
        ]
    except ValueError as error:
        raise RequestFailed(type(error).__name__) from error
    checked = _read(url)
    extensions = {"deadline": deadline, "target": _target(url), "kept": kept}
    request = httpx2.Request(method, checked, headers=raw, content=body, extensions=extensions)
    request.headers.setdefault("Accept-Encoding", "identity")
    return request


@lru_cache(maxsize=MOST_URLS)
def _read(text: str) -> httpx2.URL:
    """Read an absolute URL with http or https, as it may stand in a request (RFC 3986)."""
    try:
        urlsplit(text).port  # noqa: B018 - HTTPX takes one over 65535
        url = httpx2.URL(text)
    except (ValueError, httpx2.InvalidURL) as error:
        raise RequestFailed(NO_URL) from error
    if url.scheme not in ("http", "https") or not url.host or not PRINTABLE.fullmatch(text):
        raise RequestFailed(NO_URL)
    return url


def _target(url: str) -> bytes:
    """What a server is asked for (RFC 9112 s. 3.2.1): what stands in *url*, not what HTTPX makes of it."""
    parts = urlsplit(url)
    return ((parts.path or "/") + (f"?{parts.query}" if parts.query else "")).encode()


def _is_redirect(response: Response) -> bool:
    return response.status in REDIRECTS and "location" in response.headers


def _redirected(url: str, headers: Mapping[str, str], location: str) -> tuple[str, Mapping[str, str]]:
    """Where to go on from *url*, and the headers that may be sent there (RFC 9110 s. 15.4)."""
    try:
        new = urljoin(url, location)
    except ValueError as error:
        raise RequestFailed(NO_URL) from error
    before, after = _read(url), _read(new)
    if before.scheme == "https" and after.scheme != "https":
        raise RequestFailed("a redirect from https to http")
    if (before.scheme, before.host, before.port) == (after.scheme, after.host, after.port):
        return new, headers
    return new, {name: value for name, value in headers.items() if name.lower() in HARMLESS}
