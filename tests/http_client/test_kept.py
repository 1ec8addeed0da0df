"""Connections that are kept: one server is connected to once, and no answer is lost when it ends one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Event, Thread

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client
from hanko_compat.http_client.kept import KeptConnection

HERE = [ip_network("127.0.0.0/8")]
PATIENCE = 60.0  # seconds


@dataclass
class Server:
    """What it was asked, with the number of the connection; and what becomes of a connection."""

    asked: list[tuple[int, str]] = field(default_factory=list)
    says: str = ""  # a header
    ends: bool = False  # the connection, with each answer, and without a word of it
    is_rude: bool = False  # it ends the connection instead of a second answer
    connections: int = 0
    ended: Event = field(default_factory=Event)
    url: str = ""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            server.connections += 1
            self.number, self.requests = server.connections, 0

        def do_GET(self) -> None:
            self.requests += 1
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if server.is_rude and self.requests > 1:
                self.close_connection = True
                return
            server.asked.append((self.number, self.command))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            if server.says:
                name, _, value = server.says.partition(": ")
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")
            self.close_connection = self.close_connection or server.ends

        do_POST = do_GET  # noqa: N815 - the library's name

        def finish(self) -> None:
            super().finish()
            server.ended.set()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server.url = f"http://127.0.0.1:{listening.server_address[1]}/"
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


@pytest.fixture
def client() -> Client:
    return Client(timeout=PATIENCE, networks=HERE)


@pytest.fixture
def kept() -> Iterator[KeptConnection]:
    kept = KeptConnection()
    yield kept
    kept.close()


def test_what_is_read_next_comes_over_the_same_connection(client: Client, kept: KeptConnection) -> None:
    with serving(Server()) as server:
        client.post(server.url, b"code", kept=kept)
        for _ in range(2):
            assert client.get(server.url, kept=kept).body == b"ok"
        kept.close()
        assert server.ended.wait(PATIENCE)
    assert server.asked == [(1, "POST"), (1, "GET"), (1, "GET")]


def test_a_post_goes_over_a_new_one(client: Client, kept: KeptConnection) -> None:
    """Nobody could tell whether it has arrived, should the server end a connection that was kept."""
    with serving(Server()) as server:
        client.get(server.url, kept=kept)
        client.post(server.url, b"code", kept=kept)
        kept.close()
    assert server.asked == [(1, "GET"), (2, "POST")]


def test_without_a_place_to_keep_it_each_request_has_its_own(client: Client) -> None:
    with serving(Server()) as server:
        for _ in range(2):
            client.get(server.url)
            assert server.ended.wait(PATIENCE)
            server.ended.clear()
    assert server.asked == [(1, "GET"), (2, "GET")]


def test_another_server_gets_a_connection_of_its_own(client: Client, kept: KeptConnection) -> None:
    with serving(Server()) as first, serving(Server()) as second:
        for server in (first, second, first):
            assert client.get(server.url, kept=kept).body == b"ok"
        kept.close()
    assert (first.asked, second.asked) == ([(1, "GET"), (2, "GET")], [(1, "GET")])


@pytest.mark.parametrize(
    "server",
    [Server(says="Connection: close"), Server(ends=True), Server(is_rude=True)],
    ids=["and say so", "without a word", "instead of an answer"],
)
def test_a_server_may_end_it_whenever_it_likes(client: Client, kept: KeptConnection, server: Server) -> None:
    with serving(server):
        client.post(server.url, b"code", kept=kept)
        if server.ends or server.says:
            assert server.ended.wait(PATIENCE)
        assert client.get(server.url, kept=kept).body == b"ok"
        kept.close()
    assert server.asked == [(1, "POST"), (2, "GET")]


def test_what_fails_is_not_kept(kept: KeptConnection) -> None:
    client = Client(timeout=PATIENCE, networks=HERE, max_bytes=1)
    with serving(Server()) as server:
        with pytest.raises(RequestFailed):
            client.get(server.url, kept=kept)
        assert server.ended.wait(PATIENCE)
