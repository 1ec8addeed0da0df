"""The schedule: one process of all cleans up at a time, whatever becomes of it."""

import logging
from datetime import timedelta
from threading import Event

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.clean_up.schedule import NAME, WALKS, Schedule, jobs
from hanko_compat.services.leases import LENGTH, Lease
from hanko_compat.storage import leases
from hanko_compat.storage.models import SpentToken, User
from tests.factories import make_user

EVERY = timedelta(minutes=10)


@pytest.fixture
def make_schedule(services, clock):
    """The schedule of a process; each call is another process."""

    def make(*, look=60.0):
        work = jobs(services.database, every=EVERY, now=clock)
        return Schedule(services.clean_up.runs, work, now=clock, look=look, jitter=lambda low, high: low)

    return make


def spend(services, clock):
    with services.database.connection():
        SpentToken.create(id=f"{clock()}", expires_at=clock() - timedelta(hours=2))


def spent(services):
    with services.database.connection():
        return SpentToken.select().count()


def test_whoever_comes_first_does_what_is_due(make_schedule, services, clock, caplog):
    caplog.set_level(logging.INFO)
    first, second = make_schedule(), make_schedule()
    spend(services, clock)
    assert first.do_due()
    assert spent(services) == 0
    (record,) = [each for each in caplog.records if each.message == "cleaned_up"]
    assert record.deleted == {"spent_tokens": 1}
    spend(services, clock)
    assert not second.do_due()
    clock.advance(minutes=9)
    assert not first.do_due()
    assert spent(services) == 1
    clock.advance(minutes=2)
    assert second.do_due()
    assert spent(services) == 0
    assert not first.do_due()


def test_walks_through_whole_tables_are_seldom(make_schedule, services, clock):
    schedule = make_schedule()
    with services.database.connection():
        old = make_user(created_at=clock() - timedelta(days=31))
    assert schedule.do_due()
    with services.database.connection():
        assert User.get_or_none(User.id == old.id) is None
        make_user(created_at=clock() - timedelta(days=31))
    for _ in range(5):
        clock.advance(hours=1)
        assert schedule.do_due()
        with services.database.connection():
            assert User.select().count() == 1
    clock.advance(hours=1, minutes=1)
    assert schedule.do_due()
    with services.database.connection():
        assert User.select().count() == 0


def test_nobody_waits_for_a_process_that_was_killed_for_long(make_schedule, services, clock):
    spend(services, clock)
    for name in (NAME, WALKS):  # of a process that then vanished
        assert Lease(services.database, name, now=clock).take()
    schedule = make_schedule()
    clock.advance(seconds=LENGTH.total_seconds() - 1)
    assert not schedule.do_due()
    clock.advance(seconds=2)
    assert schedule.do_due()
    assert spent(services) == 0


def test_a_run_ends_when_another_process_has_taken_over(make_schedule, services, clock, monkeypatch):
    """One that hung for longer than its lease."""
    spend(services, clock)
    monkeypatch.setattr(Lease, "keep", lambda self: False)
    make_schedule().do_due()
    assert spent(services) == 1


def test_what_failed_is_due_still(make_schedule, services, clock, monkeypatch):
    spend(services, clock)

    def fail(**_):
        raise DatabaseUnavailable

    schedule = make_schedule()
    with monkeypatch.context() as patch:
        patch.setattr(services.clean_up.runs, "run", fail)
        with pytest.raises(DatabaseUnavailable):
            schedule.do_due()
    assert schedule.do_due()
    assert spent(services) == 0


def test_the_thread_cleans_up_and_lives_through_faults(services, clock, monkeypatch, caplog):
    done, real = Event(), services.clean_up.runs.run
    faults = [DatabaseUnavailable(), ZeroDivisionError()]

    def run(**arguments):
        if faults:
            raise faults.pop(0)
        result = real(**arguments)
        done.set()
        return result

    monkeypatch.setattr(services.clean_up.runs, "run", run)
    spend(services, clock)
    work = jobs(services.database, every=EVERY, now=clock)
    schedule = Schedule(services.clean_up.runs, work, now=clock, look=0.001)
    schedule.start()
    assert done.wait(30)
    schedule.stop(patience=30)
    assert spent(services) == 0
    levels = [each.levelno for each in caplog.records if each.message == "clean_up_failed"]
    assert levels == [logging.WARNING, logging.ERROR]
    with services.database.connection():
        assert {leases.find(name).holder for name in (NAME, WALKS)} == {leases.NOBODY}


def test_one_that_is_told_to_stop_leaves_the_rest_to_others(make_schedule, services, clock):
    spend(services, clock)
    stopped, another = make_schedule(), make_schedule()
    stopped.stop(patience=0)
    stopped.do_due()
    assert spent(services) == 1
    assert another.do_due()
    assert spent(services) == 0


def test_without_an_interval_there_is_no_schedule(make_services, clock):
    services = make_services({"hanko_compat.cleanup.interval": ""})
    spend(services, clock)
    assert not services.clean_up.schedule.do_due()
    services.clean_up.schedule.start()
    services.clean_up.schedule.stop(patience=0)
    assert spent(services) == 1


def test_the_end_of_a_run_is_noted_and_not_that_of_one_that_was_stopped(services, clock):
    noted = []
    work = jobs(services.database, every=EVERY, now=clock)
    schedule = Schedule(services.clean_up.runs, work, now=clock, look=1, note=noted.append)
    assert schedule.do_due()
    assert set(noted) == {clock()}
    noted.clear()
    clock.advance(seconds=2 * EVERY.total_seconds())
    schedule.stop(patience=0)
    schedule.do_due()
    assert noted == []
