"""A request is whole when its last byte is there, in whatever parts it came, and not before."""

from collections.abc import Iterator

import pytest
from gunicorn.config import Config as GunicornConfig
from hypothesis import given
from hypothesis import strategies as st

from hanko_compat.cli import http_arrival
from hanko_compat.cli.http_arrival import Arrival
from hanko_compat.cli.http_head import Parser

BEHIND = b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n"


def with_length(body: bytes) -> bytes:
    return b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def in_chunks(body: bytes, step: int, ending: bytes) -> bytes:
    parts = [body[start : start + step] for start in range(0, len(body), step)]
    framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"POST /users HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + ending


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A request, and its body."""
    body = draw(st.binary(max_size=200) | st.just(b"0\r\n\r\n" * 3))
    ending = draw(st.sampled_from([b"0\r\n\r\n", b"000;a=b\r\n\r\n", b"0\r\nX-Sum: x\r\n\r\n"]))
    message = draw(st.sampled_from([with_length(body), in_chunks(body, draw(st.integers(1, 50)), ending)]))
    return message, body


def parts(draw: st.DataObject, message: bytes) -> Iterator[bytes]:
    while message:
        length = draw.draw(st.integers(1, len(message)))
        yield message[:length]
        message = message[length:]


@given(requests(), st.data())
def test_it_is_whole_with_its_last_byte(request: tuple[bytes, bytes], data: st.DataObject) -> None:
    message, body = request
    arrival, arrived = Arrival(), 0
    for part in parts(data, message):
        assert not arrival.is_whole
        arrival.add(part)
        arrived += len(part)
        assert arrival.is_whole == (arrived == len(message))
    assert read(arrival) == body
    assert arrival.behind == b""


@given(requests(), st.integers(0, len(BEHIND)), st.data())
def test_what_comes_behind_it_is_kept(request: tuple[bytes, bytes], length: int, data: st.DataObject) -> None:
    message, body = request
    arrival, behind = Arrival(), b""
    for part in parts(data, message + BEHIND[:length]):
        if arrival.is_whole:
            behind += part
        else:
            arrival.add(part)
    assert read(arrival) == body
    assert arrival.behind + behind == BEHIND[:length]


def read(arrival: Arrival) -> bytes:
    """The body as gunicorn reads it."""
    request = next(Parser(GunicornConfig(), arrival, ("127.0.0.1", 1)))
    return bytes(request.body.read())


@given(st.lists(st.binary(max_size=50) | st.sampled_from([b"\r\n", b"GET / HTTP/1.1\r\n", b"\r\n\r\n"])))
def test_any_bytes_are_taken(sent: list[bytes]) -> None:
    arrival = Arrival()
    for part in sent:
        if not arrival.is_whole:
            arrival.add(part)
    arrival.add(b"")
    assert arrival.is_whole


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nContent-Length: 5",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Content-Length: five",
        b"Content-Length: 5, 5",
        b"Transfer-Encoding: nonsense",
        b"X: y",
    ],
    ids=repr,
)
def test_nobody_waits_for_a_body_that_is_not_declared_or_ambiguous(headers: bytes) -> None:
    arrival = Arrival()
    arrival.add(b"POST /users HTTP/1.1\r\n" + headers + b"\r\n\r\n")
    assert arrival.is_whole


@pytest.mark.parametrize(
    "chunks", [b"x\r\n", b"-1\r\n", b"\r\n", b"1" * 20 + b"\r\n", b"1" * 2000, b"1\r\nxx\r\n"], ids=repr
)
def test_nobody_waits_for_the_end_of_what_are_no_chunks(chunks: bytes) -> None:
    arrival = Arrival()
    arrival.add(b"POST /users HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
    assert arrival.is_whole


@pytest.mark.parametrize(
    ("head", "asks"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nexpect:100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n", True),
        (b"POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", False),
    ],
    ids=repr,
)
def test_callers_who_wait_to_be_asked_are_known(head: bytes, asks: bool) -> None:
    arrival = Arrival()
    arrival.add(head)
    assert arrival.expects_continue() == asks


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_arrival, "MOST_KEPT", 1000)
    monkeypatch.setattr(http_arrival, "MOST_DISCARDED", 5000)
    arrival = Arrival()
    arrival.add(b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n")
    for number in range(1, 13):
        assert not arrival.is_whole
        arrival.add(b"x" * 500)
        assert arrival.is_cut == (number > 2)
        assert arrival.size < 1100
    arrival.add(b"x" * 500)
    assert arrival.is_whole


CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("message", "is_certain"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n" + b"x" * 20, True),
        (CHUNKED + b"14\r\n" + b"x" * 20 + b"\r\n0\r\n\r\n", True),
        (CHUNKED + b"14;a=b\r\n" + b"x" * 20 + b"\r\n0\r\n\r\n", False),
        (CHUNKED + b"14\r\n" + b"x" * 20 + b"\r\n0\r\nX-Sum: x\r\n\r\n", False),
        (CHUNKED + b"14\r\n" + b"x" * 20 + b"\n0\n\n", False),
    ],
    ids=repr,
)
def test_a_body_that_was_cut_is_followed_by_another_request_where_its_end_is_certain(
    monkeypatch: pytest.MonkeyPatch, message: bytes, is_certain: bool
) -> None:
    monkeypatch.setattr(http_arrival, "MOST_KEPT", 10)
    arrival = Arrival()
    arrival.add(message + BEHIND)
    assert (arrival.is_whole, arrival.is_cut, arrival.has_certain_end) == (True, True, is_certain)
    parser = Parser(GunicornConfig(), arrival, ("127.0.0.1", 1))
    next(parser)
    assert parser.finish_body() == is_certain
    if is_certain:
        assert parser.keep_what_is_behind()
        assert parser.unreader.take_buffered() == BEHIND


def test_who_is_given_up_is_late_unless_the_answer_is_known() -> None:
    slow, long = Arrival(), Arrival()
    slow.add(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nx")
    long.add(b"POST / HTTP/1.1\r\nContent-Length: 10000000\r\n\r\n" + b"x" * (http_arrival.MOST_KEPT + 1))
    for arrival in (slow, long):
        arrival.give_up()
        assert arrival.is_whole
    assert (slow.is_late, long.is_late) == (True, False)
