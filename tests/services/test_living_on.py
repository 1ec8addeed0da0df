"""A thread outlives what goes wrong in it, says what that was, and ends when it is told."""

import logging
from threading import Event, Thread

import pytest

from hanko_compat.services.living_on import living_on

logger = logging.getLogger(__name__)


def test_a_thread_outlives_a_fault_and_ends_when_it_is_told(caplog):
    stopping, at_work = Event(), Event()
    faults = [ZeroDivisionError("first"), KeyError("second")]

    def work():
        if faults:
            raise faults.pop(0)
        at_work.set()
        stopping.wait(30)

    def run():
        while not stopping.is_set():
            with living_on(logger, lambda: "work_failed"):
                work()

    thread = Thread(target=run, daemon=True)
    thread.start()
    assert at_work.wait(30)
    assert thread.is_alive()
    stopping.set()
    thread.join(30)
    assert not thread.is_alive()
    assert [(each.message, each.levelno, each.exc_info[0]) for each in caplog.records] == [
        ("work_failed", logging.ERROR, ZeroDivisionError),
        ("work_failed", logging.ERROR, KeyError),
    ]


def test_the_event_has_the_name_that_fits_when_it_happens(caplog):
    name = "look"
    with living_on(logger, lambda: f"{name}_failed"):
        name = "delivery"
        raise ValueError
    assert caplog.messages == ["delivery_failed"]


def test_nothing_is_logged_where_nothing_went_wrong(caplog):
    done = []
    with living_on(logger, lambda: "work_failed"):
        done.append("work")
    assert done == ["work"]
    assert caplog.messages == []


@pytest.mark.parametrize("order", [SystemExit, KeyboardInterrupt])
def test_an_order_to_end_is_no_fault(order, caplog):
    with pytest.raises(order), living_on(logger, lambda: "work_failed"):
        raise order
    assert caplog.messages == []
