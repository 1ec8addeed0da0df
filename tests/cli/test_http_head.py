"""How the head of a request is judged that has arrived, late or in part."""

import pytest
from gunicorn.config import Config as GunicornConfig
from gunicorn.http import errors

from hanko_compat.cli import http_head, http_worker
from hanko_compat.cli.http_arrival import Arrival
from hanko_compat.cli.http_head import Parser


def arrived(message: bytes) -> Arrival:
    arrival = Arrival()
    arrival.add(message)
    return arrival


@pytest.mark.parametrize(
    "start",
    [b"G", b"\r", b"\r\n", b"GET /me HTTP/1.1\r\n", b"GET /me HTTP/1.1\r\nX: ", b"\x16\x03\x01"],
    ids=repr,
)
def test_a_head_that_does_not_end_is_refused(start: bytes) -> None:
    arrival = arrived(start)
    arrival.give_up()
    with pytest.raises(http_head.RequestTooSlow) as caught:
        next(Parser(GunicornConfig(), arrival, ("127.0.0.1", 1)))
    assert http_worker.STATUSES[caught.type] == 408
    assert caught.value.head == start


def test_a_body_that_does_not_end_is_refused() -> None:
    arrival = arrived(b"POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx")
    arrival.give_up()
    with pytest.raises(http_head.RequestTooSlow) as caught:
        next(Parser(GunicornConfig(), arrival, ("127.0.0.1", 1)))
    assert caught.value.head == arrival.head


def test_a_caller_who_goes_away_is_not_answered() -> None:
    arrival = arrived(b"GET /me HTTP/1.1\r\nHost: x\r\n")
    arrival.add(b"")
    with pytest.raises(errors.NoMoreData):
        next(Parser(GunicornConfig(), arrival, ("127.0.0.1", 1)))


def test_what_is_behind_a_request_is_kept_for_the_next() -> None:
    parser = Parser(GunicornConfig(), arrived(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET"), ("127.0.0.1", 1))
    request = next(parser)
    assert request.body.read() == b""
    assert parser.keep_what_is_behind()
    assert parser.unreader.take_buffered() == b"GET"


def test_a_request_whose_end_is_uncertain_has_no_next() -> None:
    arrival = arrived(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcdeGET")
    parser = Parser(GunicornConfig(), arrival, ("127.0.0.1", 1))
    next(parser)
    assert not parser.keep_what_is_behind()


@pytest.mark.parametrize(
    ("allowed", "peer", "scheme"),
    [
        ("", ("127.0.0.1", 1), "http"),
        ("", "", "https"),  # a Unix socket
        ("127.0.0.1", ("127.0.0.1", 1), "https"),
        ("127.0.0.1", ("127.0.0.2", 1), "http"),
        ("10.0.0.0/8,127.0.0.0/8", ("127.0.0.2", 1), "https"),
        ("*", ("127.0.0.2", 1), "https"),
    ],
)
def test_whose_headers_count_is_what_gunicorn_says(allowed: str, peer: object, scheme: str) -> None:
    settings = GunicornConfig()
    settings.set("forwarded_allow_ips", allowed)
    arrival = arrived(b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-Proto: https\r\n\r\n")
    assert next(Parser(settings, arrival, peer)).scheme == scheme
