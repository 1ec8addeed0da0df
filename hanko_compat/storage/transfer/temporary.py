"""A table in a temporary file: for what an import has to keep, and what would not fit into its memory."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hanko_compat.errors.transfer import TemporaryFileFailed


class TemporaryTable:
    """A table of SQLite without a name, which is gone with the process. It is there until `close`."""

    def __init__(self, name: str, *columns: str) -> None:
        """*columns* are names with types.

        Raises:
            TemporaryFileFailed: there is nowhere to keep it; the same holds for all methods.
        """
        places = ", ".join("?" * len(columns))
        self._insert = f"INSERT INTO {name} VALUES ({places})"  # noqa: S608 - every word is ours
        with _told():
            self._file = sqlite3.connect("", isolation_level=None)
            # Nobody goes on with it after a crash.
            self._file.execute("PRAGMA journal_mode = OFF")
            self._file.execute("PRAGMA synchronous = OFF")
            self._file.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
            self._file.execute("BEGIN")

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Keep some rows."""
        with _told():
            self._file.executemany(self._insert, rows)

    def read(self, query: str, parameters: Iterable[Any] = ()) -> Iterator[Any]:
        """The rows that a query finds."""
        with _told():
            yield from self._file.execute(query, tuple(parameters))

    def close(self) -> None:
        """Forget all of it."""
        self._file.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise TemporaryFileFailed(
            f"a temporary file fails: {error}; make room where SQLITE_TMPDIR, TMPDIR or /var/tmp is, and run"
            " the same command again"
        ) from error
