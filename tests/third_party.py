"""A browser that logs in with a provider, and the configuration that it takes."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.oidc_provider import OidcProvider

DONE = "http://localhost:8888/done"
ERROR = "http://localhost:8888/error"
CALLBACK = "https://auth.example.test/thirdparty/callback"
COOKIE = "hanko_thirdparty_state"
ALICE = {"sub": "alice", "email": "alice@example.test", "email_verified": True}


def custom_provider(url: str, **changes: Any) -> dict[str, Any]:
    """The settings of a custom provider at *url*, without discovery."""
    return {
        "enabled": True,
        "display_name": "Stub",
        "use_discovery": False,
        "issuer": url,
        "authorization_endpoint": f"{url}/authorize",
        "token_endpoint": f"{url}/token",
        "userinfo_endpoint": f"{url}/userinfo",
        "client_id": "client",
        "secret": "a-secret-of-the-client",
        "scopes": ["openid", "email"],
        "allow_linking": True,
        **changes,
    }


def third_party(**providers: dict[str, Any]) -> dict[str, Any]:
    """The section ``third_party`` with these custom *providers*."""
    return {
        "third_party": {
            "redirect_url": CALLBACK,
            "error_redirect_url": ERROR,
            "allowed_redirect_urls": [DONE, "https://*.app.example.test/**"],
            "custom_providers": providers,
        }
    }


def place_of(answer: TestResponse) -> tuple[str, dict[str, str]]:
    """Where an answer sends the browser: the URL without its query, and the query."""
    place, _, query = answer.headers["Location"].partition("?")
    return place, dict(parse_qsl(query, keep_blank_values=True))


def error_of(answer: TestResponse) -> tuple[str, str | None, str | None]:
    """Where an answer tells of an error, and of which."""
    place, query = place_of(answer)
    return place, query.get("error"), query.get("error_description")


class Visitor:
    """A browser at our door, with its own state cookie."""

    def __init__(self, client: FlaskClient, provider: OidcProvider) -> None:
        self.client = client
        self.provider = provider
        self.cookie = ""
        self.state = ""

    def start(self, redirect_to: str = DONE, *, name: str = "custom_stub", **headers: str) -> TestResponse:
        """Press the button of a provider."""
        query = urlencode({"provider": name, "redirect_to": redirect_to})
        answer = self.client.get(f"/thirdparty/auth?{query}", headers=headers)
        self.state = place_of(answer)[1].get("state", "")
        for line in answer.headers.getlist("Set-Cookie"):
            self.cookie = line.partition(";")[0]
        return answer

    def come_back(self, **query: str) -> TestResponse:
        """Come back from the provider."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        return self.client.get(f"/thirdparty/callback?{urlencode(query)}", headers=headers)

    def log_in(self, told: dict[str, Any] | None = None, **more: str) -> TestResponse:
        """Do all of it; *told* is what the provider says of the visitor."""
        self.start(**more)
        return self.come_back(state=self.state, code=self.provider.grant(told or ALICE))
