"""A real HTTP server on the loopback interface that webhooks are sent to."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any, Self

PATIENCE = 60  # seconds until a post will not come any more
LOOPBACK = {"hanko_compat.backend_api.webhooks.private_networks": ["127.0.0.0/8"]}
"""The setting without which nothing is sent here."""


@dataclass(frozen=True)
class Received:
    """A post that arrived."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Receiver:
    """The server; ``statuses`` are those of its next answers, then ``status``.

    With ``hangs`` it takes a post and does not answer before the end of the test.
    """

    status: int = 200
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    hangs: bool = False
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.arrived, self.released = Condition(), Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = False  # so that closing waits for them, and none outlives the test
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def wait_for(self, number: int) -> list[Received]:
        """The first *number* posts, as soon as they are there."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= number, PATIENCE), self.received
            return self.received[:number]

    def take(self, post: Received) -> int:
        """Keep a post; the status to answer with."""
        with self.arrived:
            self.received.append(post)
            self.arrived.notify_all()
            return self.statuses.pop(0) if self.statuses else self.status

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(Received(self.path, dict(self.headers.items()), raw))
                if receiver.hangs:
                    receiver.released.wait(PATIENCE)
                    return
                self.send_response(status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)
