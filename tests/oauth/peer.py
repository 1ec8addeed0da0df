"""A provider on the loopback interface, which says what a test wants; with TLS also under others' names."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.gateway import PATIENCE, HttpGateway

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """A request that arrived. Names of headers are in lower case."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]


@dataclass
class Reply:
    """An answer: a body that is no text or bytes is sent as JSON. With ``hangs`` there is none."""

    body: Any = b""
    status: int = 200
    type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


Answer = Reply | Callable[[Asked], Reply] | dict[str, Any] | list[Any]


@dataclass
class Peer(HttpGateway):
    """The server: ``answers`` by path, or by host and path where it plays several; 404 for all else."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.site

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def release(self) -> None:
        """Let go of the requests that hang."""
        self._ended.set()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Note a request, and answer as it was set."""
        parts = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length", "0"))).decode()
        asked = Asked(
            request.command,
            request.headers["Host"].partition(":")[0],
            parts.path,
            first(parts.query),
            {name.lower(): value for name, value in request.headers.items()},
            first(body),
        )
        self.asked.append(asked)
        reply = self._reply(asked)
        if reply.hangs:
            self._ended.wait(PATIENCE)
        request.send_response(reply.status)
        for name, value in {"Content-Type": reply.type, **reply.headers}.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(reply.data)))
        request.end_headers()
        request.wfile.write(reply.data)

    def _reply(self, asked: Asked) -> Reply:
        found = self.answers.get(asked.host + asked.path) or self.answers.get(asked.path)
        if found is None:
            return Reply({"error": "not_found"}, 404)
        if isinstance(found, Reply):
            return found
        return found(asked) if callable(found) else Reply(found)


def first(query: str) -> dict[str, str]:
    """The first value of each parameter of a query or a form."""
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
