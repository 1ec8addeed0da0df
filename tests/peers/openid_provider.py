"""A certified OpenID provider (npm's ``oidc-provider``) on the loopback interface, over TLS."""

import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit
from uuid import uuid4

import httpx2
import pytest

from tests.servers.certificates import Authority
from tests.servers.process import PATIENCE, Server, find_program, free_port
from tests.servers.run import Run

PROGRAM = Path(__file__).parent / "node" / "provider.mjs"
INSTALLED = Path(__file__).parents[2] / "var" / "peers" / "node"
PATHS = {
    "discovery": "/.well-known/openid-configuration",
    "authorization": "/authorize",
    "token": "/token",
    "userinfo": "/userinfo",
    "keys": "/keys",
}
CLIENT_ID = "hanko"
SECRET = "the secret of a client in tests"
ACCOUNT = {
    "email": "alice@example.test",
    "email_verified": True,
    "name": "Alice Example",
    "given_name": "Alice",
    "family_name": "Example",
}


class OpenIdProvider(Server):
    """The provider. All that is set stays until it is set again; `reset` brings back the beginning.

    It knows the account ``alice``, and each further one that it is told; it asks for PKCE.
    """

    def __init__(self, run: Run, authority: Authority) -> None:
        super().__init__(run, f"openid_provider_{uuid4().hex[:12]}")
        self.authority = authority
        self._control_port = free_port()

    def command(self) -> Sequence[str]:
        """Return the command."""
        if not (INSTALLED / "node_modules").is_dir():
            pytest.skip("the OpenID provider is not there (`make peers` installs it)")
        certificate, key = self.authority.issue("localhost")
        arguments = (INSTALLED, self.port, self._control_port, certificate, key)
        return [find_program("node"), str(PROGRAM), *map(str, arguments)]

    def is_ready(self) -> bool:
        """Whether it answers to whoever tells it what to do."""
        return self._tell("GET") is not None

    @property
    def issuer(self) -> str:
        return f"https://localhost:{self.port}"

    def url(self, endpoint: str) -> str:
        """The URL of one of ``PATHS``."""
        return self.issuer + PATHS[endpoint]

    def settings(self, **changes: Any) -> dict[str, Any]:
        """An entry of ``third_party.custom_providers`` for it; a change that is None takes a setting out."""
        entry = {
            "enabled": True,
            "display_name": "A provider for tests",
            "client_id": CLIENT_ID,
            "secret": SECRET,
            "issuer": self.issuer,
            "use_discovery": True,
            "scopes": ["openid", "email", "profile"],
        }
        return {name: value for name, value in (entry | changes).items() if value is not None}

    def reset(self) -> None:
        """Forget everything that was set, and what was asked."""
        self.set(accounts={"alice": ACCOUNT}, clients={}, faults={}, requirePkce=True, takesBasic=True)
        self._tell("DELETE")

    def set(self, **changes: Any) -> None:
        """Replace ``accounts``, ``clients``, ``faults``, ``requirePkce``, ``takesBasic``.

        The last says whether clients may log in by header: the library takes header and form alike.
        """
        self._tell("PUT", changes)

    def register(self, *redirect_uris: str, **metadata: Any) -> None:
        """Know a client (RFC 7591 s. 2), and no other any more."""
        client = {
            "client_secret": SECRET,
            "redirect_uris": list(redirect_uris),
            **metadata,
        }
        self.set(clients={CLIENT_ID: client})

    def fail(self, endpoint: str, **how: Any) -> None:
        """Answer wrongly at one of ``PATHS``, and as it should be at all others.

        ``wait=SECONDS`` before the answer; ``hangs=True``, ``drips=True``, ``closes=True``: none comes;
        ``status``, ``body``, ``type``: another answer; ``set={...}``, ``remove=[...]``: other members in it;
        ``id_token={"set": ..., "remove": ..., "key": "unknown" | "none"}``: other claims, signed so.
        """
        self.set(faults={PATHS[endpoint]: how})

    def recover(self) -> None:
        """Answer as it should be everywhere."""
        self.set(faults={})

    def rotate(self, *, keeps_old: bool = True) -> None:
        """Sign with a new key from now on; the old one stays published, or does not."""
        self._tell("POST", path="/keep" if keeps_old else "/")

    def requests(self, endpoint: str) -> list[dict[str, Any]]:
        """What was asked: ``method``, ``query``, ``form``, ``status``; of ``authorization`` the scheme."""
        return [each for each in self._tell("GET")["requests"] if each["path"] == PATHS[endpoint]]

    def log_in(self, authorization_url: str, account: str = "alice", *, agrees: bool = True) -> str:
        """Do what a person with a fresh browser does; return the URL that they are sent back to."""
        context = ssl.create_default_context(cafile=self.authority.file)
        with httpx2.Client(verify=context, trust_env=False, timeout=PATIENCE) as browser:
            response = browser.get(authorization_url)
            while response.is_redirect:
                url = urljoin(str(response.url), response.headers["Location"])
                if not url.startswith(self.issuer):
                    return url
                response = browser.get(url)
                if response.status_code == 200:
                    form = {"account": account, "answer": "yes" if agrees else "no"}
                    response = browser.post(url, data=form)
        raise AssertionError(f"the provider said {response.status_code}: {response.text[:1000]}")

    def _tell(self, method: str, body: Mapping[str, Any] | None = None, *, path: str = "/") -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._control_port, timeout=PATIENCE)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()


def query_of(url: str) -> dict[str, str]:
    """The parameters in a URL; of a repeated one the first."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
