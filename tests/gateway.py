"""A real HTTP server on the loopback interface, such as sends text messages: it takes, refuses or hangs."""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any

from tests.smtp import server_context

PATIENCE = 60  # seconds until a request will not come any more


@dataclass(frozen=True)
class Received:
    """A request that arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class HttpGateway:
    """The server; what it answers may be changed at any time.

    With ``hangs`` it takes a request and says nothing until the end, with ``drips`` it goes on sending a
    header that has no end. ``date`` is the time that it tells, by default the right one.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    host: str = "127.0.0.1"
    hangs: bool = False
    drips: bool = False
    date: str | None = None
    certificate: Path | None = None
    received: list[Received] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    _changed: Condition = field(default_factory=Condition)
    _ended: Event = field(default_factory=Event)

    def __enter__(self) -> "HttpGateway":
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gateway.answer(self)

            do_GET = do_POST  # noqa: N815 - the library's name

            def date_time_string(self, timestamp: float | None = None) -> str:
                return gateway.date or super().date_time_string(timestamp)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ":" in self.host else socket.AF_INET

        self._server = Server((self.host, 0), Handler)
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # callers hang up
        if self.certificate:
            context: ssl.SSLContext = server_context(self.certificate)
            context.sni_callback = lambda _socket, name, _context: self.server_names.append(name)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
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
    def site(self) -> str:
        """Scheme, host and port."""
        scheme = "https" if self.certificate else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.site}/messages"

    def wait_for(self, number: int) -> list[Received]:
        """Wait until so many requests have come; return all."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= number, PATIENCE), self.received
        return self.received

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Note a request, and answer as it was set."""
        body = request.rfile.read(int(request.headers.get("Content-Length", "0")))
        with self._changed:
            self.received.append(Received(request.command, request.path, dict(request.headers), body))
            self._changed.notify_all()
        if self.hangs:
            self._ended.wait(PATIENCE)
            return
        request.send_response(self.status)
        if self.drips:
            request.flush_headers()
            self._drip(request)
            return
        for name, value in self.headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(self.body)))
        request.end_headers()
        request.wfile.write(self.body)

    def _drip(self, request: BaseHTTPRequestHandler) -> None:
        while not self._ended.wait(0.02):
            request.wfile.write(b"x")
