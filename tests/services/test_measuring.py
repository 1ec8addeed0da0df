"""What is measured: the process that measures, and the queues."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.hashing.hasher import Hasher
from hanko_compat.services.delivery.queue import Channel, DeliveryQueue
from hanko_compat.services.measuring import Measuring
from tests.servers.hanko_compat import wait_until


class Shown:
    """What was shown last, and whether anything was."""

    def __init__(self):
        self.hashes, self.connections, self.queues, self.happened = {}, {}, {}, Event()

    def show_hashes(self, **values):
        self.hashes = values

    def show_connections(self, **values):
        self.connections = values

    def show_queue(self, channel, **values):
        self.queues[channel] = values
        self.happened.set()


@pytest.fixture
def shown():
    return Shown()


@pytest.fixture
def queue(services, clock):
    clock.time = clock.time.replace(microsecond=0)  # which MariaDB does not keep
    return DeliveryQueue(services.database, now=clock)


@pytest.fixture
def measuring(services, queue, shown):
    hasher = Hasher(concurrency=1, queue=5)
    return Measuring(shown, hasher=hasher, database=services.database, queue=queue, every=0.001)


def put(services, queue, channel):
    services.database.transaction(lambda: queue.put(channel, kind="a", payload="b"))


def test_each_channel_has_a_length_and_an_age(services, clock, measuring, queue, shown):
    put(services, queue, Channel.MAIL)
    clock.advance(seconds=90)
    put(services, queue, Channel.MAIL)
    put(services, queue, Channel.HOOK)
    measuring.measure_queues()
    assert shown.queues == {
        "mail": {"length": 2, "age": 90},
        "hook": {"length": 1, "age": 0},
        "sms": {"length": 0, "age": 0},
        "webhook": {"length": 0, "age": 0},
    }


def test_connections_of_this_process(services, measuring, shown):
    with services.database.connection():
        measuring.measure_process()
        during = shown.connections
    measuring.measure_process()
    assert (during["in_use"], shown.connections["in_use"]) == (1, 0)
    assert shown.connections["idle"] == during["idle"] + 1
    assert 1 <= shown.connections["limit"] == during["limit"]


def test_hashes_of_this_process(services, shown, queue, monkeypatch):
    begun, may_end = Event(), Event()

    def create(*_arguments, **_options):
        begun.set()
        assert may_end.wait(30)

    monkeypatch.setattr("hanko_compat.hashing.bcrypt.create", create)
    hasher = Hasher(concurrency=1, queue=5)
    measuring = Measuring(shown, hasher=hasher, database=services.database, queue=queue)
    with ThreadPoolExecutor(3) as callers:
        for number in range(3):
            callers.submit(hasher.hash_password, "a password", client=f"{number}")
        assert begun.wait(30)
        wait_until(lambda: hasher.load.waiting == 2, why=lambda: "the others never came")
        measuring.measure_process()
        may_end.set()
    assert shown.hashes == {"running": 1, "waiting": 2}
    measuring.measure_process()
    assert shown.hashes == {"running": 0, "waiting": 0}


def test_the_thread_goes_on_where_the_database_is_lost(
    services, measuring, queue, shown, monkeypatch, caplog
):
    faults = [DatabaseUnavailable(), ZeroDivisionError()]
    real = queue.backlog

    def backlog(channel):
        if faults:
            raise faults.pop(0)
        return real(channel)

    monkeypatch.setattr(queue, "backlog", backlog)
    measuring.start()
    assert shown.happened.wait(30)
    measuring.stop(patience=30)
    assert [each.levelno for each in caplog.records if each.message == "measuring_failed"] == [logging.ERROR]


def test_no_more_are_counted_than_tell_anything(services, queue, monkeypatch):
    monkeypatch.setattr("hanko_compat.services.delivery.queue.MOST_COUNTED", 3)
    for _ in range(5):
        put(services, queue, Channel.SMS)
    assert queue.backlog(Channel.SMS).length == 3
    assert queue.backlog(Channel.SMS).age == timedelta(0)
