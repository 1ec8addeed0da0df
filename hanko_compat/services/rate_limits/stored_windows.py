"""What all processes have counted, for an operator who looks at it or wants it forgotten.

What a process counts by itself, in its memory, can't be seen from elsewhere.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from limits.storage import RedisStorage

from hanko_compat.batches import batches
from hanko_compat.clock import Clock
from hanko_compat.errors import OperatorError
from hanko_compat.services.rate_limits.storages import microseconds
from hanko_compat.storage import rate_limits
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.rate_limits import Window

AT_A_TIME = 500  # windows; databases bound the parameters of a statement
MILLISECOND = 1000  # microseconds


class StoredWindows(Protocol):
    """Windows that outlive the process that counts."""

    def list(self, prefixes: Collection[str]) -> dict[str, Window]:
        """The windows that are open under names that begin with any of *prefixes*."""

    def delete(self, names: Collection[str]) -> int:
        """Forget windows; return how many there were."""


class DatabaseWindows:
    """The windows in our table. Both methods raise ``DatabaseUnavailable`` when the database is lost."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database = database
        self._now = now

    def list(self, prefixes: Collection[str]) -> dict[str, Window]:
        """The windows that are open under names that begin with any of *prefixes*."""
        with self._database.connection():
            return rate_limits.list_open(prefixes, now=microseconds(self._now))

    def delete(self, names: Collection[str]) -> int:
        """Forget windows; return how many there were. In steps, so that nobody waits long for a lock."""
        steps = batches(sorted(names), size=AT_A_TIME)
        return sum(self._database.transaction(partial(rate_limits.delete, some)) for some in steps)


class RedisWindows:
    """The windows in Redis, which forgets them when they are over."""

    def __init__(self, storage: RedisStorage, now: Clock) -> None:
        self._storage = storage
        self._now = now

    def list(self, prefixes: Collection[str]) -> dict[str, Window]:
        """The windows that are open under names that begin with any of *prefixes*.

        Raises:
            OperatorError: Redis does not answer.
        """
        found: dict[str, Window] = {}
        with self._connection() as connection:
            for some in batches(self._names(connection, tuple(prefixes)), size=AT_A_TIME):
                found.update(self._read(connection, some))
        return found

    def delete(self, names: Collection[str]) -> int:
        """Forget windows; return how many there were.

        Raises:
            OperatorError: Redis does not answer.
        """
        with self._connection() as connection:
            keys = map(self._storage.prefixed_key, sorted(names))
            return sum(connection.delete(*some) for some in batches(keys, size=AT_A_TIME))

    def _names(self, connection: Any, prefixes: tuple[str, ...]) -> Iterator[str]:
        ours = self._storage.prefixed_key("")
        # May give a key twice.
        for key in set(connection.scan_iter(match=f"{ours}*", count=AT_A_TIME)):
            name = key.decode().removeprefix(ours)
            if name.startswith(prefixes):
                yield name

    def _read(self, connection: Any, names: Sequence[str]) -> Iterator[tuple[str, Window]]:
        pipeline = connection.pipeline(transaction=False)
        for key in map(self._storage.prefixed_key, names):
            pipeline.get(key).pttl(key)
        answers, now = pipeline.execute(), microseconds(self._now)
        for name, value, left in zip(names, answers[::2], answers[1::2], strict=True):
            if value is not None and left > 0:
                hits, _, expires_at = value.partition(b" ")
                yield name, Window(int(hits), int(expires_at or now + left * MILLISECOND))

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        try:
            yield self._storage.get_connection()
        except self._storage.base_exceptions as error:
            raise OperatorError(f"Redis does not answer (rate_limiter.redis_config): {error}") from error
