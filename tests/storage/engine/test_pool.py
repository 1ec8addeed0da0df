"""The pool: bounded, fair to a server that comes back, harmless after a fork, cheap."""

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.storage.engine.database import Database, open_database
from hanko_compat.storage.engine.pool import Pool, Usage
from hanko_compat.storage.models import User
from hanko_compat.storage.schema import migrate
from tests.servers.hanko_compat import wait_until


@dataclass(eq=False)
class Link:
    """A connection of a driver that tests steer."""

    is_open: bool = True
    is_suspicious: bool = False
    is_clean: bool = True


@dataclass
class Links:
    """A driver whose server is up or down."""

    is_up: bool = True
    asked: int = 0
    made: list[Link] = field(default_factory=list)

    def open(self) -> Link:
        if not self.is_up:
            raise OSError("refused")
        self.made.append(Link())
        return self.made[-1]

    def discard(self, connection: Link) -> None:
        connection.is_open = False

    def is_suspicious(self, connection: Link) -> bool:
        return connection.is_suspicious

    def answers(self, connection: Link) -> bool:
        self.asked += 1
        return not connection.is_suspicious

    def is_reusable(self, connection: Link) -> bool:
        return connection.is_clean


def test_the_connection_used_last_is_handed_out_first() -> None:
    pool = Pool(Links(), size=2)
    first, second = pool.acquire(), pool.acquire()
    pool.release(first)
    pool.release(second)
    assert pool.acquire() is second


def test_no_more_connections_than_the_limit() -> None:
    driver = Links()
    pool = Pool(driver, size=2, wait=0.01)
    pool.acquire()
    pool.acquire()
    with pytest.raises(DatabaseUnavailable):
        pool.acquire()
    assert len(driver.made) == 2


def test_a_waiting_thread_gets_what_is_released() -> None:
    pool = Pool(Links(), size=1, wait=30)
    connection, started = pool.acquire(), Event()

    def wait_for_it() -> object:
        started.set()
        return pool.acquire()

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(wait_for_it)
        started.wait()
        pool.release(connection)
        assert waiting.result() is connection


def test_a_connection_used_a_moment_ago_is_not_asked() -> None:
    driver = Links()
    pool = Pool(driver, size=1)
    pool.release(pool.acquire())
    pool.acquire()
    assert driver.asked == 0


def test_one_that_has_idled_is_asked() -> None:
    driver = Links()
    pool = Pool(driver, size=1, ask_after=-1)
    pool.release(pool.acquire())
    assert pool.acquire() is driver.made[0]
    assert driver.asked == 1


def test_connections_that_the_server_closed_are_replaced() -> None:
    driver = Links()
    pool = Pool(driver, size=2)
    for connection in [pool.acquire(), pool.acquire()]:
        connection.is_suspicious = True
        pool.release(connection)
    fresh = [pool.acquire(), pool.acquire()]
    assert fresh == driver.made[2:]
    assert [link.is_open for link in driver.made] == [False, False, True, True]


def test_a_server_that_is_down_uses_up_no_place() -> None:
    driver = Links(is_up=False)
    pool = Pool(driver, size=1, wait=0.01)
    for _ in range(3):
        with pytest.raises(OSError, match="refused"):
            pool.acquire()
    driver.is_up = True
    assert pool.acquire() is driver.made[0]


@pytest.mark.parametrize("is_lost", [True, False], ids=["lost", "not clean"])
def test_a_connection_that_cannot_serve_again_makes_room(is_lost: bool) -> None:
    driver = Links()
    pool = Pool(driver, size=1, wait=0.01)
    connection = pool.acquire()
    connection.is_clean = is_lost
    pool.release(connection, is_lost=is_lost)
    assert pool.acquire() is driver.made[1]
    assert not connection.is_open


def test_closing_spares_what_is_in_use() -> None:
    driver = Links()
    pool = Pool(driver, size=2)
    used, idle = pool.acquire(), pool.acquire()
    pool.release(idle)
    pool.close_idle()
    assert (used.is_open, idle.is_open) == (True, False)
    pool.release(used)
    assert pool.acquire() is used


def in_child(check: "Database") -> int:
    """Fork, have the child count users, and return its exit code."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            with check.connection():
                status = User.select().count()
            check.close_all()
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_opens_connections_of_its_own(database: Database) -> None:
    database.ping()
    assert [in_child(database) for _ in range(3)] == [0, 0, 0]
    with database.connection():
        assert User.select().count() == 0


def test_each_thread_has_a_connection_of_its_own(database: Database) -> None:
    gate = Barrier(4)

    def own(_: int) -> int:
        with database.connection():
            gate.wait()
            return id(database.peewee.connection())

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(own, range(4)))) == 4


def test_a_pool_that_nobody_holds_leaves_no_connection_open() -> None:
    links = Links()
    pool = Pool(links, size=2)
    pool.release(pool.acquire())
    del pool
    gc.collect()
    assert [link.is_open for link in links.made] == [False]


def test_it_tells_how_many_are_in_use() -> None:
    pool = Pool(Links(), size=3)
    first, second = pool.acquire(), pool.acquire()
    assert pool.usage == Usage(in_use=2, idle=0, limit=3)
    pool.release(first)
    assert pool.usage == Usage(in_use=1, idle=1, limit=3)
    pool.release(second, is_lost=True)
    assert pool.usage == Usage(in_use=0, idle=1, limit=3)


def fork() -> int:
    """Fork, and return the exit code of a child that does nothing."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_fork_waits_for_what_is_in_use_and_nobody_begins_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanko_compat.storage.engine.pool.FORK_WAIT", 60)
    pool = Pool(Links(), size=2, wait=60)
    connection = pool.acquire()
    done: list[object] = []
    # No executor's threads, whose start waits for a fork, too.
    forking = Thread(target=lambda: done.append(fork()))
    late = Thread(target=lambda: done.append(pool.acquire()))
    forking.start()
    wait_until(lambda: pool._is_held, why=lambda: "no fork began")
    late.start()
    wait_until(lambda: len(pool._changed._waiters) == 2, why=lambda: "nobody came")
    assert not done
    pool.release(connection)
    forking.join(60)
    late.join(60)
    assert sorted(done, key=str) == [0, connection]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_who_forks_with_a_connection_in_hand_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanko_compat.storage.engine.pool.FORK_WAIT", 0.01)
    pool = Pool(Links(), size=1)
    connection = pool.acquire()
    assert fork() == 0
    pool.release(connection)
    assert pool.acquire() is connection


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_of_a_process_that_writes_all_the_time_can_connect(tmp_path: Path) -> None:
    """SQLite has locks that its connections share; a thread that has one is not there to release it."""
    database = open_database(f"sqlite:///{tmp_path}/db.sqlite3")
    migrate.up(database)
    over = Event()

    def write() -> None:
        while not over.is_set():
            with database.connection():
                User.delete().execute()
            database.close_all()

    with ThreadPoolExecutor(3) as threads:
        writing = [threads.submit(write) for _ in range(3)]
        try:
            assert [in_child(database) for _ in range(30)] == [0] * 30
        finally:
            over.set()
        for each in writing:
            each.result(60)
    database.close_all()
