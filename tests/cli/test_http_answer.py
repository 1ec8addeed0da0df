"""Answers to callers who read at once, slowly, or not at all."""

import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


def has_nothing(caller: socket.socket) -> bool:
    return not select.select([caller], [], [], 0)[0]


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


def test_a_head_goes_with_the_body_that_follows(ends: tuple[AnswerSocket, socket.socket]) -> None:
    answering, caller = ends
    answering.hold_head()
    answering.sendall(b"head ")
    assert has_nothing(caller)
    answering.sendall(b"body")
    assert caller.recv(100) == b"head body"
    answering.sendall(b" more")  # which is not held
    assert caller.recv(100) == b" more"
    answering.release_head()
    answering.sendall(b"next")
    assert caller.recv(100) == b"next"


def test_a_head_without_a_body_is_sent_in_the_end(ends: tuple[AnswerSocket, socket.socket]) -> None:
    answering, caller = ends
    answering.hold_head()
    answering.sendall(b"head")
    answering.release_head()
    assert caller.recv(100) == b"head"
    answering.release_head()
    assert has_nothing(caller)


def test_an_answer_that_failed_leaves_nothing_to_the_next(ends: tuple[AnswerSocket, socket.socket]) -> None:
    answering, caller = ends
    answering.hold_head()
    answering.drop_head()
    answering.sendall(b"first ")
    assert caller.recv(100) == b"first "
    answering.hold_head()
    answering.sendall(b"head of what failed")
    answering.drop_head()
    answering.sendall(b"second")
    assert caller.recv(100) == b"second"


def test_a_file_comes_after_its_head(ends: tuple[AnswerSocket, socket.socket], tmp_path: Path) -> None:
    answering, caller = ends
    path = tmp_path / "file"
    path.write_bytes(b"file")
    answering.hold_head()
    answering.sendall(b"head ")
    with path.open("rb") as file:
        assert answering.sendfile(file) == len(b"file")
    received = b""
    while len(received) < len(b"head file"):
        received += caller.recv(100)
    assert received == b"head file"


def test_a_long_body_comes_after_its_head(ends: tuple[AnswerSocket, socket.socket]) -> None:
    answering, caller = ends
    answering.hold_head()
    answering.sendall(b"head")
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(answering.sendall, LONG)
        received = bytearray()
        while len(received) < len(b"head" + LONG):
            received += caller.recv(65536)
        sending.result()
    assert received == b"head" + LONG
