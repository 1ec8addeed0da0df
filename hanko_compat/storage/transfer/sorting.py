"""Values in the order of their keys: kept and sorted in a file of its own, so that memory stays flat."""

from collections.abc import Iterator

from hanko_compat.storage.transfer.temporary import TemporaryTable

KEPT = 1_000
"""Values that are held in memory before they are written."""
# Only keys are sorted; the values are looked up in their order.
READ = """
    SELECT kept.number, value FROM (SELECT rowid AS place FROM kept ORDER BY key, number LIMIT -1 OFFSET ?)
    CROSS JOIN kept ON kept.rowid = place
"""


class Sorted:
    """Values by key, and by number where keys are the same. They are kept until `close`."""

    def __init__(self) -> None:
        self._file = TemporaryTable("kept", "key BLOB", "number INTEGER", "value BLOB")
        self._waiting: list[tuple[bytes, int, bytes]] = []

    def close(self) -> None:
        """Forget them."""
        self._file.close()

    def add(self, key: bytes, number: int, value: bytes) -> None:
        """Keep a value."""
        self._waiting.append((key, number, value))
        if len(self._waiting) >= KEPT:
            self._write()

    def values(self, *, skip: int) -> Iterator[tuple[int, bytes]]:
        """The values with their numbers, in order, without the first *skip* of them."""
        self._write()
        yield from self._file.read(READ, (skip,))

    def _write(self) -> None:
        self._file.add(self._waiting)
        self._waiting.clear()
