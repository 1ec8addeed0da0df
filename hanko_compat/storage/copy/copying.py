"""Copy a whole installation into an empty database, batch by batch, and verify that it has arrived.

Each batch is one transaction of the target, together with the note of how far the copy is. So a copy that was
interrupted goes on where it was, and no row is there twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from peewee import DatabaseError, DataError, IntegrityError

from hanko_compat.errors.database import CopyRefused, SchemaUnsupported, TextNotStorable
from hanko_compat.storage.copy import progress as copy_progress
from hanko_compat.storage.copy.progress import Progress
from hanko_compat.storage.copy.tables import BATCH, CopiedTable, Row, Tally, tables
from hanko_compat.storage.engine.database import Database
from hanko_compat.storage.models import HANKO_TABLES
from hanko_compat.storage.schema import catalogue, history, migrate

NOT_COPIED = ("saml_providers", "saml_idp_metadata")
"""Tables of Hanko 3 that nothing here reads."""

KEYS = "jwks"

AFRESH = "drop and create the target, and copy again"

Advance = Callable[[int], None]
"""Called with how many more rows are done."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A table that is the same in both databases."""

    table: str
    tally: Tally


class Copy:
    """A copy that is prepared: a new one, or one that is continued."""

    def __init__(self, source: Database, target: Database, copied: Sequence[CopiedTable]) -> None:
        self._source = source
        self._target = target
        self._tables = copied
        self._progress = copy_progress.read(target)

    @property
    def copied_rows(self) -> int:
        """How many rows have been copied."""
        return sum(self._progress[table.name].tally.rows for table in self._tables)

    def count_rows(self) -> int:
        """How many rows the source has."""
        return sum(table.count(self._source) for table in self._tables)

    def left_behind(self) -> list[str]:
        """Tables of the source with rows that are not copied."""
        present = _inspected(self._source).tables
        candidates = [CopiedTable(name, (), ()) for name in NOT_COPIED if name in present]
        return [table.name for table in candidates if table.count(self._source)]

    def copy_rows(self, advance: Advance) -> None:
        """Copy what is missing.

        Raises:
            CopyRefused: a row can't be read, or is refused by the target; the text names table and row.
            DatabaseUnavailable: one of the two does not answer. What is copied stays, to continue from.
        """
        for table in self._tables:
            progress = self._progress[table.name]
            while rows := table.read(self._source, after=progress.last_key):
                progress = self._progress[table.name] = self._store(table, rows, progress)
                advance(len(rows))

    def verify(self, advance: Advance) -> list[Verified]:
        """Read both databases once more, and compare each with what was copied.

        Raises:
            CopyRefused: they differ; the text names the tables.
        """
        verified = []
        changed: list[str] = []
        damaged: list[str] = []
        for table in self._tables:
            copied = self._progress[table.name].tally
            for database, differing in ((self._source, changed), (self._target, damaged)):
                if _tally(table, database, advance) != copied:
                    differing.append(table.name)
            verified.append(Verified(table.name, copied))
        if changed:
            raise CopyRefused(
                f"{self._source.name} was written to while it was copied ({', '.join(changed)}): stop every"
                f" server on it, {AFRESH}"
            )
        if damaged:
            raise CopyRefused(
                f"{self._target.name} does not hold what was copied into it ({', '.join(damaged)}): see that"
                f" nothing else writes to it, {AFRESH}"
            )
        return verified

    def finish(self) -> None:
        """Let the target be served."""
        if self._target.dialect == "postgres":
            with self._target.connection():
                # The rows brought their numbers along, so the sequence has given out none.
                self._target.peewee.execute_sql(
                    "SELECT setval(pg_get_serial_sequence('jwks', 'id'), (SELECT max(id) FROM jwks))"
                )
        copy_progress.end(self._target)

    def _store(self, table: CopiedTable, rows: Sequence[Row], before: Progress) -> Progress:
        after = Progress(str(rows[-1][0]), before.tally.plus(rows))

        def store() -> None:
            copy_progress.write(self._target, table.name, before, after)
            table.insert(self._target, rows)

        try:
            self._target.transaction(store)
        except (DatabaseError, TextNotStorable) as error:
            if len(rows) == 1:
                raise CopyRefused(
                    f"{self._target.name} refuses the row {after.last_key} of {table.name}: {_reason(error)}"
                ) from error
            # One by one, to find the row that is refused.
            for row in rows:
                before = self._store(table, [row], before)
            return before
        return after


