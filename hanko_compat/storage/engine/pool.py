"""A bounded pool of driver connections, shared by the threads of one process.

peewee's own pool asks the server at every checkout and holds one lock while it connects, so that a
database that is down blocks every thread. This one looks at the socket, which costs microseconds: an
idle connection that has something to read was closed by the server. Only one that looks suspicious
or has idled for a while is asked.
"""

import atexit
import os
import time
import weakref
from dataclasses import dataclass
from threading import Condition
from typing import Any, Protocol

from hanko_compat.errors.database import DatabaseUnavailable

ASK_AFTER = 15.0
"""Idle seconds after which a connection is asked: a firewall forgets silently."""

WAIT = 5.0
"""Seconds that a thread waits for a connection when all are in use."""

FORK_WAIT = 1.0
"""Seconds that a fork waits for connections in use; who forks may have one in hand."""


class Driver(Protocol):
    """How a pool makes and checks the connections of one database."""

    def open(self) -> Any:
        """A new connection."""

    def discard(self, connection: Any) -> None:
        """Close *connection*, whatever state it is in."""

    def is_suspicious(self, connection: Any) -> bool:
        """Without a round trip: whether the server may have closed *connection*."""

    def answers(self, connection: Any) -> bool:
        """With a round trip: whether *connection* works."""

    def is_reusable(self, connection: Any) -> bool:
        """Whether *connection* can serve somebody else; ends a transaction that was left open."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How many connections of a pool are in use and idle, and how many there may be."""

    in_use: int
    idle: int
    limit: int


class Pool:
    """Up to *size* connections; the one that was used last is handed out first."""

    def __init__(
        self, driver: Driver, *, size: int, wait: float = WAIT, ask_after: float = ASK_AFTER
    ) -> None:
        self._driver = driver
        self._size = size
        self._wait = wait
        self._ask_after = ask_after
        self._idle: list[tuple[Any, float]] = []
        self._open = 0
        self._changed = Condition()
        self._is_held = False
        self._inherited: list[Any] = []
        _pools.add(self)
        # A pool that is not referred to any more leaves no connection open; at exit `_close_idle` does that.
        weakref.finalize(self, _discard_each, driver, self._idle).atexit = False

    @property
    def usage(self) -> Usage:
        """How many connections there are at the moment."""
        with self._changed:
            idle = len(self._idle)
            return Usage(in_use=self._open - idle, idle=idle, limit=self._size)

    def acquire(self) -> Any:
        """A connection that works, as far as one can tell.

        Raises:
            DatabaseUnavailable: none became free in time, or the pool can't connect.
        """
        while True:
            connection, released_at = self._take()
            if connection is None:
                return self._connect()
            if self._is_usable(connection, time.monotonic() - released_at):
                return connection
            self._driver.discard(connection)
            self._give_up_place()

    def release(self, connection: Any, *, is_lost: bool = False) -> None:
        """Take *connection* back, or drop it when it is lost or not clean."""
        keep = not is_lost and self._driver.is_reusable(connection)
        if not keep:
            self._driver.discard(connection)
        with self._changed:
            if keep:
                self._idle.append((connection, time.monotonic()))
            else:
                self._open -= 1
            self._tell()

    def close_idle(self) -> None:
        """Close what is not in use."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_held, FORK_WAIT)
            idle = self._idle.copy()
            self._idle.clear()
        try:
            _discard_each(self._driver, idle)
        finally:
            with self._changed:
                self._open -= len(idle)
                self._changed.notify_all()

    def hold(self, *, until: float) -> None:
        """Before a fork: hand out nothing, and wait for what is in use, until a moment of `time.monotonic`.

        A lock that a thread of this process holds inside a driver stays held in the child for ever, as no
        thread is there to release it. SQLite has some that all of its connections share.
        """
        with self._changed:
            self._is_held = True
            patience = until - time.monotonic()
            self._changed.wait_for(lambda: self._open == len(self._idle), max(0.0, patience))

    def let_go(self) -> None:
        """After a fork, in the parent: go on."""
        with self._changed:
            self._is_held = False
            self._changed.notify_all()

    def forget_inherited(self) -> None:
        """After a fork: leave the parent's connections alone, open though they look here.

        They are kept, not closed: closing one would say good-bye to the server in the parent's name.
        """
        self._inherited.extend(connection for connection, _ in self._idle)
        self._idle.clear()
        self._open = 0
        self._is_held = False
        self._changed = Condition()  # another thread of the parent may have held the old one

    def _take(self) -> tuple[Any, float]:
        """An idle connection, or None and the right to open one."""
        with self._changed:
            if not self._changed.wait_for(self._has_one, self._wait):
                raise DatabaseUnavailable
            if self._idle:
                return self._idle.pop()
            self._open += 1
            return None, 0.0

    def _has_one(self) -> bool:
        return not self._is_held and (bool(self._idle) or self._open < self._size)

    def _connect(self) -> Any:
        connection = None
        try:
            connection = self._driver.open()
        finally:
            if connection is None:
                self._give_up_place()
        return connection

    def _give_up_place(self) -> None:
        with self._changed:
            self._open -= 1
            self._tell()

    def _tell(self) -> None:
        """Wake one who waits for a connection; all while a fork waits, too, which one of them may hide."""
        if self._is_held:
            self._changed.notify_all()
        else:
            self._changed.notify()

    def _is_usable(self, connection: Any, idle: float) -> bool:
        if idle <= self._ask_after and not self._driver.is_suspicious(connection):
            return True
        return self._driver.answers(connection)


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


def _discard_each(driver: Driver, idle: list[tuple[Any, float]]) -> None:
    for connection, _ in idle:
        driver.discard(connection)


def _hold() -> None:
    until = time.monotonic() + FORK_WAIT
    for pool in list(_pools):
        pool.hold(until=until)


def _let_go() -> None:
    for pool in list(_pools):
        pool.let_go()


def _forget_inherited() -> None:
    for pool in _pools:
        pool.forget_inherited()


def _close_idle() -> None:
    for pool in _pools:
        pool.close_idle()


os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_forget_inherited)
atexit.register(_close_idle)
