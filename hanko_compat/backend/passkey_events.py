"""Notes on passkeys: what servers want to remember of a user's, without any effect."""

from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer, answer_page
from hanko_compat.backend.envelope import done
from hanko_compat.backend.paging import Column, listed, moment, text
from hanko_compat.backend.passkey_events_schemas import (
    PasskeyEvent,
    PasskeyEventCreateReq,
    PasskeyEventList,
)
from hanko_compat.backend.schemas import GenericRsp
from hanko_compat.backend.user_path import of_user
from hanko_compat.context import services
from hanko_compat.services.paging import Query
from hanko_compat.web.body import body, returns

bp = Blueprint("passkey_events", __name__)

COLUMNS = {
    "created": Column("created", moment, operators=()),  # to sort by only
    "eventType": Column("type", text),
}


@bp.post("/users/<user_id>/passkeyEvents")
@returns(PasskeyEvent, errors=(401,))
@of_user
@body(PasskeyEventCreateReq)
def passkey_event_create(user_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Add a note on a user's passkeys (operationId PasskeyEventCreate)."""
    type_ = data.pop("type")
    return answer(PasskeyEvent, services().passkeys.events.create(user_id, type_=type_, **data))


@bp.get("/users/<user_id>/passkeyEvents")
@returns(PasskeyEventList, errors=(400, 401))
@of_user
@listed(COLUMNS)
def passkey_event_list(user_id: UUID, query: Query) -> ResponseReturnValue:
    """List the notes on a user's passkeys (operationId PasskeyEventList)."""
    page = services().passkeys.events.list(user_id, query)
    return answer_page("passkeyEvents", PasskeyEvent, page, query)


@bp.delete("/users/<user_id>/passkeyEvents/<passkey_event_id>")
@returns(GenericRsp, errors=(400, 401))
def passkey_event_delete(user_id: UUID, passkey_event_id: UUID) -> ResponseReturnValue:
    """Delete a note on a user's passkeys (operationId PasskeyEventDelete)."""
    services().passkeys.events.delete(user_id, passkey_event_id)
    return done()
