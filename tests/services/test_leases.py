"""Work that one process of all does at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from hanko_compat.services.leases import LENGTH, Lease
from hanko_compat.storage import leases as rows


@pytest.fixture
def make_lease(services, clock):
    """What a process sees of the lease; each call is another process."""
    return lambda name="work": Lease(services.database, name, now=clock)


def test_one_has_it_and_the_others_wait_until_it_is_due_again(make_lease, clock):
    first, second = make_lease(), make_lease()
    assert first.due_at() is None
    assert first.take()
    assert not second.take()
    assert not second.take(may_be_early=True)
    first.give_back(due_at=clock() + timedelta(minutes=10))
    assert not second.take()
    clock.advance(minutes=9)
    assert not second.take()
    clock.advance(minutes=1, seconds=1)
    assert second.take()
    assert not first.keep() or not first.take()


def test_who_may_be_early_need_not_wait_for_the_time(make_lease, clock):
    first, second = make_lease(), make_lease()
    assert first.take()
    first.give_back(due_at=clock() + timedelta(hours=1))
    assert second.take(may_be_early=True)


def test_work_that_was_not_done_to_its_end_is_still_due(make_lease):
    first, second = make_lease(), make_lease()
    assert first.take()
    first.give_back(due_at=None)
    assert second.take()


def test_a_killed_process_keeps_it_for_a_while_and_one_that_lives_for_longer(make_lease, clock):
    killed, living = make_lease(), make_lease()
    assert killed.take()
    clock.advance(seconds=LENGTH.total_seconds() - 1)
    assert not living.take()
    clock.advance(seconds=2)
    assert living.take()
    for _ in range(4):
        clock.advance(seconds=LENGTH.total_seconds() / 2)
        assert living.keep()
    assert not make_lease().take()
    # It was only slow: whoever has it now keeps it.
    assert not killed.keep()
    killed.give_back(due_at=clock())
    assert not make_lease().take()


def test_different_work_has_different_leases(make_lease):
    assert make_lease("one").take()
    assert make_lease("two").take()


def test_of_many_at_once_one_gets_it(make_lease, services):
    gate = Barrier(8)

    def take(_):
        gate.wait()
        return make_lease().take()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [False] * 7 + [True]


def test_people_see_who_has_it(make_lease, services):
    lease = make_lease()
    lease.take()
    with services.database.connection():
        holder = rows.find("work").holder
    assert holder.split()[1].isdigit()
    lease.give_back(due_at=None)
    with services.database.connection():
        assert rows.find("work").holder == rows.NOBODY
