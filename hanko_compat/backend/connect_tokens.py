"""Connect tokens: for one operation each in a browser."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer, answer_page
from hanko_compat.backend.connect_tokens_schemas import (
    ConnectToken,
    ConnectTokenCreateReq,
    ConnectTokenList,
    ConnectTokenUpdateReq,
)
from hanko_compat.backend.envelope import done
from hanko_compat.backend.paging import Column, id_of, listed, milliseconds, moment, text
from hanko_compat.backend.schemas import GenericRsp
from hanko_compat.context import services
from hanko_compat.services.paging import Query
from hanko_compat.web.body import body, returns

bp = Blueprint("connect_tokens", __name__)

SHORTEST_NUMBER = 9  # digits; dates without hyphens have eight


def seconds(value: str) -> datetime:
    """Read a time as answers show it, in seconds since 1970, or as a date."""
    if not (value.isascii() and value.isdecimal() and len(value) >= SHORTEST_NUMBER):
        return moment(value)
    return milliseconds(f"{value}000")


COLUMNS = {
    "token": Column("id", id_of("connect_token_id")),
    "tokenType": Column("type", text),
    "status": Column("status", text),
    "expires": Column("expires", seconds),
}


@bp.post("/connectTokens")
@returns(ConnectToken, errors=(401,))
@body(ConnectTokenCreateReq)
def connect_token_create(data: dict[str, Any]) -> ResponseReturnValue:
    """Make a token, and tell its secret, this once (operationId ConnectTokenCreate)."""
    lifetime = data["lifetime"]
    token = services().connect_tokens.create(
        type_=data["type"],
        **data["data"],
        lifetime=None if lifetime is None else timedelta(seconds=lifetime),
    )
    return answer(ConnectToken, token)


@bp.get("/connectTokens")
@returns(ConnectTokenList, errors=(400, 401))
@listed(COLUMNS)
def connect_token_list(query: Query) -> ResponseReturnValue:
    """List tokens without their secrets (operationId ConnectTokenList)."""
    return answer_page("connectTokens", ConnectToken, services().connect_tokens.list(query), query)


@bp.patch("/connectTokens/<connect_token_id>")
@returns(GenericRsp, errors=(401,))
@body(ConnectTokenUpdateReq)
def connect_token_update(connect_token_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Set the status of a token (operationId ConnectTokenUpdate)."""
    services().connect_tokens.update(connect_token_id, **data)
    return done()


@bp.delete("/connectTokens/<connect_token_id>")
@returns(GenericRsp, errors=(400, 401))
def connect_token_delete(connect_token_id: UUID) -> ResponseReturnValue:
    """Delete a token (operationId ConnectTokenDelete)."""
    services().connect_tokens.delete(connect_token_id)
    return done()
