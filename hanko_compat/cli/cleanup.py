"""``hanko-compat cleanup``: delete rows past their time now, rather than by the schedule."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import click

from hanko_compat import wiring
from hanko_compat.cli.operator import confirm, opened, yes_option
from hanko_compat.cli.output import Column, Table, json_option
from hanko_compat.cli.settings import Settings
from hanko_compat.config.durations import format_duration, parse_duration
from hanko_compat.errors import OperatorError
from hanko_compat.services.clean_up.clean_up import Cleaned
from hanko_compat.services.clean_up.kinds import AUDIT_LOG
from hanko_compat.services.clean_up.schedule import NAME
from hanko_compat.services.leases import Lease
from hanko_compat.storage.engine.database import Access

COLUMNS = (Column("kind"), Column("rows", is_number=True), Column("kept"))

PAUSE = 1.0
"""Seconds between two attempts to begin while another process cleans up."""


class Length(click.ParamType[timedelta]):
    """A length of time as in the configuration."""

    name = "duration"

    def convert(
        self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Read it."""
        if isinstance(value, timedelta):
            return value
        try:
            length = parse_duration(value)
        except ValueError:
            length = timedelta(-1)
        if length < timedelta(0):
            self.fail(f"{value!r} is not a duration, try 24h or 5m", param, ctx)
        return length


@click.command()
@click.option("--dry-run", is_flag=True, help="Delete nothing, and say how much there is to delete.")
@click.option(
    "--older-than",
    type=Length(),
    metavar="DURATION",
    help="Delete what has been past its time for so long, such as 24h. [default: a time for each kind]",
)
@click.option("--audit-log", is_flag=True, help="Also delete audit rows older than audit_log.retention.")
@yes_option
@json_option
@click.pass_obj
def cleanup(
    settings: Settings,
    *,
    dry_run: bool,
    older_than: timedelta | None,
    audit_log: bool,
    is_sure: bool,
    as_json: bool,
) -> None:
    """Delete rows past their time: challenges, passcodes, tokens, sessions and so on.

    Servers and workers do that by themselves, one of them at a time, every hanko_compat.cleanup.interval.
    This command does all of it now, in small steps between which others write; while a server cleans up, it
    waits. It may be interrupted, and run again.

    Columns: the kind, how many rows of it were deleted, and how long they are kept after their time. A minute
    is the least, for users and addresses a day.

    On a database that Hanko owns no user and no address is deleted.
    """
    config = settings.load()
    told = [AUDIT_LOG] if audit_log else []
    if audit_log and config.audit_log.retention is None:
        raise click.UsageError("audit_log.retention has no duration, so audit rows are kept for ever")
    with opened(config, Access.READ if dry_run else Access.WRITE) as services:
        clean_up = services.clean_up.runs
        if dry_run:
            show(clean_up.look(kept=older_than, told=told), verb="would be deleted", as_json=as_json)
            return
        if older_than is not None or audit_log:
            ask(clean_up.look(kept=older_than, told=told), is_sure=is_sure)
        with lease_of(services) as lease:
            done = clean_up.run(kept=older_than, told=told, may_go_on=lease.keep)
            if not lease.keep():
                raise OperatorError("another process has taken over: run `hanko-compat cleanup` again")
    show(done, verb="deleted", as_json=as_json)


def ask(found: Sequence[Cleaned], *, is_sure: bool) -> None:
    """Ask before anything is deleted that somebody may want."""
    lost = ", ".join(f"{each.name}: {each.rows}" for each in found if each.is_data and each.rows)
    if lost:
        confirm(f"Delete rows that somebody may want ({lost})?", is_sure=is_sure)


@contextmanager
def lease_of(services: wiring.Services) -> Iterator[Lease]:
    """The lease of the schedule; waits while another process has it."""
    lease, has_said = Lease(services.database, NAME, now=services.now), False
    while not lease.take(may_be_early=True):
        if not has_said:
            click.echo("another process cleans up at present; waiting until it has ended", err=True)
            has_said = True
        time.sleep(PAUSE)
    due_at = lease.due_at()
    try:
        yield lease
    finally:
        lease.give_back(due_at=due_at)


def show(done: Sequence[Cleaned], *, verb: str, as_json: bool) -> None:
    """Print a line for each kind, and the sum."""
    rows = [{"kind": each.name, "rows": each.rows, "kept": format_duration(each.kept)} for each in done]
    Table(COLUMNS, as_json=as_json).print(rows)
    if not as_json:
        click.echo(f"{sum(each.rows for each in done):,} rows {verb}")
