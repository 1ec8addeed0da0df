"""What a browser carries from one step of a log-in with a provider to the next."""

import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from tests.contract.people import claims
from tests.contract.wire import Answer
from tests.oidc_provider import OidcProvider

# Where a scenario has several states: which of them, from 0, is in the URL and which in the cookie.
STATES = {
    "no cookie": (0, 0),
    "cookie of another log-in": (1, 0),
    "nonsense cookie": (0, 0),
    "no code": (0, 0),
    "bad code": (0, 0),
    "the provider says no": (0, 0),
    "the provider says no without words": (0, 0),
}
BAD_CODES = {"no cookie", "cookie of another log-in", "nonsense cookie", "bad code"}


class Browser:
    """Learns states and tokens from answers, and knows the values of their placeholders."""

    def __init__(self, scenario: str, provider: OidcProvider | None) -> None:
        self._scenario = scenario
        self._provider = provider
        self._states: list[str] = []
        self._token = ""

    def learn(self, answer: Answer) -> None:
        """Remember the state or the token in the URL that the browser is sent to."""
        for location in answer.values("Location"):
            query = parse_qs(urlsplit(location).query)
            self._states += query.get("state", [])
            self._token = query.get("hanko_token", [self._token])[0]

    def fill(self, step: dict[str, Any], run: str) -> dict[str, Any]:
        """*step* with values in place of the placeholders that it knows."""
        request = step["request"]
        text = str(request)
        if not re.search("<state>|<code>|<token>", text) or not (self._states or self._token):
            return step
        in_url, in_cookie = STATES.get(step["step"], (-1, -1))
        path = request["path"].replace("<state>", quote(self._states[in_url], safe=""))
        headers = {
            name: value.replace("<state>", self._states[in_cookie])
            for name, value in request.get("headers", {}).items()
        }
        if "<code>" in path:
            path = path.replace("<code>", self._code(step["step"], run))
        filled = {**request, "path": path, "headers": headers}
        if "<token>" in str(request.get("body")):
            filled["body"] = {"json": {"value": self._token}}
        return {**step, "request": filled}

    def _code(self, step: str, run: str) -> str:
        if step in BAD_CODES or self._provider is None:
            return "bad-code"
        return self._provider.grant(claims(self._scenario, step.partition(":")[0], run))
