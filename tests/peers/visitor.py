"""Somebody who logs in with another provider, by HTTP as a browser sends it."""

import ssl
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2

from tests.peers.openid_provider import OpenIdProvider, query_of
from tests.servers.process import PATIENCE

BACK = "https://app.example.test/done"
"""Where the frontend is, which nobody has to serve."""


class Visitor:
    """A browser without history, at the server of *origin*."""

    def __init__(self, origin: str, *, trusts: Path) -> None:
        self.origin = origin
        context = ssl.create_default_context(cafile=trusts)
        self.http = httpx2.Client(verify=context, trust_env=False, timeout=PATIENCE, base_url=origin)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def leave(self, provider: str = "custom_main", *, redirect_to: str = BACK) -> str:
        """Begin a log-in; return where the server sends the browser."""
        query = {"provider": provider, "redirect_to": redirect_to}
        return self._location(self.http.get("/thirdparty/auth", params=query))

    def come_back(self, url: str) -> dict[str, str]:
        """Open the URL that the provider has sent the browser to; return what the frontend is told."""
        location = self._location(self.http.get(url))
        assert location.partition("?")[0] == BACK, location
        return query_of(location)

    def log_in(self, peer: OpenIdProvider, account: str = "alice") -> Any:
        """Log in all the way; return what ``/me`` says of whom the session is."""
        told = self.come_back(peer.log_in(self.leave(), account))
        assert self.trade(told["hanko_token"]) == 200
        return self.http.get("/me").json()

    def trade(self, token: str) -> int:
        """Trade a one-time token for a session, kept in a cookie; return the status."""
        return self.http.post("/token", json={"value": token}).status_code

    def _location(self, answer: httpx2.Response) -> str:
        assert answer.is_redirect, f"{answer.status_code}: {answer.text[:500]}"
        return answer.headers["Location"]
