"""What the child process of an import does: all that is computing, and needs no database.

1. To check a file, it reads the entries, says what is wrong with each, and keeps those that are right in a
   temporary file, which sorts them.
2. To write them, it reads them in order, and makes rows of them in the form that the database takes.

The parent (`hanko_compat.services.transfer.importing`) compares them with the database, and writes the rows.
"""

import marshal
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any, BinaryIO, NamedTuple

from hanko_compat.batches import batches
from hanko_compat.clock import Clock
from hanko_compat.errors.transfer import ImportStopped
from hanko_compat.services.transfer import clashes
from hanko_compat.services.transfer.accounts import Account
from hanko_compat.services.transfer.members import Faults
from hanko_compat.services.transfer.new_rows import NewRows
from hanko_compat.services.transfer.ordered import OrderedUsers
from hanko_compat.services.transfer.reading import entries
from hanko_compat.services.transfer.schema import read_account
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.transfer import bulk
from hanko_compat.storage.transfer.bulk import Prepared
from hanko_compat.storage.transfer.duplicates import Key


class Entry(NamedTuple):
    """An entry that is right, by its number, from 1."""

    number: int
    account: Account


class Packed(NamedTuple):
    """An entry that is right, by its number, with its members as ``marshal`` writes them.

    To read it again costs no more than to read an account that was written down.
    """

    number: int
    members: bytes

    def unpack(self) -> Entry:
        """The entry with its account.

        Raises:
            ImportStopped: it is wrong after all.
        """
        faults = Faults(Counter())
        # Nobody else can write to where it comes from.
        account = read_account(marshal.loads(self.members), faults)  # noqa: S302
        if account is None:
            raise stopped(self.number, faults.found)
        return Entry(self.number, account)


@dataclass(slots=True)
class Checked:
    """Some entries of a file, as they follow one another: how many, those that are right, and the others.

    ``keys`` are what only one user may have, and ``unknown`` counts members that nobody reads. ``size`` is
    how many bytes of the file were read for them.
    """

    count: int = 0
    entries: list[Packed] = field(default_factory=list)
    faults: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    size: int = 0


class FileReader:
    """Reads one *file*; users come in batches of *batch* at most."""

    def __init__(self, file: BinaryIO, database: Database, *, now: Clock, batch: int) -> None:
        """Of the *database* is asked how it spells things; no connection is opened."""
        self._file = file
        self._database = database
        self._now = now
        self._batch = batch
        self._kept = OrderedUsers()

    def check(self, *, is_kept: bool) -> Iterator[Checked]:
        """Look through the file, from its start; *is_kept*: keep what is right with it, for `prepare`.

        Raises:
            UserFileUnreadable: no JSON array.
        """
        checked = Checked()

        def advance(size: int) -> None:
            checked.size += size

        for number, members in enumerate(entries(self._file, advance), start=1):
            self._check(number, members, checked, is_kept=is_kept)
            if checked.count == self._batch:
                yield checked
                checked = Checked()
        yield checked

    def prepare(self, *, skip: int) -> Iterator[tuple[list[Packed], list[Prepared]]]:
        """The users in order, without the first *skip* of them, and the rows of them as new users."""
        for batch in batches(starmap(Packed, self._kept.users(skip=skip)), size=self._batch):
            new = NewRows(self._now())
            for packed in batch:
                new.add_account(packed.unpack().account, email_ids={})
            yield batch, bulk.prepare(self._database, new.rows)

    def _check(self, number: int, members: Any, checked: Checked, *, is_kept: bool) -> None:
        checked.count += 1
        faults = Faults(checked.unknown)
        account = read_account(members, faults)
        if account is None:
            checked.faults[number] = faults.found
            return
        packed = Packed(number, marshal.dumps(members))
        checked.entries.append(packed)
        checked.keys += [(name, key, number) for name, key in clashes.keys(account)]
        if is_kept:
            self._kept.add(number, account.user_id, packed.members)


def stopped(number: int, faults: Sequence[tuple[str, str]]) -> ImportStopped:
    """Why an import can't go on with an entry that was right before."""
    name, reason = faults[0]
    return ImportStopped(f"entry {number}: {name} {reason}".replace(":  ", ": "))
