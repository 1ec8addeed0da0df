"""A provider of OpenID Connect: it says of people what a test has it say, or misbehaves."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.gateway import PATIENCE, HttpGateway


@dataclass
class OidcProvider(HttpGateway):
    """The server. A code says who has logged in.

    ``answers`` has, for the last part of a path, what is answered instead: a status and a text. ``meanwhile``
    is called before a code is traded. With ``hangs`` nothing is answered.
    """

    granted: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # paths, and what was posted there
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)  # beside those that every one has
    meanwhile: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        """The issuer."""
        return f"http://127.0.0.1:{self.port}/oidc"

    def grant(self, told: dict[str, Any]) -> str:
        """A code for somebody of whom *told* is said."""
        code = f"code-{len(self.granted)}"
        self.granted[code] = told
        return code

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer at the endpoint of the path."""
        body = request.rfile.read(int(request.headers.get("Content-Length", "0"))).decode()
        place = urlsplit(request.path).path.rpartition("/")[2]
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.asked.append((place, form))
        if self.hangs:
            self._ended.wait(PATIENCE)
            return
        if place == "token":
            self.meanwhile()
        status, text = self.answers.get(place) or self._answer(place, form, request)
        data = text.encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def _answer(self, place: str, form: dict[str, str], request: BaseHTTPRequestHandler) -> tuple[int, str]:
        status, content = 404, {}
        if place == "openid-configuration":
            status, content = 200, self._metadata()
        elif place == "token" and form["code"] in self.granted:
            token = {"access_token": form["code"], "token_type": "Bearer", "expires_in": 60}
            status, content = 200, token
        elif place == "token":
            status, content = 400, {"error": "invalid_grant"}
        elif place == "userinfo":
            status, content = 200, self.granted[request.headers["Authorization"].removeprefix("Bearer ")]
        return status, json.dumps(content)

    def _metadata(self) -> dict[str, Any]:
        endpoints = {
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
        }
        return {
            "issuer": self.url,
            **endpoints,
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            **self.metadata,
        }
