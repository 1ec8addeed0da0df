"""Sessions of the public door: listed, and ended."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer_page
from hanko_compat.backend.envelope import done
from hanko_compat.backend.paging import Column, id_of, listed, milliseconds, moment, text
from hanko_compat.backend.schemas import GenericRsp
from hanko_compat.backend.sessions_schemas import Session, SessionList
from hanko_compat.context import services
from hanko_compat.services.paging import Query
from hanko_compat.web.body import returns
from hanko_compat.web.client_address import client

bp = Blueprint("sessions", __name__)

SHORTEST_NUMBER = 9  # digits; dates without hyphens have eight


def instant(value: str) -> datetime:
    """Read a time in either way that servers know: as a date, or as the milliseconds of answers."""
    is_number = value.isascii() and value.isdecimal() and len(value) >= SHORTEST_NUMBER
    return milliseconds(value) if is_number else moment(value)


COLUMNS = {
    "ID": Column("id", id_of("session_id")),
    "userID": Column("user_id", id_of("user_id")),
    "expires": Column("expires", instant),
    "lastAction": Column("last_action", instant),
    "created": Column("created", instant),
    # The last use is the last change of a session.
    "updated": Column("last_action", instant),
    "status": Column("status", text),
}


@bp.get("/sessions")
@returns(SessionList, errors=(400, 401))
@listed(COLUMNS)
def session_list(query: Query) -> ResponseReturnValue:
    """List the sessions of all users (operationId SessionList).

    Sessions that were ended by a log-out or revoked are not kept.
    """
    return answer_page("sessions", Session, services().sessions.records.list(query), query)


@bp.post("/sessions/<session_id>/revoke")
@returns(GenericRsp, errors=(400, 401))
def session_revoke(session_id: UUID) -> ResponseReturnValue:
    """End a session at once, at both doors (operationId SessionRevoke).

    One that has expired stays as it is.
    """
    services().sessions.records.revoke(session_id, client=client())
    return done()
