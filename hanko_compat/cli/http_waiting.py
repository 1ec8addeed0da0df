"""Connections that wait for their callers in the main loop of a worker, and take no thread meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from selectors import EVENT_READ, BaseSelector
from typing import Any

Connection = Any
"""One of gunicorn's, which has no types."""


class Waiting:
    """Connections, each with its time."""

    def __init__(self, *, patience: float) -> None:
        """*patience* is in seconds."""
        self._patience = patience
        self._until: dict[Connection, float] = {}

    def __len__(self) -> int:
        return len(self._until)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._until)

    def add(
        self, connection: Connection, poller: BaseSelector, on_readable: Callable[[Connection], None]
    ) -> None:
        """Call *on_readable* whenever something has arrived, until `remove`.

        Raises:
            OSError, ValueError, KeyError: the connection is closed.
        """

        def read(_socket: object) -> None:
            if connection in self._until:  # it may have been removed since the poller saw that it is readable
                on_readable(connection)

        poller.register(connection.sock, EVENT_READ, read)
        self._until[connection] = time.monotonic() + self._patience

    def remove(self, connection: Connection, poller: BaseSelector) -> None:
        """Wait no longer; nothing where the connection does not wait."""
        if self._until.pop(connection, None) is not None:
            with suppress(OSError, ValueError, KeyError):
                poller.unregister(connection.sock)

    def since(self, connection: Connection) -> float:
        """When it was added, by the monotonic clock."""
        return self._until[connection] - self._patience

    def overdue(self) -> list[Connection]:
        """Those whose time is up. All have the same time, so the first ones are the oldest."""
        now = time.monotonic()
        found = []
        for connection, until in self._until.items():
            if until > now:
                break
            found.append(connection)
        return found
