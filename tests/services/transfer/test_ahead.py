"""The next item is made meanwhile, and nothing else changes."""

from threading import Event

import pytest

from hanko_compat.services.transfer.ahead import ahead


def test_items_come_in_order():
    assert list(ahead(iter(range(1, 100)))) == list(range(1, 100))


def test_the_next_one_is_made_while_the_caller_works():
    is_made = Event()

    def items():
        yield "first"
        is_made.set()
        yield "second"

    found = ahead(items())
    assert next(found) == "first"
    assert is_made.wait(timeout=10)
    assert list(found) == ["second"]


def test_an_error_comes_out_in_its_place():
    def items():
        yield "first"
        raise ZeroDivisionError

    found = ahead(items())
    assert next(found) == "first"
    with pytest.raises(ZeroDivisionError):
        next(found)
