"""Session checks, for backends that don't verify tokens by themselves."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.public.answers import answer
from hanko_compat.public.body import body
from hanko_compat.public.schemas import ValidateSessionRequest, ValidateSessionResponse
from hanko_compat.public.session import find_session, take_back
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.web.body import returns

bp = Blueprint("sessions", __name__)


@bp.get("/sessions/validate")
@returns(ValidateSessionResponse, headers=("Set-Cookie",))
def validate_session() -> ResponseReturnValue:
    """Check the session of the cookie or the bearer token (operationId validateSession).

    200 in any case; ``is_valid`` is the answer. This is no use of the session: it may go idle all the same.
    """
    try:
        session = find_session(services().sessions.live.inspect)
    except SessionInvalid as error:
        return _refuse(error)
    return _answer(session)


@bp.post("/sessions/validate")
@returns(ValidateSessionResponse, headers=("Set-Cookie",))
@body(ValidateSessionRequest)
def validate_session_token(data: dict[str, Any]) -> ResponseReturnValue:
    """Check the session of a token in the body (operationId validateSessionToken).

    200 in any case; ``is_valid`` is the answer. This counts as a use of the session.
    """
    try:
        session = services().sessions.live.authenticate(data["session_token"])
    except SessionInvalid as error:
        return _refuse(error)
    return _answer(session)


def _refuse(error: SessionInvalid) -> ResponseReturnValue:
    response = answer(ValidateSessionResponse, {"is_valid": False})
    if error.was_idle:
        take_back(response)
    return response


def _answer(session: SessionInfo) -> ResponseReturnValue:
    valid = {
        "is_valid": True,
        "claims": session,
        "user_id": session.user_id,
        "expiration_time": session.expires_at,
        "idle_expires_at": session.idle_expires_at,
    }
    return answer(ValidateSessionResponse, valid)
