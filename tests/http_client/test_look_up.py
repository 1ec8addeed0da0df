"""What host names stand for, within a time."""

import socket
from functools import partial
from threading import Event

import pytest

from hanko_compat.errors.http_client import RequestFailed
from hanko_compat.http_client.client import Client
from hanko_compat.http_client.deadline import Deadline
from hanko_compat.http_client.look_up import MOST, look_up


@pytest.fixture
def answers():
    """Set when a name server answers that says nothing until then."""
    answers = Event()
    yield answers
    answers.set()


@pytest.fixture
def slow(answers):
    """A look-up at that name server."""

    def resolve(*arguments, **options):
        answers.wait(60)
        return socket.getaddrinfo(*arguments, **options)

    return resolve


def test_the_addresses_of_this_machine():
    found = look_up("localhost", 80, deadline=Deadline(60))
    assert ("127.0.0.1", 80) in [each[4] for each in found]


def test_no_such_name():
    with pytest.raises(socket.gaierror):
        look_up("256.256.256.256", 80, deadline=Deadline(60))


def test_a_name_server_that_does_not_answer(slow):
    with pytest.raises(RequestFailed, match="timed out"):
        Client(timeout=0.2, resolve=slow).get("http://idp.example.com/")


def test_only_so_many_wait_for_it(answers, slow):
    ask = partial(look_up, "localhost", 80, resolve=slow)
    for _ in range(MOST + 1):
        with pytest.raises(TimeoutError):
            ask(deadline=Deadline(0.05))
    answers.set()
    assert ask(deadline=Deadline(60))
