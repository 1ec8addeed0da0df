"""A provider on the loopback interface, which says what a test wants; with TLS also under others' names."""

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.smtp import server_context

PATIENCE = 60  # seconds until a request that hangs is let go
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
class Peer:
    """The server: ``answers`` by path, or by host and path where it plays several; 404 for all else."""

    answers: dict[str, Answer] = field(default_factory=dict)
    host: str = "127.0.0.1"
    certificate: Path | None = None
    asked: list[Asked] = field(default_factory=list)
    _ended: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def __enter__(self) -> "Peer":
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                peer.answer(self)

            do_GET = do_POST  # noqa: N815 - the library's name

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((self.host, 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # callers hang up
        if self.certificate:
            context: ssl.SSLContext = server_context(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://{self.host}:{self.port}"

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
        with self._lock:
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
