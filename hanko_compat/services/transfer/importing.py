"""Import users from a file: first all of it is looked through, then it is written in bounded transactions.

Two processes do it. A child reads the file and computes all that needs no database: what is wrong with an
entry by itself, the order in which users are written, and their rows; see `FileReader`. This one, the parent,
is the only one that talks to the database: it looks who has what already, writes the rows, and notes in the
same transaction how far the import is. It may be killed at any moment, and so may the child: what is not
written then is written by the next import of the file.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO
from uuid import UUID

from hanko_compat.clock import Clock
from hanko_compat.errors.database import TextNotStorable
from hanko_compat.errors.transfer import ImportStopped
from hanko_compat.services.transfer import clashes as finding
from hanko_compat.services.transfer.accounts import Account, Problem
from hanko_compat.services.transfer.child_process import ChildProcess
from hanko_compat.services.transfer.clashes import Clash
from hanko_compat.services.transfer.file_reader import Checked, Entry, FileReader, Packed, stopped
from hanko_compat.services.transfer.new_rows import NewRows
from hanko_compat.services.transfer.updating import update
from hanko_compat.services.user_files.json_stream import Advance
from hanko_compat.storage.engine.database import Database, DatabaseError, IntegrityError
from hanko_compat.storage.transfer import bulk, existing, progress, updates
from hanko_compat.storage.transfer.bulk import Prepared, Rows
from hanko_compat.storage.transfer.duplicates import Seen
from hanko_compat.storage.transfer.existing import Existing
from hanko_compat.storage.transfer.progress import Progress
from hanko_compat.storage.transfer.rows import Id

BATCH = 1_000
"""Users of one transaction, which takes a fifth of a second."""
ATTEMPTS = 3
"""How often somebody may take an address at the same moment."""
SHOWN_ENTRIES = 5
"""Numbers of entries with the same value that are named."""

Report = Callable[[Problem], None]
Reading = ChildProcess[FileReader]
"""The process that reads a file."""


class OnConflict(StrEnum):
    """What to do with an entry of which somebody has something already."""

    ERROR = "error"
    SKIP = "skip"
    UPDATE = "update"


@dataclass(slots=True)
class Examination:
    """What a file holds: how many entries, how many of them are bad, and what would become of the others.

    ``unknown`` counts members that nobody reads.
    """

    entries: int = 0
    bad: int = 0
    updated: int = 0
    skipped: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def created(self) -> int:
        """How many users would be made."""
        return self.entries - self.bad - self.updated - self.skipped


@dataclass(slots=True)
class Plan:
    """What becomes of some entries; ``update`` has the users whom they change."""

    create: list[Entry] = field(default_factory=list)
    update: list[tuple[Entry, UUID]] = field(default_factory=list)
    skip: list[tuple[Entry, list[Clash]]] = field(default_factory=list)
    refuse: list[tuple[Entry, list[Clash]]] = field(default_factory=list)


class Importer:
    """Imports one file at a time. No event is told, no mail sent, and no limit of sign-ups applies."""

    def __init__(self, database: Database, *, now: Clock, batch: int = BATCH) -> None:
        """A transaction has *batch* users at most."""
        self._database = database
        self._now = now
        self._batch = batch

    def find_unfinished(self, fingerprint: str) -> Progress | None:
        """How far an interrupted import of the file is, by its `reading.fingerprint`."""
        return progress.find(self._database, fingerprint)

    def open(self, file: BinaryIO) -> Reading:
        """Start the process that reads a *file*, for all that follows; nobody else may read it meanwhile."""
        self._database.close_all()  # so that the process shares no connection
        return ChildProcess(lambda: FileReader(file, self._database, now=self._now, batch=self._batch))

    def examine(
        self, reading: Reading, *, on_conflict: OnConflict, report: Report, advance: Advance, is_kept: bool
    ) -> Examination:
        """Look through a whole file and *report* everything that is wrong; nothing is written.

        *advance* is told of bytes. *is_kept*: keep what is right with it, for `write`.

        Raises:
            UserFileUnreadable: no JSON array.
            ImportStopped: the process that reads has failed.
        """
        found = Examination()
        with self._database.connection():
            is_empty = existing.is_empty()
        seen = Seen()
        try:
            for checked in reading.ask(FileReader.check, is_kept=is_kept):
                seen.add(checked.keys)
                plan = Plan() if is_empty else self._plan(checked, on_conflict)
                _note(checked, plan, found, report)
                advance(checked.size)
            for duplicate in seen.duplicates():
                _, *others = duplicate.entries
                found.bad += 1
                report(Problem(others[0], duplicate.field, _also(duplicate.key, duplicate.entries)))
        finally:
            seen.close()
        return found

    def begin(self, fingerprint: str, *, total: int) -> Progress:
        """Note that the import of a file with *total* entries begins."""
        return progress.begin(self._database, fingerprint, total=total, now=self._now())

    def reread(self, reading: Reading, advance: Advance) -> None:
        """Keep the users of a file that was examined before, for `write`; *advance* is told of bytes.

        Raises:
            ImportStopped: one of them is wrong after all, or the process that reads has failed.
        """
        for checked in reading.ask(FileReader.check, is_kept=True):
            for number, faults in checked.faults.items():
                raise stopped(number, faults)
            advance(checked.size)

    def write(
        self,
        reading: Reading,
        fingerprint: str,
        done: Progress,
        *,
        on_conflict: OnConflict,
        report: Report,
        advance: Advance,
    ) -> Progress:
        """Write what is not *done* yet; *advance* is told of entries, and *report* of those left out.

        Raises:
            ImportStopped: the database refuses an entry, or the process that reads has failed. What is
                written stays, to go on from.
            DatabaseUnavailable: it does not answer; the same holds.
        """
        for batch, prepared in reading.ask(FileReader.prepare, skip=done.entries):
            done = self._store(batch, prepared, fingerprint, done, on_conflict, report)
            advance(len(batch))
        progress.end(self._database, fingerprint)
        return done

    def _plan(self, checked: Checked, on_conflict: OnConflict) -> Plan:
        batch = [packed.unpack() for packed in checked.entries]
        with self._database.connection():
            present = existing.find(self._database, finding.wanted(each.account for each in batch))
        return _plan(batch, present, on_conflict)

    def _store(
        self,
        batch: Sequence[Packed],
        prepared: Sequence[Prepared] | None,
        fingerprint: str,
        done: Progress,
        on_conflict: OnConflict,
        report: Report,
    ) -> Progress:
        """Write a batch; entry by entry where the database refuses it."""
        attempt = Attempt(self._database, batch, prepared, fingerprint, done, on_conflict, self._now)
        error: Exception | None = None
        for tries in range(ATTEMPTS):
            try:
                # Where nobody was in the way a moment ago, the keys decide.
                plan, after = attempt.run(looks=bool(tries) or on_conflict is not OnConflict.ERROR)
            except IntegrityError as refused:
                error = refused
            except (DatabaseError, TextNotStorable) as refused:
                if self._database.is_denied(refused):
                    raise
                error = refused
                break
            else:
                for entry, clashes in (*plan.skip, *plan.refuse):
                    for clash in clashes:
                        report(Problem(entry.number, clash.field, clash.reason))
                return after
        if len(batch) == 1:
            number = batch[0].number
            if isinstance(error, IntegrityError) and on_conflict is not OnConflict.ERROR:
                report(Problem(number, "", _reason(error)))
                return attempt.leave_out()
            raise ImportStopped(
                f"entry {number}: {self._database.name} refuses it: {_reason(error)}"
            ) from error
        for packed in batch:
            done = self._store([packed], None, fingerprint, done, on_conflict, report)
        return done


@dataclass(frozen=True, slots=True)
class Attempt:
    """One batch, and the transaction that writes it; ``prepared`` are its rows where all users are new."""

    database: Database
    batch: Sequence[Packed]
    prepared: Sequence[Prepared] | None
    fingerprint: str
    before: Progress
    on_conflict: OnConflict
    now: Clock

    def run(self, *, looks: bool) -> tuple[Plan, Progress]:
        """Write the batch, and how far the import is then; *looks*: see first who has what.

        Raises:
            IntegrityError: somebody has something of it, or has just got it.
            ImportStopped: somebody has, and that is an error.
        """
        is_new = self.prepared is not None and not looks
        batch = [] if is_new else [packed.unpack() for packed in self.batch]

        def work() -> tuple[Plan, Progress]:
            present = Existing()
            if looks:
                wanted = finding.wanted(each.account for each in batch)
                present = existing.find(self.database, wanted)
            plan = _plan(batch, present, self.on_conflict)
            if self.on_conflict is OnConflict.ERROR and plan.refuse:
                raise _stopped(*plan.refuse[0])
            if self.prepared is not None and (is_new or present == Existing()):
                bulk.insert(self.database, self.prepared)
            else:
                self._write(plan, present)
            after = self.before.plus(
                created=len(self.batch) if is_new else len(plan.create),
                updated=len(plan.update),
                skipped=len(plan.skip) + len(plan.refuse),
            )
            progress.write(self.database, self.fingerprint, self.before, after)
            return plan, after

        return self.database.transaction(work)

    def leave_out(self) -> Progress:
        """Write none of the batch, but that it is done."""
        after = self.before.plus(created=0, updated=0, skipped=len(self.batch))

        def work() -> None:
            progress.write(self.database, self.fingerprint, self.before, after)

        self.database.transaction(work)
        return after

    def _write(self, plan: Plan, present: Existing) -> None:
        now = self.now()
        new = NewRows(now)
        given: list[tuple[UUID, Any, UUID]] = []
        for entry in plan.create:
            account = entry.account
            rows = {
                each.address: present.email_ids[each.address]
                for each in account.emails
                if each.address in present.email_ids
            }
            user_id = new.add_account(account, email_ids=rows)
            given += [(rows[each.address], each, user_id) for each in account.emails if each.address in rows]
        if given:
            # Their users first: what nobody had is given to them.
            self._insert(new.take_users())
            for email_id, email, user_id in given:
                moment = email.times.updated_at or now
                if not updates.give_email(
                    email_id, user_id=user_id, is_verified=email.is_verified, now=moment
                ):
                    raise IntegrityError("the address has been taken")
                new.add_to_email(email_id, email)
        for entry, user_id in plan.update:
            email_ids: dict[str, Id] = {
                each.address: present.email_ids[each.address]
                for each in entry.account.emails
                if each.address in present.email_ids
            }
            if not update(entry.account, user_id, email_ids, new, now):
                raise IntegrityError("the user is gone, or an address has been taken")
        self._insert(new.rows)

    def _insert(self, rows: Rows) -> None:
        bulk.insert(self.database, bulk.prepare(self.database, rows))


def _plan(batch: Iterable[Entry], present: Existing, on_conflict: OnConflict) -> Plan:
    plan = Plan()
    for entry in batch:
        found = list(finding.clashes(entry.account, present))
        if not found:
            plan.create.append(entry)
        elif on_conflict is OnConflict.SKIP:
            plan.skip.append((entry, found))
        elif on_conflict is OnConflict.UPDATE and (owner := _only_owner(entry.account, found)):
            plan.update.append((entry, owner))
        else:
            plan.refuse.append((entry, found))
    return plan


def _only_owner(account: Account, found: Iterable[Clash]) -> UUID | None:
    """The one user whom an entry describes; None where what it has belongs to several, or to another."""
    owners = {clash.user_id for clash in found}
    if account.user_id is not None:
        owners.add(account.user_id)
    return owners.pop() if len(owners) == 1 else None


def _note(checked: Checked, plan: Plan, found: Examination, report: Report) -> None:
    """Add what was found about some entries to what was *found* before, and report it in their order."""
    problems = dict(checked.faults)
    for entry, clashes in plan.refuse:
        problems[entry.number] = [(clash.field, clash.reason) for clash in clashes]
    for number in sorted(problems):
        for name, reason in problems[number]:
            report(Problem(number, name, reason))
    found.entries += checked.count
    found.bad += len(problems)
    found.updated += len(plan.update)
    found.skipped += len(plan.skip)
    found.unknown += checked.unknown


def _stopped(entry: Entry, clashes: Sequence[Clash]) -> ImportStopped:
    words = "; ".join(f"{clash.field}: {clash.reason}" for clash in clashes)
    return ImportStopped(
        f"entry {entry.number}: {words}. It was free a moment ago: run the command again with --on-conflict"
        " skip or update, and it goes on from here"
    )


def _also(key: str, numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:SHOWN_ENTRIES])
    more = len(numbers) - SHOWN_ENTRIES
    return f"{key} is in several entries: {shown}{f' and {more} more' if more > 0 else ''}"


def _reason(error: Exception | None) -> str:
    """Why a row was refused, without the value: it may be a secret."""
    if isinstance(error, TextNotStorable):
        return "its text has characters that the encoding of the database lacks"
    if isinstance(error, IntegrityError):
        return "a unique key has something of it, or takes it for something that it has"
    return "a value does not fit its column"