def prepare(source: Database, target: Database, *, batch: int = BATCH) -> Copy:
    """Check that *source* can be copied into *target*, and make the tables there.

    A target is empty, or holds the beginning of a copy of the same installation, known by a table of its own.
    No more than *batch* rows are held in memory at a time.

    Raises:
        CopyRefused: it can't; the text says why.
    """
    if _place(source) == _place(target):
        raise CopyRefused(f"--from and --to name the same database, {source.name}")
    every = tables(has_whole_seconds=target.dialect == "mysql", batch=batch)
    copied = _those_of(source, every)
    fingerprint = _fingerprint(source, every)
    begun = copy_progress.find_source(target)
    if begun is None:
        _require_empty(target, every, fingerprint)
    elif begun != fingerprint:
        raise CopyRefused(
            f"{target.name} holds an unfinished copy of another installation, or of this one before its"
            f" signing keys changed: {AFRESH}"
        )
    migrate.up(target)
    copy_progress.begin(target, source=fingerprint, tables=[table.name for table in copied])
    return Copy(source, target, copied)


def _place(database: Database) -> tuple[object, ...]:
    """Where *database* is, by its URL."""
    peewee_database = database.peewee
    if database.dialect == "sqlite":
        return (Path(peewee_database.database).resolve(),)
    server = peewee_database.connect_params
    default = 5432 if database.dialect == "postgres" else 3306
    host, port = server.get("host", "localhost"), server.get("port", default)
    return (database.dialect, host, port, server.get("unix_socket"), peewee_database.database)


def _those_of(source: Database, every: Sequence[CopiedTable]) -> Sequence[CopiedTable]:
    """The tables that *source* has, which must be an installation that could be served."""
    if source.dialect == "sqlite" and not Path(source.peewee.database).is_file():
        raise CopyRefused(f"there is no file {source.peewee.path}")
    layout = _inspected(source)
    if layout.owner == "nobody":
        raise CopyRefused(f"{source.name} holds no installation: neither Hanko nor hanko_compat made tables")
    if catalogue.UNFINISHED_COPY in layout.tables:
        raise CopyRefused(f"{source.name} is an unfinished copy itself: finish that one first")
    if layout.tenants > 1:
        raise CopyRefused(
            f"{source.name} holds {layout.tenants} tenants of Hanko 3, which may share an address; only a"
            " database with a single tenant can be copied"
        )
    if not layout.pending:
        return every
    if layout.owner == "hanko" and history.TABLE not in layout.tables:
        return every[: len(HANKO_TABLES)]  # our own tables were never made there, and are not needed
    raise CopyRefused(
        f"the schema of {source.name} lacks {', '.join(layout.pending)}; run `hanko-compat migrate up` on it"
        " first"
    )


def _require_empty(target: Database, every: Sequence[CopiedTable], fingerprint: str) -> None:
    """See that *target* is empty, or has our tables without a row."""
    layout = _inspected(target)
    if layout.owner == "hanko":
        raise CopyRefused(
            f"Hanko owns the schema of {target.name}: name an empty database, which gets tables of our own"
        )
    counts = {table.name: table.count(target) for table in every if table.name in layout.tables}
    used = [f"{name}: {count}" for name, count in counts.items() if count]
    if counts.get(KEYS) and _fingerprint(target, every) == fingerprint:
        raise CopyRefused(
            f"{target.name} holds this very installation: it is the same database, or the copy is finished"
        )
    if used:
        raise CopyRefused(f"{target.name} is in use, it has rows ({', '.join(used)}): name an empty database")


def _inspected(database: Database) -> catalogue.Layout:
    try:
        return catalogue.inspect(database)
    except SchemaUnsupported as error:
        raise CopyRefused(f"{database.name}: {error}") from error


def _fingerprint(database: Database, every: Sequence[CopiedTable]) -> str:
    """What identifies an installation: its signing keys, which are random."""
    keys = next(table for table in every if table.name == KEYS)
    content = [row for rows in keys.read_all(database) for row in rows]
    return sha256(repr(content).encode()).hexdigest()


def _tally(table: CopiedTable, database: Database, advance: Advance) -> Tally:
    tally = Tally()
    for rows in table.read_all(database):
        tally = tally.plus(rows)
        advance(len(rows))
    return tally


def _reason(error: DatabaseError | TextNotStorable) -> str:
    """Why a row was refused, without the value: it may be a token."""
    if isinstance(error, TextNotStorable):
        return "its text has characters that the encoding of the target lacks; make that one with UTF-8"
    if isinstance(error, IntegrityError):
        return "a unique or a foreign key forbids it; it takes two texts for one, or the source is written to"
    if isinstance(error, DataError):
        return "a value does not fit its column"
    return _first_line(error)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
