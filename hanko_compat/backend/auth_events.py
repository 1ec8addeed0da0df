"""Log-ins that servers report: lines of the audit log."""

from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.backend.answers import answer
from hanko_compat.backend.auth_events_schemas import AuthEvent, AuthEventCreateReq
from hanko_compat.backend.client_information import person
from hanko_compat.backend.user_path import of_user
from hanko_compat.context import services
from hanko_compat.web.body import body, returns

bp = Blueprint("auth_events", __name__)


@bp.post("/users/<user_id>/authEvents")
@returns(AuthEvent, errors=(401,))
@of_user
@body(AuthEventCreateReq)
def auth_event_create(user_id: UUID, data: dict[str, Any]) -> ResponseReturnValue:
    """Write a log-in of a user to the audit log (operationId AuthEventCreate)."""
    event = services().audit.auth_events.create(
        user_id,
        username=data["username"],
        type_=data["type"],
        method=data["method"],
        status=data["status"],
        client=person(data["client_information"]),
    )
    return answer(AuthEvent, event)
