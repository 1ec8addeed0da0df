"""How the head of a request is read that comes in parts, late or never."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from gunicorn.config import Config as GunicornConfig

from hanko_compat.cli import http_head, http_worker


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("patience", [0.0, 0.01])
@pytest.mark.parametrize(
    "start",
    [b"G", b"\r", b"\r\n", b"GET /me HTTP/1.1\r\n", b"GET /me HTTP/1.1\r\nX: ", b"\x16\x03\x01"],
    ids=repr,
)
def test_a_head_that_does_not_end_is_refused(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch, start: bytes, patience: float
) -> None:
    monkeypatch.setattr(http_head, "PATIENCE", patience)
    ours, theirs = pair
    theirs.sendall(start)
    with pytest.raises(http_head.HeadTooSlow) as caught:
        next(http_head.Parser(GunicornConfig(), ours, ("127.0.0.1", 1)))
    assert http_worker.STATUSES[caught.type] == 408
    assert caught.value.head == start
    assert ours.gettimeout() is None


def test_a_head_in_parts_is_read_and_its_body_has_all_time(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = iter([b"me HTTP/1.1\r\nHo", b"st: x\r\n", b"\r\n"])
    ours, theirs = pair
    read_into = http_head.Request.read_into

    def send_next(*arguments: Any, **options: Any) -> None:
        read_into(*arguments, **options)
        theirs.sendall(next(parts, b""))

    monkeypatch.setattr(http_head.Request, "read_into", send_next)
    theirs.sendall(b"GET /")
    request = next(http_head.Parser(GunicornConfig(), ours, ("127.0.0.1", 1)))
    assert (request.uri, request.headers) == ("/me", [("HOST", "x")])
    assert ours.gettimeout() is None
