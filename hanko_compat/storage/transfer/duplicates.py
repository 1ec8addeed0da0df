"""What occurs twice in a file: kept and sorted in a file of its own, so that memory stays flat."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hanko_compat.storage.transfer.temporary import TemporaryTable

KEPT = 5_000
"""Values that are held in memory before they are written."""

# The temporary file keeps them; only what occurs twice comes back.
FIND = """
    SELECT field, key, min(entry), group_concat(entry) FROM seen
    GROUP BY field, key HAVING count(*) > 1 ORDER BY min(entry), field
"""


Key = tuple[str, str, int]
"""A field, a value of it, and the number of the entry that has it."""


class Duplicate(NamedTuple):
    """A value of a *field* that several entries have, by their numbers."""

    field: str
    key: str
    entries: tuple[int, ...]


class Seen:
    """Every value of a file that only one user may have."""

    def __init__(self) -> None:
        self._file = TemporaryTable("seen", "field TEXT", "key TEXT", "entry INTEGER")
        self._waiting: list[Key] = []

    def add(self, keys: Iterable[Key]) -> None:
        """Note what entries have, each value of an entry once."""
        self._waiting += keys
        if len(self._waiting) >= KEPT:
            self._write()

    def duplicates(self) -> Iterator[Duplicate]:
        """What several entries have, in the order of the first of them."""
        self._write()
        for field, key, _, entries in self._file.read(FIND):
            numbers = sorted(int(each) for each in str(entries).split(","))
            yield Duplicate(field, key, tuple(numbers))

    def close(self) -> None:
        """Forget everything."""
        self._file.close()

    def _write(self) -> None:
        self._file.add(self._waiting)
        self._waiting.clear()
