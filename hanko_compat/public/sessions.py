"""Sessions: checked, for backends that don't verify tokens by themselves; and one's own listed and ended."""

from typing import Any

from flask import Blueprint, make_response
from flask.typing import ResponseReturnValue

from hanko_compat.context import services
from hanko_compat.errors.sessions import SessionInvalid
from hanko_compat.public.answers import answer, answer_list
from hanko_compat.public.body import body
from hanko_compat.public.path_ids import id_in
from hanko_compat.public.schemas import SessionResponse, ValidateSessionRequest, ValidateSessionResponse
from hanko_compat.public.session import find_session, take_back, take_back_on_failure, with_session
from hanko_compat.services.sessions.live import SessionInfo
from hanko_compat.web.allowed import allowed
from hanko_compat.web.body import returns
from hanko_compat.web.client_address import client

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


# Unlike Hanko 2.7.0, which has no such paths: users see their sessions, and end them.
@bp.get("/sessions")
@returns(SessionResponse(many=True), errors=(404,))
@allowed(lambda **_: services().sessions.own.check_listing_allowed())
@with_session
def list_sessions(session: SessionInfo) -> ResponseReturnValue:
    """List one's own sessions, the newest first (operationId listSessions).

    Those that have expired, were ended, or were idle for too long are not among them. 404 unless
    ``session.show_on_profile`` is on.
    """
    return answer_list(SessionResponse, services().sessions.own.list(session))


@bp.delete("/sessions")
@returns(None, status=204, errors=(404,))
@allowed(lambda **_: services().sessions.own.check_ending_allowed())
@with_session
def end_other_sessions(session: SessionInfo) -> ResponseReturnValue:
    """End all of one's own sessions but the one of this request (operationId endOtherSessions).

    Their tokens are refused from now on. POST /logout ends this one. 404 unless ``session.allow_revocation``
    is on.
    """
    services().sessions.own.end_others(session, client=client())
    return "", 204


@bp.delete("/sessions/<id>")
@returns(None, status=204, headers=("Set-Cookie",), errors=(400, 404))
@allowed(lambda **_: services().sessions.own.check_ending_allowed())
@with_session
def end_session(id: str, session: SessionInfo) -> ResponseReturnValue:  # noqa: A002 - the path's name
    """End one of one's own sessions (operationId endSession).

    Its token is refused from now on. To end the one of this request is a log-out. 404 for one that has ended
    already, and unless ``session.allow_revocation`` is on.
    """
    session_id = id_in(id)
    is_current = session_id == session.session_id
    if is_current:
        take_back_on_failure()
    services().sessions.own.end(session, session_id, client=client())
    response = make_response("", 204)
    if is_current:
        take_back(response)
    return response


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
