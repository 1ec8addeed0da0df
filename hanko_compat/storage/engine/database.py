"""The database handle: connections for units of work, transactions, and what a lost database means."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import SystemRandom
from threading import Lock
from typing import Any, Literal, TypeVar, cast

import peewee
from peewee import DatabaseError, IntegrityError

from hanko_compat import errors
from hanko_compat.errors.database import (
    DatabaseUnavailable,
    RightsMissing,
    TextNotStorable,
    TransactionRefused,
)
from hanko_compat.storage.engine.causes import causes
from hanko_compat.storage.engine.current import using
from hanko_compat.storage.engine.dialects import Access, Dialect, Postgres, Sqlite
from hanko_compat.storage.engine.pool import Pool, Usage
from hanko_compat.storage.engine.recorded_text import is_only_ascii, only_ascii
from hanko_compat.storage.engine.urls import dialect_of, without_password

__all__ = ["Access", "Database", "DatabaseError", "IntegrityError", "open_database"]

T = TypeVar("T")

ATTEMPTS = 10
"""How often a transaction is run at most."""

_jitter = SystemRandom().uniform


class Database:
    """A database with a bounded pool of connections, which threads share. A process may have several."""

    def __init__(
        self, peewee_database: Dialect, *, name: str, max_connections: int, attempts: int = ATTEMPTS
    ) -> None:
        """A transaction is run *attempts* times at most."""
        self.peewee = peewee_database
        self.name = name  # the URL, its password left out and the path of a file absolute
        self._pool = Pool(peewee_database, size=max_connections)
        self._attempts = attempts
        # SQLite has one writer at a time, and lets those who wait poll for their luck. Threads queue here
        # instead, so that only processes poll.
        self._writing = Lock()

    @property
    def dialect(self) -> Literal["sqlite", "postgres", "mysql"]:
        """Which of the three kinds of SQL it speaks."""
        return cast("Any", self.peewee.dialect)

    @property
    def usage(self) -> Usage:
        """How many connections this process has open."""
        return self._pool.usage

    @contextmanager
    def connection(self) -> Iterator[None]:
        """Hold a connection for a unit of work: queries in this block, on this thread, run on it.

        A block inside another one of the same database shares its connection; inside one of another database
        it comes first until it ends. Hold none while hashing, signing or waiting.

        Raises:
            DatabaseUnavailable: no connection to be had, or it was lost.
            TextNotStorable: text has characters that the database's encoding lacks.
        """
        if not self.peewee.is_closed():
            with using(self.peewee):
                yield
            return
        raw = self._open()
        is_lost = False
        try:
            with using(self.peewee):
                yield
        except TransactionRefused as refused:
            is_lost = self._is_lost(raw, refused)
            raise
        except peewee.PeeweeException as error:
            is_lost = self._is_lost(raw, error)
            if is_lost or self.is_refused(error) or self._is_unable(error):
                raise DatabaseUnavailable from error
            if self._is_unstorable(error):
                raise TextNotStorable from error
            raise
        finally:
            self.peewee._state.reset()
            self._pool.release(raw, is_lost=is_lost)
            if is_lost:
                # The others lead to the same server, which may be another one by now.
                self._pool.close_idle()

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Hold a connection, as `connection`, for statements that take minutes, such as one for an index."""
        with self.connection(), self.peewee.unhurried(self.peewee.connection()):
            yield

    def transaction(self, work: Callable[[], T]) -> T:
        """Run *work* in one transaction and return what it returns.

        It is run again when the database refused to serialise it, so it must have no side effect
        elsewhere. So it is when the database lacks characters of a text, with what is only recorded in ASCII.
        Inside another transaction it joins that one.

        Raises:
            DatabaseUnavailable: lost, or refused time after time. Whether the last attempt was stored
                is not known when the connection broke during the commit.
        """
        may_reconnect = self.peewee.is_closed()
        return self._repeat(lambda: self._attempt(work, may_reconnect=may_reconnect), joined=work)

    def write(self, work: Callable[[], T]) -> T:
        """Run *work*, which is one statement, and so needs no transaction around it; else as `transaction`.

        Raises:
            DatabaseUnavailable: as `transaction` does, and when the connection broke at all.
        """
        return self._repeat(lambda: self._single(work), joined=work)

    def _repeat(self, attempt_work: Callable[[], T], *, joined: Callable[[], T]) -> T:
        """Try until the database does not refuse; inside another transaction, run *joined* as part of it."""
        if self.peewee.in_transaction():
            with using(self.peewee):
                return joined()
        for attempt in range(1, self._attempts + 1):
            try:
                with self.connection(), self._turn():
                    return attempt_work()
            except TransactionRefused as refused:
                if attempt == self._attempts:
                    raise DatabaseUnavailable from refused
            except (peewee.PeeweeException, TextNotStorable) as error:
                if is_only_ascii() or not self._is_unstorable(error):
                    raise
                with only_ascii():
                    return self._repeat(attempt_work, joined=joined)
            time.sleep(_jitter(0, min(0.5, 0.005 * 2**attempt)))
        raise AssertionError  # the last attempt returns or raises

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only this block when it raises: PostgreSQL refuses a transaction's later queries otherwise."""
        point = self.peewee.savepoint()
        point.__enter__()
        try:
            with using(self.peewee):
                yield
        except BaseException as error:
            # A refused transaction is gone as a whole, and its savepoints with it.
            if not self.is_refused(error) and not self._is_lost(self.peewee.connection(), error):
                point.rollback(False)
            raise
        point.commit(False)

    def ping(self, *, table: str | None = None) -> None:
        """Ask the database for an answer; with *table*, for a look into that one.

        A node that is cut off from its cluster answers questions about nothing, but shows no table.

        Raises:
            DatabaseUnavailable: there is none.
        """
        question = f"SELECT 1 FROM {table} LIMIT 1" if table else "SELECT 1"  # noqa: S608
        try:
            with self.connection():
                self.peewee.execute_sql(question)
        except peewee.PeeweeException as error:
            raise DatabaseUnavailable from error

    def close_all(self) -> None:
        """Close the connections that are not in use: before a fork, and at exit."""
        self._pool.close_idle()

    def _open(self) -> Any:
        try:
            raw = self._pool.acquire()
        except peewee.ImproperlyConfigured as error:
            extra = "postgres" if self.dialect == "postgres" else "mysql"
            raise errors.OperatorError(
                f"no driver for {self.name}: run pip install '.[{extra}]' in a checkout"
            ) from error
        except (peewee.PeeweeException, OSError) as error:
            raise DatabaseUnavailable from error
        self.peewee._state.set_connection(raw)
        return raw

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self.dialect != "sqlite":
            yield
            return
        if not self._writing.acquire(timeout=self.peewee.timeout):
            raise TransactionRefused
        try:
            yield
        finally:
            self._writing.release()

    def _single(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except peewee.PeeweeException as error:
            if self.is_refused(error):
                raise TransactionRefused from error
            raise

    def _attempt(self, work: Callable[[], T], *, may_reconnect: bool) -> T:
        raw = self.peewee.connection()
        has_worked = False
        try:
            with self.peewee.atomic():
                result = work()
                has_worked = True
        except peewee.PeeweeException as error:
            # A connection that broke before the commit was sent took the transaction with it.
            was_dropped = may_reconnect and not has_worked and self._is_lost(raw, error)
            if was_dropped or self.is_refused(error):
                raise TransactionRefused from error
            raise
        return result

    def is_refused(self, error: BaseException) -> bool:
        """Whether the database did not run a transaction to its end, and may if it is run again."""
        return any(self.peewee.is_refused(cause) for cause in causes(error))

    def is_denied(self, error: BaseException) -> bool:
        """Whether the account lacks a right."""
        return any(self.peewee.is_denied(cause) for cause in causes(error))

    @contextmanager
    def explain_denials(self) -> Iterator[None]:
        """Say which right is missing, in the database's own words, where one stops this block.

        Raises:
            RightsMissing: instead of the database's error.
        """
        try:
            yield
        except DatabaseError as error:
            if not self.is_denied(error):
                raise
            words = str(error.args[-1]).partition("\n")[0]
            raise RightsMissing(
                f"the account of {self.name} lacks a right: {words}; grant it, or use the account that owns"
                " the tables"
            ) from error

    def _is_unable(self, error: BaseException) -> bool:
        return any(self.peewee.is_unable(cause) for cause in causes(error))

    def _is_unstorable(self, error: BaseException) -> bool:
        return any(self.peewee.is_unstorable(cause) for cause in causes(error))

    def _is_lost(self, raw: Any, error: BaseException) -> bool:
        return any(self.peewee.is_lost(raw, cause) for cause in causes(error))


def open_database(
    url: str,
    *,
    access: Access = Access.CREATE,
    max_connections: int = 20,
    attempts: int = ATTEMPTS,
    prepared_statements: bool = True,
) -> Database:
    """The database at *url*. Connects when first used; a transaction is run *attempts* times at most.

    Without *prepared_statements* nothing is prepared at PostgreSQL.

    Raises:
        OperatorError: the URL can't be understood.
    """
    dialect = dialect_of(url, access=access)
    if isinstance(dialect, Postgres):
        dialect.preparing.is_on = prepared_statements
    name = f"sqlite:///{dialect.path}" if isinstance(dialect, Sqlite) else without_password(url)
    return Database(dialect, name=name, max_connections=max_connections, attempts=attempts)
