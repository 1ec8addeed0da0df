"""Login identifiers: addresses, phone numbers and usernames of users."""

from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer, answer_page
from hanko_compat.backend.envelope import done
from hanko_compat.backend.paging import Column, id_of, listed, text
from hanko_compat.backend.schemas import (
    GenericRsp,
    Identifier,
    IdentifierCreateReq,
    IdentifierList,
    IdentifierUpdateReq,
)
from hanko_compat.backend.user_path import of_user
from hanko_compat.context import services
from hanko_compat.services.paging import Query
from hanko_compat.web.body import body, returns
from hanko_compat.web.client_address import client

bp = Blueprint("identifiers", __name__)

COLUMNS = {
    "userID": Column("user_id", id_of("user_id")),
    "identifierType": Column("type", text),
    "identifierValue": Column("value", text),
}


@bp.post("/users/<user_id>/identifiers")
@returns(Identifier, errors=(401, 409))
@of_user
@body(IdentifierCreateReq)
def identifier_create(user_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Give a user an identifier (operationId IdentifierCreate).

    As the primary one it takes that from the one of its type that was.
    """
    identifier = services().identifiers.create(
        user_id, type_=data["type"], value=data["value"], status=data["status"], client=client()
    )
    return answer(Identifier, identifier)


@bp.patch("/users/<user_id>/identifiers/<identifier_id>")
@returns(Identifier, errors=(401,))
@of_user
@body(IdentifierUpdateReq)
def identifier_update(user_id: UUID, identifier_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Set the status of an identifier (operationId IdentifierUpdate)."""
    identifier = services().identifiers.update(user_id, identifier_id, **data, client=client())
    return answer(Identifier, identifier)


@bp.delete("/users/<user_id>/identifiers/<identifier_id>")
@returns(GenericRsp, errors=(400, 401))
def identifier_delete(user_id: UUID, identifier_id: UUID) -> ResponseReturnValue:
    """Take an identifier from a user (operationId IdentifierDelete)."""
    services().identifiers.delete(user_id, identifier_id, client=client())
    return done()


@bp.get("/identifiers")
@returns(IdentifierList, errors=(400, 401))
@listed(COLUMNS)
def identifier_list(query: Query) -> ResponseReturnValue:
    """List the identifiers of all users (operationId IdentifierList)."""
    return answer_page("identifiers", Identifier, services().identifiers.list(query), query)
