import pytest

from hanko_compat.client import Client
from hanko_compat.services.events import Event, Events, EventType

HAPPENED = Event(type=EventType.USER_CREATED, client=Client("127.0.0.1", "test", "request-1"))


def test_recording_reaches_the_durable_listeners_only():
    durable, others = [], []
    Events(durable=[durable.append], others=[others.append]).record(HAPPENED)
    assert (durable, others) == ([HAPPENED], [])


def test_publishing_reaches_the_others_only():
    durable, others = [], []
    Events(durable=[durable.append], others=[others.append, others.append]).publish(HAPPENED)
    assert (durable, others) == ([], [HAPPENED, HAPPENED])


def test_listeners_for_changes_are_durable_and_make_no_transaction():
    changes, others = [], []
    events = Events(for_changes=[changes.append], others=[others.append])
    events.record(HAPPENED)
    assert (changes, others, events.are_stored) == ([HAPPENED], [], False)
    events.publish(HAPPENED)
    assert (changes, others) == ([HAPPENED], [HAPPENED])


@pytest.mark.parametrize(
    ("listeners", "expected"),
    [
        ({}, False),
        ({"others": [print]}, False),
        ({"durable": [print]}, True),
        ({"for_changes": [print]}, True),
        ({"for_changes": [print], "wants": lambda event: event.type == EventType.USER_DELETED}, False),
        ({"for_changes": [print], "wants": lambda event: event.type == EventType.USER_CREATED}, True),
    ],
)
def test_what_is_written_of_a_change(listeners, expected):
    assert Events(**listeners).writes_of(HAPPENED) is expected


def test_a_durable_listener_that_fails_stops_what_it_was_to_record():
    def fail(event):
        raise RuntimeError(event.type)

    with pytest.raises(RuntimeError, match="user_created"):
        Events(durable=[fail]).record(HAPPENED)


def test_without_listeners_nothing_happens():
    events = Events()
    assert events.record(HAPPENED) is None
    assert events.publish(HAPPENED) is None
