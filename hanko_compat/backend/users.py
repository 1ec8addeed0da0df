"""Users: created, read, changed, deleted, listed."""

from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer, answer_page
from hanko_compat.backend.envelope import done
from hanko_compat.backend.paging import Column, id_of, listed, moment, text
from hanko_compat.backend.schemas import (
    GenericRsp,
    User,
    UserAggregate,
    UserCreateReq,
    UserList,
    UserUpdateReq,
)
from hanko_compat.backend.user_path import of_user
from hanko_compat.context import services
from hanko_compat.services.paging import Query
from hanko_compat.web.body import body, returns
from hanko_compat.web.client_address import client

bp = Blueprint("users", __name__)

COLUMNS = {
    "id": Column("id", id_of("user_id")),
    "userID": Column("id", id_of("user_id")),
    "name": Column("name", text),
    "fullName": Column("name", text),
    "created": Column("created", moment),
    "updated": Column("updated", moment),
    "status": Column("status", text),
    "searchValue": Column("search_value", text, is_sortable=False, operators=("eq",)),
}


@bp.post("/users")
@returns(User, errors=(401, 409))
@body(UserCreateReq)
def user_create(data: dict[str, Any]) -> ResponseReturnValue:
    """Make a user (operationId UserCreate)."""
    return answer(User, services().users.records.create(**data, client=client()))


@bp.get("/users")
@returns(UserList, errors=(400, 401))
@listed(COLUMNS)
def user_list(query: Query) -> ResponseReturnValue:
    """List users with their identifiers (operationId UserList)."""
    return answer_page("users", UserAggregate, services().users.records.list(query), query)


@bp.get("/users/<user_id>")
@returns(User, errors=(400, 401))
def user_get(user_id: UUID) -> ResponseReturnValue:
    """Read a user (operationId UserGet)."""
    return answer(User, services().users.records.get(user_id))


@bp.patch("/users/<user_id>")
@returns(User, errors=(401,))
@of_user
@body(UserUpdateReq)
def user_update(user_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Change name or status of a user (operationId UserUpdate).

    All sessions end of a user who is not active any more.
    """
    return answer(User, services().users.records.update(user_id, **data, client=client()))


@bp.delete("/users/<user_id>")
@returns(GenericRsp, errors=(400, 401))
def user_delete(user_id: UUID) -> ResponseReturnValue:
    """Delete a user with everything that belongs to it (operationId UserDelete)."""
    services().users.records.delete(user_id, client=client())
    return done()
