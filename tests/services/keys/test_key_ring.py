from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Event

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.errors.keys import SigningKeyUnreadable
from hanko_compat.jose import signing_keys
from hanko_compat.jose.signing_keys import SigningKey
from hanko_compat.services.keys import key_ring
from hanko_compat.services.keys.key_ring import LIFETIME, PAUSE, KeyRing, Snapshot, StoredKey
from tests.servers.process import PATIENCE

OLD, NEW = (SigningKey(signing_keys.generate("EdDSA")) for _ in range(2))
BORN = datetime(2026, 1, 1, tzinfo=UTC)


class Table:
    """What the ring reads; counts the reads."""

    def __init__(self):
        self.keys = [OLD]
        self.reads = 0
        self.fault = None
        self.begun, self.may_end = Event(), Event()

    def load(self, last):
        self.reads += 1
        if self.fault:
            raise self.fault
        rows = tuple(StoredKey(n, "", BORN, 0, key) for n, key in enumerate(self.keys, 1))
        return Snapshot.of(rows)

    def load_slowly(self, last):
        """As `load`; every read but the first takes until it may end."""
        if last is not None:
            self.begun.set()
            self.may_end.wait(PATIENCE)
        return self.load(last)


@pytest.fixture
def table():
    return Table()


@pytest.fixture
def ring(table, clock):
    return KeyRing(table.load, now=clock)


@pytest.fixture
def patient(monkeypatch):
    """Let threads wait for another one's read for as long as a busy machine takes."""
    monkeypatch.setattr(key_ring, "PATIENCE", float(PATIENCE))


def test_known_keys_are_read_once(ring, table):
    assert [ring.find(OLD.kid) for _ in range(100)] == [OLD] * 100
    assert table.reads == 1


def test_an_unknown_key_is_looked_for_at_once(ring, table, clock):
    ring.snapshot()
    clock.advance(seconds=PAUSE.total_seconds())
    table.keys.append(NEW)
    assert ring.find(NEW.kid) is NEW
    assert table.reads == 2


def test_a_key_that_was_made_after_a_read_that_was_due_is_found(ring, table, clock):
    """Another process may sign with it at once."""
    ring.snapshot()
    clock.advance(seconds=LIFETIME.total_seconds())
    ring.snapshot()
    table.keys.append(NEW)
    assert ring.find(NEW.kid) is NEW


def test_a_flood_of_unknown_keys_reads_now_and_then(ring, table, clock):
    """In ten seconds two reads were due, and each has one beside it."""
    for step in range(100):
        assert ring.find(f"garbage {step}") is None
        clock.advance(seconds=0.1)
    assert table.reads == 4


def test_another_host_s_rotation_is_seen_after_the_lifetime(ring, table, clock):
    assert ring.snapshot().newest.key is OLD
    table.keys.append(NEW)
    clock.advance(seconds=LIFETIME.total_seconds() + 1)
    assert ring.snapshot().newest.key is NEW


def test_a_clock_that_is_set_back_does_not_stop_the_reads(ring, table, clock):
    ring.snapshot()
    table.keys.append(NEW)
    clock.advance(days=-1)
    clock.advance(seconds=LIFETIME.total_seconds())
    assert ring.snapshot().newest.key is NEW


@pytest.mark.parametrize("fault", [DatabaseUnavailable(), SigningKeyUnreadable("row 2")])
def test_what_there_is_stays_when_a_read_fails(ring, table, clock, fault, caplog):
    ring.snapshot()
    table.fault = fault
    clock.advance(seconds=LIFETIME.total_seconds() + 1)
    assert [ring.find(OLD.kid) for _ in range(10)] == [OLD] * 10
    assert table.reads == 2
    assert [record.message for record in caplog.records] == ["signing_keys_not_refreshed"]
    table.fault = None
    clock.advance(seconds=PAUSE.total_seconds())
    assert ring.snapshot().newest.key is OLD
    assert table.reads == 3


def test_the_first_read_must_succeed(ring, table):
    table.fault = DatabaseUnavailable()
    with pytest.raises(DatabaseUnavailable):
        ring.find(OLD.kid)
    table.fault = None
    assert ring.find(OLD.kid) is OLD


@pytest.mark.usefixtures("patient")
def test_threads_that_need_the_same_new_key_wait_for_one_read(table, clock):
    ring = KeyRing(table.load_slowly, now=clock)
    ring.snapshot()
    clock.advance(seconds=PAUSE.total_seconds())
    table.keys.append(NEW)
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(ring.find, NEW.kid) for _ in range(4)]
        assert table.begun.wait(PATIENCE)
        table.may_end.set()
        assert [each.result() for each in found] == [NEW] * 4
    assert table.reads == 2


def test_threads_carry_on_with_old_keys_while_one_reads(table, clock):
    ring = KeyRing(table.load_slowly, now=clock)
    ring.snapshot()
    clock.advance(seconds=LIFETIME.total_seconds() + 1)
    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(ring.find, OLD.kid)
        assert table.begun.wait(PATIENCE)
        assert ring.find(OLD.kid) is OLD
        assert not reader.done()
        table.may_end.set()
        assert reader.result() is OLD


@pytest.mark.usefixtures("patient")
def test_who_signs_waits_for_the_thread_that_reads(table, clock):
    ring = KeyRing(table.load_slowly, now=clock)
    assert ring.newest().key is OLD
    clock.advance(seconds=LIFETIME.total_seconds())
    table.keys = [NEW]
    with ThreadPoolExecutor(2) as threads:
        reading = threads.submit(ring.snapshot)
        assert table.begun.wait(PATIENCE)
        signing = threads.submit(ring.newest)
        with pytest.raises(TimeoutError):
            signing.result(timeout=0.05)
        table.may_end.set()
        assert signing.result(PATIENCE).key is reading.result(PATIENCE).newest.key is NEW


def test_a_cold_start_of_many_threads_reads_once_for_each_at_most(ring, table):
    gate = Barrier(4)

    def find(_):
        gate.wait(PATIENCE)
        return ring.find(OLD.kid)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find, range(4))) == [OLD] * 4
    assert table.reads <= 4


@pytest.mark.parametrize(
    ("rows", "newest"),
    [
        ([(1, 0), (2, 1)], 2),
        ([(1, 1), (2, 0)], 1),
        ([(1, 0), (2, 0)], 2),
    ],
    ids=["newer", "older", "same second"],
)
def test_the_newest_row_signs(rows, newest):
    stored = tuple(StoredKey(n, "", BORN.replace(second=second), 0, OLD) for n, second in rows)
    assert Snapshot.of(stored).newest.row_id == newest
