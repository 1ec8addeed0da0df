"""``hanko-compat audit``: what the audit log has of whom."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import click

from hanko_compat.cli.moments import MOMENT
from hanko_compat.cli.operator import opened
from hanko_compat.cli.output import Column, Row, Table, json_option
from hanko_compat.cli.settings import Settings
from hanko_compat.errors.database import DatabaseUnavailable
from hanko_compat.services.audit.reading import AuditEntry, AuditLogReader, Follower, Wanted
from hanko_compat.storage.engine.database import Access

LIMIT = 100
PAUSE = 1.0  # seconds between two looks
SHARE = 20
"""Of so many parts of the time one is spent on looks, where a database takes long for each."""

COLUMNS = (
    Column("created_at", "time"),
    Column("type"),
    Column("user_id", "user"),
    Column("email", "address"),
    Column("source_ip", "from"),
    Column("error"),
    Column("details"),
)
OFF = "note: audit_log.storage.enabled is false, so servers write no rows; what is listed here is older"


@click.command()
@click.option(
    "--user",
    metavar="USER",
    help="Only events of this user: an id, which may be that of a deleted user, an address or a username.",
)
@click.option(
    "--type", "types", metavar="TYPE", multiple=True, help="Only such events; may be given several times."
)
@click.option(
    "--since",
    type=MOMENT,
    metavar="TIME",
    help="From then on: 2026-01-31, 2026-01-31T12:00:00Z, 90m, 12h, 7d.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0, max=10_000),
    help=f"The latest, up to so many.  [default: {LIMIT}; all with --since]",
)
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens, until interrupted.")
@json_option
@click.pass_obj
def audit(
    settings: Settings,
    *,
    user: str | None,
    types: tuple[str, ...],
    since: datetime | None,
    limit: int | None,
    follow: bool,
    as_json: bool,
) -> None:
    """List events of the audit log, the oldest first.

    Columns: time (UTC), type, id of the user, address, IP address of the client, why it failed, and details.
    With --json there are the browser and the id of the request, too.

    The log is the table audit_logs, which servers write where audit_log.storage.enabled is true. On a
    database that Hanko owns `migrate indexes` makes looking for the latest events quick.
    """
    config = settings.load()
    if not config.audit_log.storage.enabled:
        click.echo(OFF, err=True)
    with opened(config, Access.READ) as services:
        user_id = None if user is None else services.users.names.find_former(user)
        wanted, reader = Wanted(user_id, types, since), services.audit.reading
        # Before the list is read: what comes meanwhile is in one of both.
        follower = reader.follow(wanted) if follow else None
        found = _listed(reader, wanted, limit)
        table = Table(COLUMNS, as_json=as_json)
        if follower is None:
            if not table.print(map(_row, found)) and not as_json:
                click.echo("there is no such event", err=True)
            return
        with suppress(KeyboardInterrupt):
            table.print(_row(follower.note(entry)) for entry in found)
            go_on(follower, lambda new: table.print(map(_row, new)))


def go_on(
    follower: Follower,
    show: Callable[[Iterable[AuditEntry]], Any],
    *,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Show what comes, until something interrupts *pause*; a database that is away is waited for."""
    is_away = False
    while True:
        begin = time.monotonic()
        try:
            for new in follower.look():
                show(new)
            is_away = False
        except DatabaseUnavailable as error:
            if not is_away:
                click.echo(
                    f"the database does not answer, waiting for it: {error.__cause__ or error}", err=True
                )
            is_away = True
        pause(max(PAUSE, SHARE * (time.monotonic() - begin)))


def _listed(reader: AuditLogReader, wanted: Wanted, limit: int | None) -> Iterator[AuditEntry]:
    if limit is None and wanted.since is not None:
        return reader.all(wanted)
    return reader.latest(wanted, at_most=LIMIT if limit is None else limit)


def _row(entry: AuditEntry) -> Row:
    return {
        "id": entry.id,
        "created_at": entry.created_at,
        "type": entry.type,
        "error": entry.error,
        "user_id": entry.user_id,
        "email": entry.email,
        "source_ip": entry.source_ip,
        "user_agent": entry.user_agent,
        "request_id": entry.request_id,
        "details": _details(entry.details),
    }


def _details(text: str | None) -> Any:
    """What the column holds; as text where somebody wrote no JSON."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return text
