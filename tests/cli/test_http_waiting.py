"""Connections that wait, each for as long as all others."""

import selectors
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from hanko_compat.cli import http_waiting
from hanko_compat.cli.http_waiting import Waiting


@pytest.fixture
def poller() -> Iterator[selectors.BaseSelector]:
    with selectors.DefaultSelector() as poller:
        yield poller


class Connection:
    """As a worker has it, with the caller's end."""

    def __init__(self) -> None:
        self.sock, self.caller = socket.socketpair()


@pytest.fixture
def connection() -> Iterator[Connection]:
    connection = Connection()
    with connection.sock, connection.caller:
        yield connection


def dispatch(poller: selectors.BaseSelector) -> None:
    for key, _ in poller.select(0):
        key.data(key.fileobj)


def test_it_is_told_what_arrives(poller: selectors.BaseSelector, connection: Connection) -> None:
    heard: list[Connection] = []
    waiting = Waiting(patience=10)
    waiting.add(connection, poller, heard.append)
    dispatch(poller)
    assert (heard, list(waiting)) == ([], [connection])

    connection.caller.sendall(b"x")
    dispatch(poller)
    assert heard == [connection]

    waiting.remove(connection, poller)
    waiting.remove(connection, poller)
    dispatch(poller)
    assert (heard, len(waiting)) == ([connection], 0)


def test_what_was_removed_meanwhile_is_not_told(
    poller: selectors.BaseSelector, connection: Connection
) -> None:
    heard: list[Connection] = []
    waiting = Waiting(patience=10)
    waiting.add(connection, poller, heard.append)
    connection.caller.sendall(b"x")
    ready = poller.select(0)
    waiting.remove(connection, poller)
    for key, _ in ready:
        key.data(key.fileobj)
    assert heard == []


def test_each_has_its_time(
    poller: selectors.BaseSelector, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(http_waiting, "time", SimpleNamespace(monotonic=lambda: now[0]))
    waiting = Waiting(patience=10)
    waiting.add(connection, poller, lambda _connection: None)
    now[0] = 109.9
    assert waiting.overdue() == []
    now[0] = 110.1
    assert waiting.overdue() == [connection]


def test_a_closed_connection_can_not_wait(poller: selectors.BaseSelector, connection: Connection) -> None:
    waiting = Waiting(patience=10)
    connection.sock.close()
    with pytest.raises(ValueError, match="file descriptor"):
        waiting.add(connection, poller, lambda _connection: None)
    assert len(waiting) == 0
