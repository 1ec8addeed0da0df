"""``users sessions`` and ``end-sessions``."""

from uuid import UUID

import click

from hanko_compat.cli.operator import confirm, opened, operator, user_argument, yes_option
from hanko_compat.cli.output import Column, Row, json_option, print_rows
from hanko_compat.cli.settings import Settings
from hanko_compat.errors import NotThere
from hanko_compat.services.paging import Condition, Query
from hanko_compat.services.sessions.records import SessionRecord, SessionRecords
from hanko_compat.storage.engine.database import Access

MOST = 1000
"""Sessions that are listed; ``session.limit``, by default five, keeps a user from having many."""

COLUMNS = (
    Column("id"),
    Column("status", is_coloured=True),
    Column("created_at", "logged in"),
    Column("last_used_at", "last used"),
    Column("expires_at", "expires"),
    Column("ip_address", "from"),
    Column("user_agent", "browser"),
)


@click.command("sessions")
@user_argument
@json_option
@click.pass_obj
def list_sessions(settings: Settings, *, user: str, as_json: bool) -> None:
    """List the sessions of a user, the latest first.

    Columns: id; active, expired or inactivity_reached; times (UTC) of the log-in, of the last use, of which
    one in some minutes is written down, and of the end; address and browser at the log-in. Sessions that were
    ended are not kept.
    """
    with opened(settings.load(), Access.READ) as services:
        found = _sessions(services.sessions.records, services.users.names.find(user))
    print_rows(COLUMNS, map(_row, found), as_json=as_json, nothing="the user has no session")


@click.command("end-sessions")
@user_argument
@click.option(
    "--session",
    "session_ids",
    metavar="ID",
    type=click.UUID,
    multiple=True,
    help="Only this one; may be given several times.",
)
@yes_option
@click.pass_obj
def end_sessions(settings: Settings, *, user: str, session_ids: tuple[UUID, ...], is_sure: bool) -> None:
    """End all sessions of a user, or some of them: their tokens are refused at once, by every server."""
    with opened(settings.load(), Access.WRITE) as services:
        records, user_id = services.sessions.records, services.users.names.find(user)
        there = {session.id for session in _sessions(records, user_id)}
        for session_id in session_ids:
            if session_id not in there:
                raise NotThere(f"the user has no session {session_id}: see `hanko-compat users sessions`")
        if not there:
            click.echo(f"user {user_id}: has no session")
            return
        number = len(set(session_ids)) or len(there)
        confirm(f"End {number} session{'' if number == 1 else 's'} of user {user_id}?", is_sure=is_sure)
        client = operator()
        if session_ids:
            for session_id in dict.fromkeys(session_ids):
                records.revoke(session_id, client=client)
        else:
            records.revoke_all(user_id, client=client)
    click.echo(f"user {user_id}: {number} session{' has' if number == 1 else 's have'} ended")


def _sessions(records: SessionRecords, user_id: UUID) -> list[SessionRecord]:
    query = Query((Condition("user_id", "eq", user_id),), order="created", descending=True, size=MOST)
    return list(records.list(query).items)


def _row(session: SessionRecord) -> Row:
    return {
        "id": session.id,
        "status": session.status,
        "created_at": session.created_at,
        "last_used_at": session.last_action_at,
        "expires_at": session.expires_at,
        "ip_address": session.ip_address,
        "user_agent": session.user_agent,
    }
