"""Answers to callers who read at once, slowly, or not at all."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hanko_compat.cli import http_answer
from hanko_compat.cli.http_answer import AnswerSocket

LONG = bytes(range(256)) * 20_000  # bytes; no kernel holds as much for a caller who has not read


@pytest.fixture
def ends() -> Iterator[tuple[AnswerSocket, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(30)
    with AnswerSocket.of(ours) as answering, theirs:
        answering.setblocking(True)
        yield answering, theirs


def test_a_short_answer_arrives(ends: tuple[AnswerSocket, socket.socket]) -> None:
    answering, caller = ends
    answering.sendall(b"answer")
    assert caller.recv(100) == b"answer"


def test_a_long_one_arrives_whole_though_the_kernel_takes_it_in_parts(
    ends: tuple[AnswerSocket, socket.socket],
) -> None:
    answering, caller = ends
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(answering.sendall, LONG)
        received = bytearray()
        while len(received) < len(LONG):
            received += caller.recv(65536)
        sending.result()
    assert received == LONG


def test_who_does_not_read_is_not_waited_for(
    ends: tuple[AnswerSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_answer, "READER_PATIENCE", 0.1)
    answering, _ = ends
    with pytest.raises(TimeoutError):
        answering.sendall(LONG)
    with pytest.raises(TimeoutError):  # nor where there is no room at all any more
        answering.sendall(b"answer")
